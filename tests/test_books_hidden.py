"""No input of a hidden check reaches a learner, whatever the answer does with what it is fed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from labsupport.errors import ProtocolError
from labsupport.grading import Answer, Checks, Exercise, expect
from labsupport.grading.batch.outputs import write_books
from labsupport.grading.batch.rows import of_report
from labsupport.grading.judging import NO_ANSWER, UNUSUAL, judge
from labsupport.grading.report import Report
from labsupport.grading.sandbox.pen import Pen

NAME = "02_decode_a_stream"
SECRET = "secret_input"
ECHO = 'def echo(text):\n    print("fed", text)\n    return text'
RAISES = """
def echo(text):
    print("fed", text)
    if text.startswith("secret"):
        raise ValueError(f"no {text}")
    return text
"""
NAMES_ITS_LINES = """
def echo(text):
    exec(f"def {text}(): raise KeyError('x')", names := {})
    return names[text]() if text.startswith("secret") else text
"""
NAMES_ITS_ERROR = """
def echo(text):
    if text.startswith("secret"):
        raise type(text, (Exception,), {})(text)
    return text
"""
DIES = """
print("defined")
def echo(text):
    print("fed", text)
    if text.startswith("secret"):
        import os; os._exit(1)
    return text
"""
DIES_FIRST = ECHO.replace("return text", "import os; os._exit(1)")
EVERYTHING = [ECHO, RAISES, NAMES_ITS_LINES, NAMES_ITS_ERROR, DIES]


@pytest.fixture(scope="module")
def pen(need_tool: Callable[[str], str]) -> Iterator[Pen]:
    need_tool("bwrap")
    with Pen() as pen:
        yield pen


def exercise(heard: str = "") -> Exercise:
    """Two visible checks, and two hidden ones that feed what nobody may know.

    The visible ones are over when the judge has heard so much of what is printed: it comes by a
    way of its own, and may be later than what is returned.
    """
    made, hidden = Exercise(2, "Echo", answers=("echo",)), Checks()

    def gives_it_back(answer: Answer, text: str) -> None:
        expect(answer.call("echo", text), text, next="Give it back.")

    @made.check("gives it back", points=1)
    def shown(answer: Answer, random: Random) -> None:
        gives_it_back(answer, "soup")

    @made.check("gives it back again", points=1)
    def shown_again(answer: Answer, random: Random) -> None:
        gives_it_back(answer, "bread")
        until = time.monotonic() + 20
        while heard not in answer.output() and time.monotonic() < until:
            time.sleep(0.01)

    @hidden.check("gives anything back", points=1)
    def unseen(answer: Answer, random: Random) -> None:
        gives_it_back(answer, SECRET)

    @hidden.check("gives more back", points=1)
    def unseen_again(answer: Answer, random: Random) -> None:
        gives_it_back(answer, f"{SECRET}_too")

    return made.joined(hidden)


def judged(pen: Pen, cell: str, heard: str = "") -> Report:
    return judge(exercise(heard), lambda: pen.answer([cell]))


def told(report: Report, folder: Path) -> str:
    """All that goes to the learner, and the grade book's line."""
    write_books([of_report("ada", NAME, report, 4.0, "key", "")], folder, folder)
    found = [*folder.glob("feedback/**/*.html"), *folder.glob("gradescope/*.json")]
    assert len(found) == 2
    texts = [path.read_text(encoding="utf-8") for path in (*found, folder / "grades.csv")]
    return "\n".join([*texts, report.text()])


@pytest.mark.parametrize("cell", EVERYTHING, ids="echo raises lines error dies".split())
def test_no_hidden_input_is_told(cell: str, pen: Pen, tmp_path: Path) -> None:
    assert SECRET not in told(judged(pen, cell), tmp_path)


def test_what_was_printed_in_visible_checks_is_kept(pen: Pen, tmp_path: Path) -> None:
    report = judged(pen, ECHO, heard="fed bread\n")
    assert report.state == "full"
    assert report.output == "fed soup\nfed bread\n"
    assert "fed soup" in told(report, tmp_path)


def test_a_fresh_answer_in_a_hidden_check_is_not_heard(pen: Pen) -> None:
    report = judged(pen, DIES, heard="fed bread\n")
    assert [one.verdict for one in report.results] == ["passed", "passed", "failed", "failed"]
    assert report.output == "defined\nfed soup\nfed bread\n"


def test_the_last_words_of_an_answer_that_died_in_a_visible_check_are_kept(pen: Pen) -> None:
    report = judged(pen, DIES_FIRST)
    assert report.state == "crashed"
    assert report.output == "fed soup\nfed bread\n"


def test_without_hidden_checks_all_that_was_printed_is_kept(pen: Pen) -> None:
    whole = exercise()
    whole.checks = [one for one in whole.checks if not one.hidden]
    assert judge(whole, lambda: pen.answer([ECHO])).output == "fed soup\nfed bread\n"


def test_the_instructor_reads_what_a_hidden_check_made_the_answer_raise(pen: Pen) -> None:
    failed = judged(pen, RAISES).failed
    assert failed
    assert (failed.next, failed.cause) == (UNUSUAL, "ValueError")
    assert f"ValueError: no {SECRET}. It came from echo, line 4: raise" in failed.got


def test_of_a_response_that_is_none_a_hidden_check_says_nothing(pen: Pen, tmp_path: Path) -> None:
    checks = Checks()

    @checks.check("speaks HTTP", points=4)
    def speaks(answer: Answer, random: Random) -> None:
        raise ProtocolError(expected="HTTP/1.1", got=SECRET, next=f"Look at {SECRET}.")

    bare = Exercise(2, "Echo", answers=("echo",)).joined(checks)
    report = judge(bare, lambda: pen.answer([ECHO]))
    assert SECRET not in told(report, tmp_path)
    assert report.failed
    assert report.failed.next == NO_ANSWER
    assert report.failed.got == f"{SECRET}. Look at {SECRET}."
