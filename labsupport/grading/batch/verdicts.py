"""What the grading notebooks call: one submission's verdict, read from grades.json.

Nothing of a submission runs here; the report was made when the class was graded.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import UsageError
from .rows import Row

METADATA = "labsupport"
"""The key of the structured report in an output's metadata."""


class Verdict:
    """A row, shown as the check cell shows a report; its report rides in the metadata."""

    def __init__(self, row: Row) -> None:
        self.row = row

    def __repr__(self) -> str:
        report = self.row.report
        if self.row.state == "full" and report:
            return replace(report, note="").text()  # what was odd and did no harm costs nothing
        # Full marks are the only verdict that begins with the report: an answer cannot imitate it.
        head = f"{self.row.state}: {self.row.points:g} of {self.row.max_points:g} points"
        return f"{head}\n\n{report.text() if report else self.row.note}"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """What Jupyter shows, and keeps."""
        return {"text/plain": repr(self)}, {METADATA: self.row.json()}


def verdicts(out: str | Path, exercise: str) -> Callable[[str], Verdict]:
    """A function that gives a student's verdict on an exercise.

    Arguments:
        out: the folder that `grade` wrote. exercise: the notebook's name without suffix.

    Raises `UsageError` if there is no grades.json; the function, if the student has no row.
    """
    path = Path(out) / "grades.json"
    if not path.is_file():
        raise UsageError(
            expected=f"grades.json in {out}", got="none", next="Keep grading/ where grade put it."
        )
    told = json.loads(path.read_text(encoding="utf-8"))
    rows = {one["student"]: one for one in told if one["exercise"] == exercise}

    def verdict(student: str) -> Verdict:
        if student not in rows:
            raise UsageError(
                expected=f"a row of {student!r} for {exercise}",
                got="none",
                next="Grade the class again; that writes this notebook again too.",
            )
        return Verdict(Row.from_json(rows[student]))

    return verdict
