"""grades.csv for spreadsheets, and grades.json, from which every other book can be made.

grades.json is a list, a row each, by student and exercise:

    student, exercise   who, and the notebook's name without suffix (its whole name if unknown)
    state               full, partial, zero, timeout, crashed, flooded, missing, unreadable, or
                        not graded
    points, max_points  numbers
    note                one line for a person
    key                 what the judging hung on, as a hash; "" if nothing was judged
    report              null if nothing was judged, else
        exercise, title     its number and heading
        state, note, points, max_points
        output              what the answer printed in visible checks, cut; trust it with nothing
        results             a check each, in order
            key, title, points
            verdict         passed, failed, not tried
            hidden          true if a learner is spared all but `title` and `next`
            fed, expected, got, next, cause, section, picture   texts; "" where nothing is to say
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

from ..rows import FIELDS, Row
from .words import line

FORMULA = tuple("=+-@＝＋－＠")
"""What a spreadsheet takes for a formula at a cell's beginning (OWASP, CSV injection)."""
QUOTED = set(",;|\"'")
"""What a spreadsheet may take for a cell's end, in some country."""


def as_csv(rows: Sequence[Row]) -> str:
    """`student,exercise,state,points,max_points,note`, a line a row, in UTF-8.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    text = io.StringIO()
    for cells in (FIELDS, *map(_cells, rows)):
        text.write(",".join(map(_cell, cells)) + "\n")
    return text.getvalue()


def as_json(rows: Sequence[Row]) -> str:
    """The rows whole, as the head of this file says; each in one line."""
    return "[\n" + ",\n".join(json.dumps(row.json()) for row in rows) + "\n]\n"


def _cells(row: Row) -> list[str]:
    points = [f"{row.points:g}", f"{row.max_points:g}"]
    return [row.student, row.exercise, row.state, *points, " ".join(row.note.split())]


def _cell(text: str) -> str:
    text = line(text)
    if text.lstrip().startswith(FORMULA):
        text = f"'{text}"
    if QUOTED & set(text) or text != text.strip():
        text = '"' + text.replace('"', '""') + '"'
    return text
