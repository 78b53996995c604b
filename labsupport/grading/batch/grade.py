"""Grade what a class handed in.

Rule 1: every submission gets a row, whatever it is. Rule 2: a row that is in the journal is not
lost, whenever the run is killed; the same command goes on from there. Rule 3: an answer that was
judged by the same checks is not judged again.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ...errors import LabError, UsageError
from ..exercise import Exercise, load
from ..report import Report
from ..submission import cell, take
from .collect import Submission, collect
from .journal import Journal
from .pool import Job, judge_all
from .rows import Row, digest, of_report

Progress = Callable[[Row, int, int], None]
"""Called with a row, how many there are now, and how many there will be."""

Run = Callable[[Sequence[Job], Callable[..., None]], None]
"""Judges jobs: the pool of this machine, or a cluster."""


def names(exercises: Path) -> list[str]:
    """The exercises that there are, as their notebooks are called."""
    return [path.stem for path in sorted(exercises.glob("[0-9][0-9]_*.ipynb"))]


def grade(
    submissions: Path,
    out: Path,
    exercises: Path,
    *,
    only: Sequence[str] = (),
    hidden: bool = True,
    seed: int = 0,
    fresh: bool = False,
    run: Run,
    progress: Progress = lambda row, done, all: None,
) -> list[Row]:
    """One row for each student and exercise, sorted; the journal in `out` has them too.

    Of what is handed in and not in `only`, the rows that the journal has are returned as they are.

    Arguments:
        submissions: see `collect`. out: folder for the journal. exercises: the course's folder.
        only: exercises or students (whole names, or an exercise's number) to grade; all if empty.
        hidden: with the hidden checks. seed: of what the checks draw.
        fresh: judge again what the journal has.
        run: judges the jobs.
        progress: is called with each row.

    Raises `UsageError` if there is nothing to grade, `BenchError` if the sandbox cannot be had.
    """
    known = {name: load(name, exercises, hidden=hidden) for name in names(exercises)}
    journal = Journal(out / "journal.jsonl")
    with tempfile.TemporaryDirectory() as folder:
        try:
            handed_in = collect(submissions, list(known), Path(folder))
            found = [one for one in handed_in if not only or _wanted(one, only)]
            if not found:
                raise UsageError(
                    expected="submissions",
                    got=f"none in {submissions}",
                    next="Lay them out as SUBMISSIONS/<student>/NN_topic.ipynb.",
                )
            others = {(one.student, one.exercise) for one in handed_in}
            others -= {(one.student, one.exercise) for one in found}
            kept = [Row.from_json(journal.rows[key]) for key in others & journal.rows.keys()]
            grading = _Grading(journal, known, exercises, seed, hidden, progress)
            if fresh:
                grading.forget()
            rows = grading.rows(found, run)
            return sorted(kept + rows, key=lambda row: (row.student, row.exercise))
        finally:
            journal.close()


class _Grading:
    def __init__(
        self,
        journal: Journal,
        known: dict[str, Exercise],
        exercises: Path,
        seed: int,
        hidden: bool,
        progress: Progress,
    ) -> None:
        self._journal, self._known, self._progress = journal, known, progress
        self._exercises, self._seed, self._hidden = exercises, seed, hidden
        self._marks = {name: mark(name, exercises, hidden) for name in known}
        self._imports = {n: cell(exercises / f"{n}.ipynb", "imports") for n in known}
        self._judged = {
            row["key"]: row["report"]
            for row in journal.rows.values()
            if row.get("key") and row.get("report") and row["state"] != "not graded"
        }
        self._rows: list[Row] = []
        self._all = 0

    def forget(self) -> None:
        """Take nothing for judged."""
        self._judged = {}

    def rows(self, found: list[Submission], run: Run) -> list[Row]:
        self._all = len(found)
        waiting: dict[str, list[tuple[Submission, str]]] = {}
        jobs: list[Job] = []
        for one in found:
            try:
                job, note = self._job(one)
            except LabError as error:
                self._add(self._plain(one, "unreadable", str(error)))
                continue
            if job is None:
                self._add(self._plain(one, "missing", "nothing was handed in"))
            elif job["key"] in self._judged:
                self._keep(one, Report.from_json(self._judged[job["key"]]), job["key"], note)
            elif job["key"] in waiting:  # the same answer twice: judged once
                waiting[job["key"]].append((one, note))
            else:
                waiting[job["key"]] = [(one, note)]
                jobs.append(job)

        def done(job: Job, told: dict[str, object] | None, trouble: str) -> None:
            title = self._known[job["exercise"]].title
            number = self._known[job["exercise"]].number
            report = (
                Report.from_json(told)
                if told
                else Report(number, title, "not graded", note=trouble)
            )
            for one, note in waiting[job["key"]]:
                self._keep(one, report, job["key"], note)

        run(jobs, done)
        return sorted(self._rows, key=lambda row: (row.student, row.exercise))

    def _job(self, one: Submission) -> tuple[Job | None, str]:
        if one.trouble:
            raise UsageError(expected="a notebook of an exercise", got=one.trouble, next=NEXT)
        if one.path is None:
            return None, ""
        taken = take(one.path, self._imports[one.exercise])
        key = digest(taken.cells, self._marks[one.exercise], self._seed)
        return {
            "key": key,
            "exercise": one.exercise,
            "exercises": str(self._exercises.resolve()),
            "cells": taken.cells,
            "seed": self._seed,
            "hidden": self._hidden,
            "seconds": self._known[one.exercise].seconds * 2 + 60,
        }, taken.note

    def _plain(self, one: Submission, state: str, note: str) -> Row:
        points = self._known[one.exercise].points if one.exercise in self._known else 0.0
        return Row(one.student, one.exercise, state, 0.0, points, note)  # type: ignore[arg-type]

    def _keep(self, one: Submission, report: Report, key: str, note: str) -> None:
        points = self._known[one.exercise].points
        self._add(of_report(one.student, one.exercise, report, points, key, note))

    def _add(self, row: Row) -> None:
        self._rows.append(row)
        self._journal.add(row.json())
        self._progress(row, len(self._rows), self._all)


NEXT = "Hand in NN_topic.ipynb as the course named it."


def pool(workers: int, *, caged: bool) -> Run:
    """Judge on this machine."""

    def run(jobs: Sequence[Job], done: Callable[..., None]) -> None:
        judge_all(jobs, done, workers=workers, caged=caged)

    return run


def mark(name: str, exercises: Path, hidden: bool) -> str:
    """What a judging hangs on besides the answer: the checks, as they are written now.

    Those of this exercise, and what stands beside them and is no other exercise's.
    """
    places = [exercises / "checks"] + [exercises / "instructor" / "hidden"] * hidden
    found = [
        path
        for place in places
        for path in sorted(place.glob("*.py"))
        if path.name.startswith(f"e{name[:2]}_") or not re.match(r"e\d\d_", path.name)
    ]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in found)).hexdigest()


def _wanted(one: Submission, only: Sequence[str]) -> bool:
    return one.student in only or one.exercise in only or one.exercise[:2] in only
