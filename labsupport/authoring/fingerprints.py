"""Judge the course's wrong answers and keep what each one looks like: fingerprints.json.

    python -m labsupport.authoring.fingerprints [02 05 ...]

Run it after a check or a wrong answer has changed. Each wrong answer of
exercises/instructor/wrong/NN_topic/ is judged as `grade` judges, hidden checks included. Exercises
that are not named keep what the file says of them; those that are gone go. The file is replaced
whole or not at all.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ..errors import BenchError, LabError
from ..grading.batch.journal import write
from ..grading.batch.outputs.wrong import FILE, as_json
from ..grading.batch.pool import Job, judge_all
from ..grading.cell import course
from ..grading.exercise import load
from ..grading.report import Report
from ..grading.sandbox import bubblewrap
from .wrong_answers import wrong_answers

Told = Callable[[str, int, int], None]
"""Called with what was judged, how many are judged now, and how many will be."""


def refresh(
    exercises: Path,
    only: Sequence[str] = (),
    *,
    jobs: int = 2,
    progress: Told = lambda name, done, all: None,
) -> list[str]:
    """Write fingerprints.json anew; returns the names of the exercises that were judged.

    Arguments:
        exercises: the course's folder. only: numbers of the exercises to judge; all if empty.
        jobs: how many to judge at once. progress: is called after each.

    Raises `BenchError` if an answer could not be judged; the file is then as it was.
    """
    folder = exercises / "instructor" / "wrong"
    found = there(exercises)
    chosen = [name for name in found if not only or name[:2] in only]
    says = {n: {one.name: one.says for one in wrong_answers(exercises, n)} for n in chosen}
    made = json.loads(as_json(judged(exercises, chosen, jobs=jobs, progress=progress), says))
    kept = json.loads(_read(folder / FILE))
    whole = {name: made.get(name, kept.get(name)) for name in found}
    told = {name: own for name, own in whole.items() if own}
    write(folder / FILE, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    return chosen


def there(exercises: Path) -> list[str]:
    """The exercises that have checks, hidden ones too, and wrong answers: others are unfinished."""
    folder = exercises / "instructor"
    names = [path.name for path in (folder / "wrong").glob("[0-9][0-9]_*")]
    checked = [exercises / "checks", folder / "hidden"]
    whole = [n for n in names if all((place / f"e{n}.py").is_file() for place in checked)]
    return sorted(name for name in whole if wrong_answers(exercises, name))


def judged(
    exercises: Path,
    names: Sequence[str],
    *,
    jobs: int = 2,
    progress: Told = lambda name, done, all: None,
) -> dict[str, dict[str, Report]]:
    """For each of these exercises the report on each wrong answer, by its file's name."""
    todo = [job for name in names for job in _jobs(exercises, name)]
    reports: dict[str, dict[str, Report]] = {name: {} for name in names}

    def done(job: Job, told: dict[str, Any] | None, trouble: str) -> None:
        report = Report.from_json(told) if told else None
        if report is None or report.state == "not graded":
            raise BenchError(
                expected=f"a report on {job['key']}",
                got=report.note if report else trouble,
                next="Mend the check that the note names, and run this again.",
            )
        name, _, wrong = job["key"].partition("/")
        reports[name][wrong] = report
        progress(job["key"], sum(map(len, reports.values())), len(todo))

    judge_all(todo, done, workers=jobs, caged=not bubblewrap.trouble())
    return reports


def _jobs(exercises: Path, name: str) -> list[Job]:
    exercise = load(name, exercises, hidden=True)
    return [
        {
            "key": f"{name}/{wrong.name}",
            "exercise": name,
            "exercises": str(exercises.resolve()),
            "cells": [wrong.source],
            "seed": 0,
            "hidden": True,
            "seconds": exercise.seconds * 2 + 60,
        }
        for wrong in wrong_answers(exercises, name)
    ]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else "{}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns 0, or 1 if something could not be judged."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("numbers", nargs="*", metavar="NN", help="exercises to judge; default: all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at once")
    wanted = parser.parse_args(arguments)
    err = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
    columns = (
        TextColumn("judging"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    try:
        with Progress(*columns, console=err, transient=True) as bar:
            task = bar.add_task("", total=None)
            names = refresh(
                course(),
                wanted.numbers,
                jobs=wanted.jobs,
                progress=lambda name, done, all: bar.update(
                    task, description=name, completed=done, total=all
                ),
            )
    except LabError as error:
        err.print(str(error), soft_wrap=True)
        return 1
    out = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    out.print(f"{FILE}: {', '.join(names) or 'no wrong answers'}", soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
