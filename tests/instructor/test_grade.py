"""Grading a class: no row is lost or doubled, nothing is judged twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from scratch_course import NAME, RIGHT, hand_in, journal

from labsupport.errors import UsageError
from labsupport.grading.batch.grade import grade
from labsupport.grading.batch.pool import Job
from labsupport.grading.batch.rows import Row
from labsupport.grading.report import Report

Done = Callable[[Job, dict[str, Any] | None, str], None]


class Judges:
    """Plays the pool: every answer is right, and what was judged is counted."""

    def __init__(self, state: str = "full", most: int = 10**6) -> None:
        self.state, self.most, self.count = state, most, 0

    def __call__(self, jobs: Sequence[Job], done: Done) -> None:
        for job in jobs:
            if self.count == self.most:
                raise KeyboardInterrupt
            self.count += 1
            report = Report(2, "Decode a stream", self.state).json()  # type: ignore[arg-type]
            done(job, report if self.state == "full" else None, "our fault")


def rows_of(rows: list[Row]) -> list[tuple[str, str, float]]:
    return [(row.student, row.state, row.points) for row in rows]


def test_what_was_judged_is_not_judged_again(course: Path, submissions: Path) -> None:
    out, judges = course.parent / "out", Judges()
    first = grade(submissions, out, course, run=judges)
    assert judges.count == 6
    written = (out / "journal.jsonl").read_bytes()
    assert grade(submissions, out, course, run=judges) == first
    assert judges.count == 6
    assert (out / "journal.jsonl").read_bytes() == written


def test_only_what_changed_is_judged_again(course: Path, submissions: Path) -> None:
    out, judges = course.parent / "out", Judges()
    grade(submissions, out, course, run=judges)
    hand_in(submissions, "s3", f"# another\n{RIGHT}")
    hand_in(submissions, "new", f"# new\n{RIGHT}")
    assert len(grade(submissions, out, course, run=judges)) == 7
    assert judges.count == 8
    grade(submissions, out, course, run=judges, seed=1)
    assert judges.count == 15
    checks = next((course / "checks").glob("e02*.py"))
    checks.write_text(checks.read_text(encoding="utf-8") + "\n# new\n", encoding="utf-8")
    grade(submissions, out, course, run=judges)
    assert judges.count == 22


def test_the_same_answer_twice_is_judged_once_and_has_two_rows(
    course: Path, submissions: Path
) -> None:
    hand_in(submissions, "twin", f"# 0\n{RIGHT}")
    judges = Judges()
    rows = grade(submissions, course.parent / "out", course, run=judges)
    assert (len(rows), judges.count) == (7, 6)


def test_our_own_failure_is_tried_again(course: Path, submissions: Path) -> None:
    out = course.parent / "out"
    rows = grade(submissions, out, course, run=Judges("not graded"))
    assert {(row.state, row.points, row.note) for row in rows} == {("not graded", 0.0, "our fault")}
    again = Judges()
    assert {row.state for row in grade(submissions, out, course, run=again)} == {"full"}
    assert again.count == 6


@pytest.mark.parametrize("most", range(7))
def test_a_run_that_was_interrupted_goes_on_where_it_was(
    course: Path, submissions: Path, most: int
) -> None:
    out, judges = course.parent / "out", Judges(most=most)
    if most < 6:
        with pytest.raises(KeyboardInterrupt):
            grade(submissions, out, course, run=judges)
        assert len(journal(out)) == most
    judges.most = 100
    assert len(grade(submissions, out, course, run=judges)) == 6
    assert judges.count == 6
    assert len(journal(out)) == 6


@pytest.mark.parametrize(
    ("only", "rows"), [(["s1", "s4"], 2), ([NAME], 6), (["02"], 6), (["s1", "02"], 6)]
)
def test_only_some_are_graded(course: Path, submissions: Path, only: list[str], rows: int) -> None:
    assert len(grade(submissions, course.parent / "out", course, only=only, run=Judges())) == rows


def test_grading_some_again_loses_no_row_of_the_others(course: Path, submissions: Path) -> None:
    out, judges = course.parent / "out", Judges()
    (submissions / "none").mkdir()
    first = grade(submissions, out, course, run=judges)
    (submissions / "s1" / f"{NAME}.ipynb").unlink()
    hand_in(submissions, "s3", f"# another\n{RIGHT}")
    hand_in(submissions, "s4", f"# another\n{RIGHT}")
    again = grade(submissions, out, course, only=["s3"], run=Judges("not graded"))
    assert [row for row in again if row.student != "s3"] == [
        row for row in first if row.student != "s3"
    ]
    assert [row.state for row in again if row.student == "s3"] == ["not graded"]
    shutil.rmtree(submissions / "s5")
    rows = grade(submissions, out, course, only=["s3"], run=judges)
    assert rows_of(rows) == [row for row in rows_of(first) if row[0] != "s5"]
    assert judges.count == 7


def test_a_change_of_what_the_checks_stand_on_is_judged_anew(
    course: Path, submissions: Path
) -> None:
    out, judges = course.parent / "out", Judges()
    grade(submissions, out, course, run=judges)
    (course / "checks" / "words.py").write_text("# words\n")
    (course / "checks" / "e77_another.py").write_text("# another exercise\n")
    grade(submissions, out, course, run=judges)
    assert judges.count == 12
    (course / "checks" / "e77_another.py").write_text("# another exercise, changed\n")
    grade(submissions, out, course, run=judges)
    assert judges.count == 12


def test_fresh_judges_what_is_chosen_again_and_keeps_the_others(
    course: Path, submissions: Path
) -> None:
    out, judges = course.parent / "out", Judges()
    first = grade(submissions, out, course, run=judges)
    again = grade(submissions, out, course, only=["s3"], fresh=True, run=judges)
    assert rows_of(again) == rows_of(first)
    assert judges.count == 7


def test_nothing_to_grade_is_said(course: Path, submissions: Path) -> None:
    with pytest.raises(UsageError, match=r"expected submissions, got none in"):
        grade(submissions, course.parent / "out", course, only=["nobody"], run=Judges())


def test_progress_counts_up_to_all(course: Path, submissions: Path) -> None:
    (submissions / "late").mkdir()
    seen: list[tuple[int, int]] = []
    grade(
        submissions,
        course.parent / "out",
        course,
        run=Judges(),
        progress=lambda row, done, all: seen.append((done, all)),
    )
    assert seen == [(number, 7) for number in range(1, 8)]
