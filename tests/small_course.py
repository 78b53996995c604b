"""A course of two small exercises in a folder of its own, and a worker that needs no sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from labsupport.grading.answer import Answer, here
from labsupport.grading.batch.pool import Worker
from labsupport.grading.exercise import load
from labsupport.grading.judging import judge

GREET, ADD = "01_greet_a_guest", "02_add_the_bill"

CHECKS = {
    GREET: """
from labsupport.grading import Exercise, expect

exercise = Exercise(1, "Greet a guest", answers=("greet",), lesson="01_feel_the_wait.ipynb")


def greeted(answer, guest):
    expect(answer.call("greet", guest), f"Hello, {guest}!", fed=guest, next="Return the words.")


@exercise.check("greets Ada", points=1, section="Say hello")
def ada(answer, random):
    greeted(answer, "Ada")


@exercise.check("greets everybody", points=2, needs=("ada",))
def everybody(answer, random):
    greeted(answer, "Zoë")
""",
    ADD: """
from labsupport.grading import Exercise, expect

exercise = Exercise(2, "Add the bill", answers=("add",))


@exercise.check("adds", points=4)
def adds(answer, random):
    expect(answer.call("add", [1, 2]), 3, next="Add them up.")
""",
}
HIDDEN = """
from checks.e01_greet_a_guest import greeted
from labsupport.grading import Checks

checks = Checks()


@checks.check("greets strangers", points=3)
def strangers(answer, random):
    greeted(answer, "somebody of the secret list")
"""

IMPORTS = "from labsupport.grading import check\nHELLO = 'Hello'"
RIGHT = "def greet(guest):\n    return f'{HELLO}, {guest}!'"
HALF = "def greet(guest):\n    return 'Hello, Ada!'"
STUB = "def greet(guest):\n    raise NotImplementedError('write greet()')"
SUM = "def add(prices):\n    return sum(prices)"


def make(folder: Path) -> Path:
    """Make the course in `folder`; returns its `exercises`, with a stub of each."""
    exercises = folder / "exercises"
    for name, source in CHECKS.items():
        put(exercises / "checks" / f"e{name}.py", source)
    put(exercises / "instructor" / "hidden" / f"e{GREET}.py", HIDDEN)
    put(exercises / "instructor" / "solutions" / f"{GREET}.ipynb", exercise(RIGHT))
    put(exercises / f"{GREET}.ipynb", exercise(STUB))
    put(exercises / f"{ADD}.ipynb", exercise(STUB.replace("greet", "add"), imports=""))
    return exercises


def put(path: Path, data: str | bytes = "") -> Path:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def cell(id: Any, source: Any, kind: str = "code", **more: Any) -> dict[str, Any]:
    """A cell of a notebook."""
    return {"cell_type": kind, "id": id, "metadata": {}, "source": source, **more}


def notebook(cells: Sequence[Any], **more: Any) -> str:
    """A notebook of format 4.5 as text."""
    told = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}
    return json.dumps(told)


def exercise(answer: str, imports: str = IMPORTS) -> str:
    """The notebook of an exercise with this answer in it."""
    cells = [cell("title", "# An exercise", "markdown"), cell("imports", imports)]
    cells += [cell("answer", answer), cell("scratch", "1 / 0"), cell("check", "check(1)")]
    return notebook(cells)


def write(exercises: Path, greet: str = "", add: str = "") -> None:
    """Write answers, as a learner does."""
    for name, answer in ((GREET, greet), (ADD, add)):
        if answer:
            put(exercises / f"{name}.ipynb", exercise(answer))


class Plain:
    """Plays the `Worker`: runs harmless answers in this process. Counts itself and its jobs."""

    def __init__(self, *, caged: bool = False) -> None:
        self.caged, self.stopped = caged, False
        self.jobs: list[dict[str, Any]] = []

    def judge(self, job: dict[str, Any]) -> dict[str, Any] | None:
        """The report, as it would come out of a pipe."""
        self.jobs.append(job)
        asked = load(job["exercise"], Path(job["exercises"]), hidden=job["hidden"])
        report = judge(asked, lambda: defined(job["cells"]), seed=job["seed"])
        told: dict[str, Any] = json.loads(json.dumps(report.json()))
        return told

    def stop(self) -> None:
        """It has nothing to end."""
        self.stopped = True


@contextmanager
def defined(cells: Sequence[str]) -> Iterator[Answer]:
    """What these cells define, in this process."""
    names: dict[str, Any] = {}
    for source in cells:
        exec(source, names)
    with here(names) as answer:
        yield answer


class Workers:
    """Makes workers, and knows all that it made."""

    def __init__(self, kind: type[Plain] = Plain) -> None:
        self.kind = kind
        self.made: list[Plain] = []

    def __call__(self, *, caged: bool = False) -> Worker:
        self.made.append(self.kind(caged=caged))
        return cast(Worker, self.made[-1])

    @property
    def judged(self) -> list[str]:
        """The exercises that were judged, in order."""
        return [job["exercise"] for worker in self.made for job in worker.jobs]
