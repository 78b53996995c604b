"""A course in a folder of its own: the second exercise, and the same once more in haste.

The checks are the course's own, copied. In the second copy only how long an answer may take is
changed, so that those who never end are soon done with.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

EXERCISES = Path(__file__).parents[2] / "exercises"
NAME, HASTE = "02_decode_a_stream", "52_decode_in_haste"
IMPORTS = "from labsupport import Event"

RIGHT = """
from labsupport import Decoder

def decode(chunks):
    decoder = Decoder()
    for chunk in chunks:
        yield from decoder.feed(chunk)
"""
NOTHING = """
def decode(chunks):
    for chunk in chunks:
        yield from ()
"""

SHORTER = """

from dataclasses import replace

{list}[:] = [replace(one, patience={patience}) for one in {list}]
"""


def make(folder: Path, *, seconds: float = 4.5, patience: float = 1.0) -> Path:
    """Make the course's folder below `folder`, and return it.

    Arguments:
        seconds: of a whole judging in haste; a third of it is for the cells of an answer.
        patience: seconds of each request then.
    """
    exercises = folder / "exercises"
    for place, list in (("checks", "exercise.checks"), ("instructor/hidden", "checks.checks")):
        (exercises / place).mkdir(parents=True)
        source = next((EXERCISES / place).glob("e02_*.py"))
        shutil.copy(source, exercises / place)
        text = source.read_text(encoding="utf-8") + SHORTER.format(list=list, patience=patience)
        if place == "checks":
            text += f"exercise.seconds = {seconds}\n"
        (exercises / place / f"e{HASTE}.py").write_text(text, encoding="utf-8")
    for kind in ("right", "wrong"):
        place = f"instructor/{kind}/{NAME}"
        shutil.copytree(EXERCISES / place, exercises / place)
    stub = "def decode(chunks):\n    raise NotImplementedError('write decode()')\n"
    for name in (NAME, HASTE):
        (exercises / f"{name}.ipynb").write_bytes(
            notebook([cell("imports", IMPORTS), answer(stub)])
        )
    return exercises


def cell(id: str, source: Any, kind: str = "code", **more: Any) -> dict[str, Any]:
    """A cell of a notebook."""
    made = {"cell_type": kind, "id": id, "metadata": {}, "source": source, **more}
    if kind == "code":
        made = {"outputs": [], "execution_count": None, **made}
    return made


def answer(source: str) -> dict[str, Any]:
    """The answer cell."""
    return cell("answer", source)


def notebook(cells: Sequence[dict[str, Any]], **more: Any) -> bytes:
    """A notebook of format 4.5 as a file's bytes."""
    told = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}
    return json.dumps(told).encode()


def hand_in(submissions: Path, student: str, source: str, exercise: str = NAME) -> Path:
    """Put an answer where a student would."""
    path = submissions / student / f"{exercise}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [cell("imports", IMPORTS), answer(source), cell("check", "check(2, decode=decode)")]
    path.write_bytes(notebook(cells))
    return path


def journal(out: Path) -> list[dict[str, Any]]:
    path = out / "journal.jsonl"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
