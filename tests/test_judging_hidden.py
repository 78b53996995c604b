"""What is told of a hidden check: nothing of its input, by whatever way it may come out."""

from __future__ import annotations

from random import Random
from typing import cast

import pytest
from played_answers import (
    Answers,
    Played,
    Run,
    exercise,
    gone,
    raising,
)

from labsupport.errors import ConnectError, ProtocolError
from labsupport.grading import Answer, Raised
from labsupport.grading.judging import NO_ANSWER, PRINTED, UNUSUAL, judge
from labsupport.grading.report import Report, Result


def only(report: Report) -> Result:
    assert len(report.results) == 1
    return report.results[0]


@pytest.mark.parametrize(
    ("error", "instead", "cause"),
    [
        (Raised("KeyError", "'secret'", ("f, line 2: x['secret']",)), UNUSUAL, "KeyError"),
        (ConnectError(expected="b", got="secret", next="Ask secret."), NO_ANSWER, "ConnectError"),
        (ProtocolError(expected="b", got="secret", next="Ask secret."), NO_ANSWER, "ProtocolError"),
    ],
)
def test_what_an_answer_raises_is_told_in_a_visible_check_and_not_in_a_hidden_one(
    error: Exception, instead: str, cause: str
) -> None:
    shown = only(judge(exercise(raising(error)), Answers()))
    kept = only(judge(exercise(raising(error), hidden=0), Answers()))
    assert (shown.cause, kept.cause) == (cause, cause)
    assert "secret" in "\n".join(shown.lines())
    assert (kept.hidden, kept.next) == (True, instead)
    assert "secret" in kept.got  # for the instructor
    assert "secret" not in "\n".join(kept.lines())


def test_what_it_printed_is_kept_until_the_first_hidden_check_begins() -> None:
    def prints(text: str) -> Run:
        def run(answer: Answer, random: Random) -> None:
            cast(Played, answer).printed += text

        return run

    runs = (prints(" shown"), prints(" hidden"), prints(" later"))
    assert judge(exercise(*runs, hidden=1), Answers(printed="cells")).output == "cells shown"
    assert judge(exercise(*runs), Answers(printed="cells")).output == "cells shown hidden later"
    assert judge(exercise(*runs, hidden=0), Answers(printed="cells")).output == "cells"


def test_what_answers_one_after_another_printed_is_put_together_and_bounded() -> None:
    assert judge(exercise(gone, None), Answers(printed="a")).output == "aa1"
    assert judge(exercise(gone, None, hidden=0), Answers(printed="a")).output == "a"
    long = judge(exercise(None), Answers(printed="x\x1b" * PRINTED)).output
    assert len(long) == PRINTED
    assert "\x1b" not in long
