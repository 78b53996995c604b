"""The books: grades.csv, grades.json, feedback for each learner, Gradescope, JUnit, the class."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from ..journal import write
from ..rows import FIELDS, Row

__all__ = ["write_books"]

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at a cell's beginning (OWASP, CSV injection)."""


def write_books(rows: Sequence[Row], out: Path, exercises: Path) -> None:
    """Write every book to `out`, each file whole or not at all."""
    write(out / "grades.csv", as_csv(rows))
    write(out / "grades.json", json.dumps([row.json() for row in rows], indent=1))


def as_csv(rows: Sequence[Row]) -> str:
    """`student,exercise,state,points,max_points,note`, a line a row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    for row in rows:
        cells = [row.student, row.exercise, row.state]
        cells += [f"{row.points:g}", f"{row.max_points:g}", " ".join(row.note.split())]
        writer.writerow([f"'{one}" if one.startswith(FORMULA) else one for one in cells])
    return text.getvalue()
