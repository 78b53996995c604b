"""What a grading notebook's cell gives: the row that `grade` wrote, and no other.

How nbval takes it: `test_books_notebooks.py`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from labsupport.errors import UsageError
from labsupport.grading.batch.rows import Row
from labsupport.grading.batch.verdicts import METADATA, Verdict, verdicts
from labsupport.grading.report import Report, Result

ONE, TWO = "01_measure_the_wait", "02_decode_a_stream"
REPORT = Report(2, "Decode a stream", "full", (Result("a", "is right", 3, "passed"),), "a note")
FULL = Row("ada", TWO, "full", 3, 3, "a note", "key", REPORT)


def written(folder: Path, *rows: Row) -> Path:
    told = json.dumps([row.json() for row in rows])
    (folder / "grades.json").write_text(told, encoding="utf-8")
    return folder


def test_a_verdict_is_of_its_student_and_its_exercise(tmp_path: Path) -> None:
    other = replace(FULL, exercise=ONE, state="missing", points=0.0, report=None)
    out = written(tmp_path, other, FULL, replace(FULL, student="Zoë"))
    assert verdicts(out, TWO)("ada").row == FULL
    assert verdicts(str(out), ONE)("ada").row == other
    with pytest.raises(UsageError) as caught:
        verdicts(out, ONE)("Zoë")
    assert str(caught.value) == (
        f"expected a row of 'Zoë' for {ONE}, got none. "
        "Next: Grade the class again; that writes this notebook again too."
    )


def test_full_marks_read_the_same_for_all_whatever_was_noted() -> None:
    assert repr(Verdict(FULL)) == replace(REPORT, note="").text()


def test_anything_else_begins_with_its_state_and_not_with_a_report() -> None:
    cut = replace(FULL, state="crashed", points=1.5)
    assert repr(Verdict(cut)) == f"crashed: 1.5 of 3 points\n\n{REPORT.text()}"
    liar = replace(FULL, state="unreadable", points=0.0, note=REPORT.text(), report=None)
    assert repr(Verdict(liar)) == f"unreadable: 0 of 3 points\n\n{REPORT.text()}"


def test_the_row_rides_in_the_metadata() -> None:
    data, metadata = Verdict(FULL)._repr_mimebundle_(include=None, exclude=None)
    assert data == {"text/plain": repr(Verdict(FULL))}
    assert Row.from_json(json.loads(json.dumps(metadata[METADATA]))) == FULL


def test_books_that_are_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"got none\. Next: Keep grading/ where grade put it\.$"):
        verdicts(tmp_path, TWO)
