"""A report: as a learner reads it, and through JSON and back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from labsupport.grading.report import WIDTH, Report, Result

PASSED = Result("blank", "dispatches on a blank line", 2, "passed")
FAILED = Result(
    "ends",
    "treats CRLF, LF and CR alike",
    3,
    "failed",
    fed=r'b"data: a\r", b"\n\r\n"',
    expected="[Event(data='a')]",
    got="[Event(data='a'), Event(data='')]",
    next="The \\r ended chunk 1; its \\n opened chunk 2. You counted two line ends. Drop the one "
    "that opens a chunk.",
    cause="half a newline",
    section="Half a newline",
    picture="| ####    |\n|     ####|",
)
WAITS = Result("bytes", "survives one byte at a time", 1, "not tried")
REPORT = Report(2, "Decode a stream", "partial", (PASSED, FAILED, WAITS), output="printed")


def test_a_report_reads_as_the_course_shows_it() -> None:
    assert REPORT.text().splitlines() == [
        "Exercise 2 · Decode a stream                                        1 of 3",
        "",
        " ✓  dispatches on a blank line",
        " ✗  treats CRLF, LF and CR alike",
        r'      fed       b"data: a\r", b"\n\r\n"',
        "      expected  [Event(data='a')]",
        "      got       [Event(data='a'), Event(data='')]",
        r"      next      The \r ended chunk 1; its \n opened chunk 2. You counted",
        "                two line ends. Drop the one that opens a chunk.",
        "      | ####    |",
        "      |     ####|",
        " ·  survives one byte at a time      not tried: the check above comes first",
    ]
    assert repr(REPORT) == REPORT.text()
    assert len(REPORT.text().splitlines()[0]) == WIDTH


def test_the_points_are_those_of_what_passed() -> None:
    assert (REPORT.points, REPORT.max_points) == (2, 6)
    assert [result.earned for result in REPORT.results] == [2, 0, 0]


def test_the_first_that_failed_is_the_one_to_explain() -> None:
    second = replace(FAILED, key="second")
    assert replace(REPORT, results=(PASSED, FAILED, second)).failed == FAILED
    assert replace(REPORT, results=(PASSED, WAITS)).failed is None


def test_of_a_hidden_check_only_its_title_and_what_to_do_are_said() -> None:
    lines = replace(FAILED, hidden=True).lines()
    assert lines[0] == " ✗  treats CRLF, LF and CR alike"
    assert lines[1].startswith("      next      The \\r ended chunk 1;")
    assert len(lines) == 3


def test_what_is_empty_has_no_line_and_what_was_not_tried_may_say_why() -> None:
    assert Result("a", "is", 1, "failed", got="it").lines() == [" ✗  is", "      got       it"]
    assert replace(WAITS, next="there was no time left").lines() == [
        " ·  survives one byte at a time      not tried: there was no time left"
    ]


def test_lines_that_came_with_a_value_stay_lines_and_long_words_are_broken() -> None:
    lines = Result("a", "is", 1, "failed", got="one\n\nthree " + "x" * 100).lines()
    assert lines[1:3] == ["      got       one", " " * 16]
    assert lines[3].startswith("                three xxx")
    assert all(len(line) <= WIDTH for line in lines)
    assert "".join(lines).count("x") == 100


def test_a_note_is_said_at_the_end() -> None:
    assert replace(REPORT, note="A cell raised.").text().endswith("\n\nA cell raised.\n")


def test_what_an_answer_printed_is_never_in_the_text() -> None:
    assert "printed" not in REPORT.text()


def test_a_title_of_any_length_keeps_its_count() -> None:
    assert "x" * 99 + "1 of 3" in replace(REPORT, title="x" * 99).text()


@pytest.mark.parametrize(
    "report", [REPORT, Report(1, "Any", "not graded", note="KeyError"), replace(REPORT, title="ü")]
)
def test_a_report_goes_through_json_and_back(report: Report) -> None:
    told = json.loads(json.dumps(report.json()))
    again = Report.from_json(told)
    assert (again, again.output) == (report, report.output)
    assert (told["points"], told["max_points"]) == (report.points, report.max_points)


def test_what_was_printed_makes_no_other_report() -> None:
    assert replace(REPORT, output="something else") == REPORT
