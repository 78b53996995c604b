"""`python -m labsupport check` and `grade`: the judge from a terminal."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import get_args

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ..errors import UsageError
from .batch.grade import Run, grade, names, pool
from .batch.outputs import write_books
from .batch.pool import Worker
from .batch.rows import Row
from .cell import course
from .exercise import load
from .progress import Standing, progress
from .release import KEPT_BACK, release
from .report import Report, State
from .sandbox import bubblewrap
from .submission import cell, take


def check(wanted: argparse.Namespace) -> int:
    """Judge one saved notebook by the visible checks."""
    path: Path = wanted.notebook
    exercises = course(path.resolve().parent)
    name = next((one for one in names(exercises) if one[:2] == path.stem[:2]), path.stem)
    exercise = load(name, exercises)  # also of a copy by another name
    taken = take(path, cell(exercises / f"{name}.ipynb", "imports"))
    worker = Worker(caged=not bubblewrap.trouble())
    try:
        told = worker.judge(
            {
                "key": "",
                "exercise": name,
                "exercises": str(exercises),
                "cells": taken.cells,
                "seed": 0,
                "hidden": False,
                "seconds": exercise.seconds * 2,
            }
        )
    finally:
        worker.stop()
    if told is None:
        raise UsageError(
            expected="a judging that ends", got="none", next="Run it again; then tell us."
        )
    report = Report.from_json(told)
    out = Console(file=sys.stdout, highlight=False, markup=False, soft_wrap=True, emoji=False)
    out.print(json.dumps(report.json(), indent=2) + "\n" if wanted.json else report.text(), end="")
    if taken.note and not wanted.json:
        out.print(f"\nnote: {taken.note}")
    return 0 if report.state == "full" else 1


def run_grade(wanted: argparse.Namespace) -> int:
    """Grade a class."""
    exercises = wanted.exercises or course()
    if wanted.jobs < 1:
        raise UsageError(expected="--jobs of 1 or more", got=str(wanted.jobs), next="Leave it out.")
    caged = wanted.sandbox == "bwrap"
    if caged and not wanted.scheduler and (trouble := bubblewrap.trouble()):
        raise UsageError(
            expected="a sandbox for strangers' code",
            got=trouble,
            next="Install it, or say --sandbox none if you trust every answer.",
        )
    if not (exercises / "instructor" / "hidden").is_dir():
        raise UsageError(
            expected=f"the instructor's files in {exercises / 'instructor'}",
            got="none",
            next="Grade with the instructor's copy of the course; `check` needs no hidden checks.",
        )
    err = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
    with Progress(
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
        console=err,
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None)

        def show(row: Row, done: int, all: int) -> None:
            words = f"{row.student} {row.exercise[:2]} {row.state}"
            bar.update(task, completed=done, total=all, description=words)

        rows = grade(
            wanted.submissions,
            wanted.out,
            exercises,
            only=wanted.only,
            seed=wanted.seed,
            fresh=wanted.fresh,
            run=_run(wanted, caged),
            progress=show,
        )
    write_books(rows, wanted.out, exercises)
    out = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    out.print(_summary(rows), soft_wrap=True)
    out.print(
        f"{len(rows)} rows in {wanted.out / 'grades.csv'}; the class: {wanted.out}/class.html"
    )
    return 1 if any(row.state == "not graded" for row in rows) else 0


def run_release(wanted: argparse.Namespace) -> int:
    """Make the learners' copy."""
    copied = release(wanted.dest, course().parent)
    out = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    out.print(f"{len(copied)} files in {wanted.dest}, without {KEPT_BACK[0]}", soft_wrap=True)
    return 0


def run_progress(wanted: argparse.Namespace) -> int:
    """Say how far the learner has come."""
    out = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    found: list[Standing] = []
    with ExitStack() as stack:

        def worker() -> Worker:
            made = Worker(caged=not bubblewrap.trouble())
            stack.callback(made.stop)
            return made

        for standing in progress(course(), worker):
            found.append(standing)
            if not wanted.json:
                out.print(standing.line(), soft_wrap=True)
    if wanted.json:
        out.print(json.dumps([asdict(one) for one in found], indent=2), soft_wrap=True)
    else:
        done, most = sum(one.points for one in found), sum(one.max_points for one in found)
        out.print(f"\n{done:g} of {most:g} points with the visible checks")
    return 0 if all(one.state == "done" for one in found) else 1


def _run(wanted: argparse.Namespace, caged: bool) -> Run:
    if wanted.scheduler:
        from .batch.cluster import cluster

        return cluster(wanted.scheduler, caged=caged)
    return pool(wanted.jobs, caged=caged)


def _summary(rows: list[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    used = [state for state in get_args(State) if any(row.state == state for row in rows)]
    table.add_column("exercise", no_wrap=True)
    for state in used:
        table.add_column(state, justify="right")
    table.add_column("mean", justify="right")
    for name in sorted({row.exercise for row in rows}):
        own = [row for row in rows if row.exercise == name]
        count = Counter(row.state for row in own)
        mean = sum(row.points for row in own) / len(own)
        most = max(row.max_points for row in own)
        table.add_row(name, *(str(count[one] or "") for one in used), f"{mean:.1f} of {most:g}")
    return table
