"""Answers for the benchmark: the course's own right and wrong ones, handed in by made students."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from labsupport.authoring.wrong_answers import wrong_answers

EXERCISES = Path(__file__).parents[3] / "exercises"
INSTRUCTOR = EXERCISES / "instructor"


@cache
def sources(kind: str, name: str) -> list[str]:
    """The right or wrong answers of the course to an exercise; of stubs there are none."""
    if kind == "wrong":
        return [one.source for one in wrong_answers(EXERCISES, name)]
    found = sorted((INSTRUCTOR / kind / name).glob("*.py"))
    return [path.read_text(encoding="utf-8") for path in found]


@cache
def cells(name: str) -> dict[str, str]:
    """The cells of the stub."""
    told = json.loads((EXERCISES / f"{name}.ipynb").read_text(encoding="utf-8"))
    return {one["id"]: "".join(one["source"]) for one in told["cells"]}


def unlike(source: str, number: int) -> str:
    """The same answer in other bytes."""
    return f"# answer {number}\n{source}"


def hand_in(folder: Path, student: str, name: str, source: str) -> None:
    """The exercise's notebook with this answer."""
    told = json.loads((EXERCISES / f"{name}.ipynb").read_text(encoding="utf-8"))
    for one in told["cells"]:
        if one["id"] == "answer":
            one["source"] = source
    (folder / student).mkdir(parents=True, exist_ok=True)
    (folder / student / f"{name}.ipynb").write_text(json.dumps(told), encoding="utf-8")


def job_of(name: str, source: str) -> dict[str, Any]:
    """A job for a worker, as `grade` gives it."""
    told = {"exercise": name, "exercises": str(EXERCISES), "cells": [source], "key": ""}
    return {**told, "seed": 0, "hidden": True, "seconds": 120.0}
