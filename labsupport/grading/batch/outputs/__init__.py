"""The books: grades.csv, grades.json, feedback for each learner, Gradescope, JUnit, the class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ....errors import LabError
from ...exercise import Exercise, load
from ..journal import write
from ..rows import Row
from . import classview, feedback, gradebook, gradescope, junit, notebooks
from .words import Plain
from .wrong import known

__all__ = ["write_books"]


def write_books(rows: Sequence[Row], out: Path, exercises: Path) -> None:
    """Write every book to `out`, each file whole or not at all.

    Arguments:
        rows: of the whole class, as `grade` returns them.
        out: the folder of the books; what else is in it stays.
        exercises: the course's folder; titles, lessons and named wrong answers are read from it.
    """
    plain = Plain(out, exercises)
    course = _course(rows, exercises)
    write(out / "grades.csv", gradebook.as_csv(rows))
    write(out / "grades.json", gradebook.as_json(rows))
    write(out / "junit.xml", junit.as_xml(rows))
    books = (
        feedback.pages(rows, course, plain),
        gradescope.files(rows, plain),
        notebooks.notebooks(rows),
    )
    for book in books:
        for name, text in book:
            write(out / name, text)
    write(out / "class.html", classview.page(rows, course, known(exercises)))


def _course(rows: Sequence[Row], exercises: Path) -> dict[str, Exercise]:
    """The exercises that the rows name; without those that are not there."""
    found = {}
    for name in sorted({row.exercise for row in rows}):
        try:
            found[name] = load(name, exercises)
        except LabError:
            continue  # a file that somebody handed in under a name of his own
    return found
