"""Run the checks of an exercise on an answer: the one engine of check cell, `check` and `grade`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from random import Random

from ..errors import LabError
from .answer import Answer, Gone, Raised, Silent
from .exercise import Check, CheckFailed, Exercise
from .report import Report, Result, State

Answers = Callable[[], AbstractContextManager[Answer]]
"""Makes an answer to judge, afresh each time."""

AFTER = {Silent: "timeout", Gone: "crashed"}


def judge(exercise: Exercise, answers: Answers, *, seed: int = 0) -> Report:
    """The report on an answer.

    After a check that kills the answer or never ends, the next one gets a fresh answer. All
    together have `exercise.seconds`; what is left then is not tried.

    An error of a check itself is ours: state `not graded`, and nothing is held against anybody.
    """
    results: list[Result] = []
    ended: State | None = None
    until = time.monotonic() + exercise.seconds
    with ExitStack() as stack:
        answer: Answer | None = None
        for check in exercise.checks:
            missing = _unmet(check, results)
            if missing or time.monotonic() > until:
                words = "" if missing else "there was no time left"
                results.append(_result(check, "not tried", next=words))
                continue
            try:
                if answer is None:
                    answer = stack.enter_context(answers())
                answer.patience = check.patience
                check.run(answer, Random(f"{seed} {check.key}"))
            except CheckFailed as failed:
                results.append(_failed(check, failed))
            except (Silent, Gone) as error:
                results.append(_told(check, error, cause=AFTER[type(error)]))
                ended = AFTER[type(error)]  # type: ignore[assignment]
                stack.close()
                answer = None
            except Raised as error:
                results.append(_told(check, error, cause=error.type))
            except Exception as error:
                note = f"{type(error).__name__} in the check {check.key!r}: {error}"
                return Report(exercise.number, exercise.title, "not graded", note=note)
            else:
                results.append(_result(check, "passed"))
    return Report(exercise.number, exercise.title, ended or _state(results), tuple(results))


def _state(results: list[Result]) -> State:
    earned = sum(result.earned for result in results)
    if all(result.verdict == "passed" for result in results):
        return "full"
    return "partial" if earned else "zero"


def _unmet(check: Check, results: list[Result]) -> bool:
    passed = {result.key for result in results if result.verdict == "passed"}
    return not set(check.needs) <= passed


def _result(check: Check, verdict: str, **told: str) -> Result:
    return Result(
        key=check.key,
        title=check.title,
        points=check.points,
        verdict=verdict,  # type: ignore[arg-type]
        hidden=check.hidden,
        section=check.section,
        **told,
    )


def _failed(check: Check, failed: CheckFailed) -> Result:
    return _result(
        check,
        "failed",
        fed=failed.fed,
        expected=failed.expected,
        got=failed.got,
        next=failed.next or "",
        cause=failed.cause,
        picture=failed.picture,
    )


def _told(check: Check, error: LabError, *, cause: str) -> Result:
    return _result(
        check,
        "failed",
        expected=error.expected or "",
        got=error.got or "",
        next=error.next or "",
        cause=cause,
    )
