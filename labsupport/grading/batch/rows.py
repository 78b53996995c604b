"""One row a student and exercise: what the books are made of."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from ..report import Report, State


@dataclass(frozen=True)
class Row:
    """The outcome for one student and exercise.

    Arguments:
        student, exercise: who, and the notebook's name without suffix.
        state: one of `report.State`.
        points, max_points: earned, and to be had.
        note: one line for a person.
        key: what the judging hung on, as a hash; empty if nothing was judged.
        report: what the checks said; None if nothing was judged.
    """

    student: str
    exercise: str
    state: State
    points: float
    max_points: float
    note: str = ""
    key: str = ""
    report: Report | None = None

    def json(self) -> dict[str, Any]:
        """For the journal and `grades.json`."""
        told = {name: getattr(self, name) for name in FIELDS}
        return told | {"key": self.key, "report": self.report.json() if self.report else None}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Row:
        """The row again."""
        report = told.get("report")
        made = Report.from_json(report) if report else None
        return cls(**{name: told[name] for name in FIELDS}, key=told["key"], report=made)


FIELDS = ("student", "exercise", "state", "points", "max_points", "note")
"""The columns of `grades.csv`."""


def of_report(
    student: str, exercise: str, report: Report, points: float, key: str, note: str
) -> Row:
    """The row that a report makes. `points` are the most to be had, also if nothing was tried."""
    failed = report.failed
    said = [note, report.note, f"{failed.title}: {failed.next}" if failed else ""]
    earned = 0.0 if report.state == "not graded" else report.points
    return Row(
        student,
        exercise,
        report.state,
        earned,
        points,
        "; ".join(one for one in said if one),
        key,
        report,
    )


def digest(*parts: Any) -> str:
    """A hash of what a judging hangs on."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def file_name(student: str) -> str:
    """A student's name as a file's: no separators, no dots in front, another for another name.

    >>> file_name("ada"), file_name("../ada")
    ('ada', '_.._ada-60088279')
    """
    plain = re.sub(r"[^\w .@+-]", "_", student).strip()[:80]
    if plain == student and not plain.startswith(".") and plain:
        return plain
    mark = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"_{plain}-{mark}"
