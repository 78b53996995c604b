"""How far a learner has come: each exercise's notebook, judged by the visible checks.

What was judged is kept in `.progress.json` beside the notebooks, so that only what changed is
judged again, and a run that was interrupted goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import LabError
from .batch.grade import mark, names
from .batch.journal import write
from .batch.pool import Worker
from .batch.rows import digest
from .exercise import load
from .report import Report
from .submission import cell, take

KEPT = ".progress.json"


@dataclass(frozen=True)
class Standing:
    """One exercise: its name, what to call it, points, and what comes next.

    `state` is `done`, `begun`, `not begun` or `unreadable`.
    """

    exercise: str
    title: str
    state: str
    points: float
    max_points: float
    next: str = ""

    def line(self) -> str:
        """One line for a person."""
        sign = {"done": "✓", "begun": "◐", "not begun": "·", "unreadable": "✗"}[self.state]
        score = f"{self.points:g} of {self.max_points:g}"
        return f" {sign}  {self.exercise[:2]}  {self.title:34} {score:>10}   {self.next}".rstrip()


def progress(exercises: Path, worker: Callable[[], Worker]) -> Iterator[Standing]:
    """The standing of each exercise, in order, each as soon as it is known.

    `worker` makes one when something must be judged; the caller stops it.
    """
    kept = _kept(exercises / KEPT)
    made: Worker | None = None
    for name in names(exercises):
        exercise = load(name, exercises)
        path = exercises / f"{name}.ipynb"
        try:
            cells = take(path, cell(path, "imports")).cells
        except LabError as error:
            yield Standing(name, exercise.title, "unreadable", 0, exercise.points, str(error))
            continue
        key = digest(cells, mark(name, exercises, hidden=False))
        if key not in kept:
            made = made or worker()
            job = {"key": key, "exercise": name, "exercises": str(exercises), "cells": cells}
            seconds = exercise.seconds * 2
            told = made.judge({**job, "seed": 0, "hidden": False, "seconds": seconds})
            report = Report.from_json(told) if told else None
            if report is None or report.state == "not graded":  # our fault: tried again next time
                made = made if report else None  # it may still say something about this one
                yield Standing(name, exercise.title, "begun", 0, exercise.points, "not judged")
                continue
            kept[key] = report
            reports = {key: one.json() for key, one in kept.items()}
            write(exercises / KEPT, json.dumps(reports))
        yield _standing(name, kept[key])


def _standing(name: str, report: Report) -> Standing:
    failed = report.failed
    state = "done" if report.state == "full" else "begun"
    if failed and failed.cause == "NotImplementedError" and not report.points:
        state = "not begun"
    next = f"next: {failed.title}" if failed and state == "begun" else ""
    return Standing(name, report.title, state, report.points, report.max_points, next)


def _kept(path: Path) -> dict[str, Report]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {key: Report.from_json(one) for key, one in told.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):  # by another version, say
        return {}
