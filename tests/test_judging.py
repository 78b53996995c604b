"""The one engine of check cell, `check` and `grade`: what each outcome of a check comes to.

What it tells in a hidden check, and what not: `test_judging_hidden.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import cast

import pytest
from played_answers import (
    SAID,
    Answers,
    Played,
    Run,
    exercise,
    failing,
    flooded,
    gone,
    raising,
    silent,
)

from labsupport.errors import BenchError
from labsupport.grading import Answer, Raised, Silent
from labsupport.grading.judging import LOSSES, judge
from labsupport.grading.report import Report, Result


def verdicts(report: Report) -> list[str]:
    return [result.verdict for result in report.results]


def only(report: Report) -> Result:
    assert len(report.results) == 1
    return report.results[0]


@pytest.mark.parametrize(
    ("runs", "state", "points"),
    [
        ((None, None), "full", 3),
        ((None, failing), "partial", 1),
        ((failing, None), "partial", 2),
        ((failing, failing), "zero", 0),
        ((silent, None), "timeout", 2),
        ((gone, None), "crashed", 2),
        ((flooded, None), "flooded", 2),
        ((gone, silent), "timeout", 0),
        ((None, raising(KeyError("ours"))), "not graded", 0),
        ((None, raising(BenchError(**SAID))), "not graded", 0),
    ],
)
def test_a_state_and_its_points(runs: tuple[Run | None, ...], state: str, points: int) -> None:
    report = judge(exercise(*runs), Answers())
    assert (report.exercise, report.title) == (7, "Any")
    assert (report.state, report.points) == (state, points)


def test_a_check_that_fails_says_all_it_has() -> None:
    result = only(judge(exercise(failing), Answers()))
    assert (result.key, result.title, result.verdict) == ("c0", "is 0", "failed")
    assert (result.fed, result.expected, result.got) == ("it", "this", "that")
    assert (result.next, result.cause) == ("Do this.", "a mistake")


def test_an_error_of_a_check_is_ours_and_named() -> None:
    report = judge(exercise(None, raising(KeyError("ours")), None), Answers())
    assert report.note == "KeyError in the check 'c1': 'ours'"
    assert report.results == ()


def test_all_checks_share_an_answer_while_it_lives_and_it_is_closed_then() -> None:
    answers = Answers()
    assert judge(exercise(None, failing, None), answers).points == 5
    assert (len(answers.made), answers.there) == (1, 0)


def test_each_check_has_its_own_patience_and_all_have_one_end() -> None:
    made, answers = exercise(seconds=20), Answers()
    heard = []
    for patience in (0.5, 3.0):

        def check(answer: Answer, random: Random) -> None:
            heard.append((answer.patience, answer.line.until))

        check.__name__ = f"c{patience}"
        made.check("waits", points=1, patience=patience)(check)
    judge(made, answers)
    assert [patience for patience, _ in heard] == [0.5, 3.0]
    assert heard[0][1] == heard[1][1] > 0


@pytest.mark.parametrize("loss", [silent, gone])
def test_after_a_loss_the_next_check_gets_a_fresh_answer(loss: Run) -> None:
    answers = Answers()
    report = judge(exercise(None, loss, None), answers)
    assert verdicts(report) == ["passed", "failed", "passed"]
    assert (len(answers.made), answers.there) == (2, 0)


def test_after_some_losses_the_rest_is_not_tried() -> None:
    answers = Answers()
    report = judge(exercise(*[silent] * LOSSES, None, None), answers)
    assert verdicts(report) == ["failed"] * LOSSES + ["not tried"] * 2
    assert report.results[-1].next == "the answer did not hold out"
    assert len(answers.made) == LOSSES


def test_an_answer_whose_line_died_in_a_check_that_passed_counts_as_a_loss() -> None:
    def dies(answer: Answer, random: Random) -> None:
        answer.line.dead = True

    answers = Answers()
    assert judge(exercise(dies, None), answers).state == "full"
    assert len(answers.made) == 2


def test_a_check_that_needs_another_is_not_tried_before_that_has_passed() -> None:
    made = exercise(failing, None)
    made.check("needs the first", points=1, needs=("c0",))(lambda answer, random: None)
    made.check("needs the second", points=1, needs=("c1",))(failing)
    report = judge(made, Answers())
    assert verdicts(report) == ["failed", "passed", "not tried", "failed"]
    assert report.results[2].lines() == [
        " ·  needs the first      not tried: the check above comes first"
    ]


def test_when_the_time_is_over_the_rest_is_not_tried() -> None:
    answers = Answers()
    report = judge(exercise(None, None, seconds=-1), answers)
    assert (report.state, verdicts(report)) == ("timeout", ["not tried", "not tried"])
    assert report.results[0].next == "there was no time left"
    assert answers.made == []


def test_the_draws_of_a_check_hang_on_the_seed_and_on_nothing_else() -> None:
    def drawn(seed: int, *before: Run | None) -> float:
        found: list[float] = []
        made = exercise(*before)
        made.check("draws", points=1)(lambda answer, random: found.append(random.random()))
        judge(made, Answers(), seed=seed)
        return found[0]

    assert drawn(0) == drawn(0, None, failing, silent)
    assert drawn(0) != drawn(1)


def test_an_answer_that_lacks_a_name_is_told_which() -> None:
    answers = Answers("g")
    report = judge(exercise(None, None), answers)
    first, second = report.results
    assert (report.state, first.verdict, first.cause) == ("zero", "failed", "names")
    assert (first.expected, first.got) == ("your cells to define f", "not all of them")
    assert second.verdict == "not tried"
    assert (len(answers.made), answers.there) == (1, 0)


def test_an_answer_that_lacks_a_name_since_a_cell_raised_is_told_what() -> None:
    raised = Raised("NameError", "name 'x' is not defined", ("<module>, line 1: x",))
    report = judge(exercise(None), Answers("g", raised=raised))
    result = only(report)
    assert (report.state, result.verdict, result.cause) == ("zero", "failed", "NameError")
    assert "name 'x' is not defined" in result.got


def test_a_cell_that_raised_is_passed_over_where_all_names_are_there() -> None:
    report = judge(exercise(None), Answers(raised=Raised("ZeroDivisionError", "division", ())))
    assert report.state == "full"
    assert report.note.startswith("A cell raised ZeroDivisionError: division")
    assert report.note.endswith("; the rest was judged.")


def test_cells_that_never_end_are_not_tried_a_second_time() -> None:
    class Stuck(Played):
        def has(self, *names: str) -> bool:
            raise Silent(**SAID)

    made = []

    @contextmanager
    def answers() -> Iterator[Answer]:
        made.append(Stuck(set()))
        yield cast(Answer, made[-1])

    report = judge(exercise(None, None), answers)
    assert (report.state, verdicts(report)) == ("timeout", ["failed", "not tried"])
    assert len(made) == 1
