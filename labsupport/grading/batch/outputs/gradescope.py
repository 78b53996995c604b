"""gradescope/<student>.json: what Gradescope reads as results.json, all exercises of a student.

Each test has both `score` and `max_score`: without the one, Gradescope shows none. Hidden checks
are shown once the grades are published. Every text is marked as plain, so that nothing in it is
taken for HTML or Markdown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ...report import Result
from ..rows import Row
from .places import places
from .words import STATES, Plain, line, oddity, told

FORMATS = {"output_format": "text", "test_output_format": "text", "test_name_format": "text"}


def files(rows: Sequence[Row], plain: Plain) -> Iterator[tuple[str, str]]:
    """A name and a text for each student."""
    place = places(row.student for row in rows)
    by_student = sorted(rows, key=lambda row: (row.student, row.exercise))
    for student, own in groupby(by_student, key=lambda row: row.student):
        yield f"gradescope/{place[student]}.json", _file(list(own), plain)


def _file(rows: list[Row], plain: Plain) -> str:
    said = [f"{line(row.exercise)}: {_said(row, plain)}" for row in rows]
    results: dict[str, Any] = {
        "score": sum(row.points for row in rows),
        "output": "\n".join(said),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        **FORMATS,
        "tests": [test for row in rows for test in _tests(row, plain)],
    }
    return json.dumps(results, indent=1) + "\n"


def _said(row: Row, plain: Plain) -> str:
    odd = oddity(row) if row.report and row.state != "not graded" else ""
    return STATES[row.state].name + (f" ({plain(odd)})" if odd else "")


def _tests(row: Row, plain: Plain) -> Iterator[dict[str, Any]]:
    results = row.report.results if row.report and row.state != "not graded" else ()
    words = STATES[row.state]
    if not results:
        output = f"{words.means}\n{words.next}"
        if row.state == "unreadable":
            output += f"\n\n{row.note}"
        yield _test(row, words.name, (0.0, row.max_points), "failed", plain(output))
    for result in results:
        score = (result.earned, result.points)
        status = "passed" if result.verdict == "passed" else "failed"
        test = _test(row, result.title, score, status, plain(_output(result)))
        yield test | ({"visibility": "after_published"} if result.hidden else {})


def _test(
    row: Row, name: str, score: tuple[float, float], status: str, output: str
) -> dict[str, Any]:
    return {
        "name": f"{line(row.exercise)}: {line(name)}",
        "score": score[0],
        "max_score": score[1],
        "status": status,
        "output": output,
        "visibility": "visible",
    }


def _output(result: Result) -> str:
    """The words of the check cell, without its first line, which is the name."""
    shown = told(result)
    text = "\n".join(one[6:] for one in shown.lines()[1:])
    lesson = f"\nLesson section: {shown.section}" if shown.section else ""
    if shown.verdict == "not tried":
        return f"not tried: {shown.next or 'the check above comes first'}"
    return text + lesson if shown.verdict == "failed" else ""
