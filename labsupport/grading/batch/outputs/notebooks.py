"""grading/NN_topic.ipynb: the class as a notebook that nbval validates.

One cell a submission. What is stored below a cell is the report of full marks; what the cell gives
when it runs is the report of that submission. So `pytest --nbval grading` shows a green cell for
full marks and a red one for anything else, and a red one's difference is what is missing. The
structured report rides in the output's metadata, which nbval does not compare.

Rule: nothing that a learner wrote is source. A name stands in a cell as a Python literal, in which
every character that could end it is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ...report import Report, Result
from ..rows import Row
from ..verdicts import METADATA
from .words import of_course

SETUP = """from labsupport.grading.batch.verdicts import verdicts

verdict = verdicts("..", {exercise!r})"""

TOP = """# {exercise}

{full} of {all} have full marks.

Below each cell stands what full marks look like, not what this submission got. Run all cells to \
read every report; or let nbval compare, here in this folder:

    pytest --nbval --nbval-current-env {exercise}.ipynb

A green cell is full marks. A red one shows what is missing."""


def notebooks(rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """A name and a notebook for each exercise of the course."""
    ours = [row for row in rows if of_course(row)]
    by_exercise = sorted(ours, key=lambda row: (row.exercise, row.student))
    for exercise, own in groupby(by_exercise, key=lambda row: row.exercise):
        yield f"grading/{exercise}.ipynb", _notebook(exercise, list(own))


def full_marks(rows: Sequence[Row]) -> str:
    """The report of an answer that passes every check that these rows have."""
    for row in rows:
        if row.report and row.report.results:
            passed = [
                Result(one.key, one.title, one.points, "passed", one.hidden)
                for one in row.report.results
            ]
            made = Report(row.report.exercise, row.report.title, "full", tuple(passed))
            return made.text()
    return "full marks; nobody's answer was judged\n"


def _notebook(exercise: str, rows: list[Row]) -> str:
    wanted = full_marks(rows)
    full = sum(row.state == "full" for row in rows)
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "markdown",
            "id": "top",
            "metadata": {},
            "source": TOP.format(exercise=exercise, full=full, all=len(rows)),
        },
        _code("setup", 1, SETUP.format(exercise=exercise), []),
    ]
    for number, row in enumerate(rows, 2):
        output = {
            "output_type": "execute_result",
            "execution_count": number,
            "data": {"text/plain": wanted},
            "metadata": {METADATA: row.json()},
        }
        cells.append(_code(f"row-{number - 1}", number, _source(row), [output]))
    told = {
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    # A line a cell: json.dumps with indent takes ten times as long, and a class is long enough.
    lines = ",\n".join(json.dumps(cell, ensure_ascii=False) for cell in cells)
    head = json.dumps(told, indent=1)[:-2]
    return f'{head},\n "cells": [\n{lines}\n ]\n}}\n'


def _source(row: Row) -> str:
    """`verdict('ada')`, and the outcome for one who reads before running."""
    return f"verdict({row.student!r})  # {row.state}, {row.points:g} of {row.max_points:g}"


def _code(name: str, number: int, source: str, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": number,
        "id": name,
        "metadata": {},
        "outputs": outputs,
        "source": source,
    }
