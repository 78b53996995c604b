"""Run the checks of an exercise on an answer: the one engine of check cell, `check` and `grade`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from random import Random

from ..errors import LabError
from .answer import Answer, Flooded, Gone, Raised, Silent
from .exercise import Check, CheckFailed, Exercise
from .report import Report, Result, State

Answers = Callable[[], AbstractContextManager[Answer]]
"""Makes an answer to judge, afresh each time."""

AFTER: dict[type[LabError], State] = {Silent: "timeout", Flooded: "flooded", Gone: "crashed"}
LOSSES = 2
"""After so many answers that hung or died, the other checks are not tried."""
PRINTED = 4000
"""Characters of what an answer printed that are kept."""


def judge(exercise: Exercise, answers: Answers, *, seed: int = 0) -> Report:
    """The report on an answer.

    After a check that kills the answer or never ends, the next one gets a fresh answer. All
    together have `exercise.seconds`; what is left then is not tried.

    An error of a check itself is ours: state `not graded`, and nothing is held against anybody.
    """
    run = _Run(exercise, answers, seed)
    with run.stack:
        try:
            for check in exercise.checks:
                run.results.append(run.check(check))
        except Exception as error:
            note = f"{type(error).__name__} in the check {check.key!r}: {error}"
            return Report(exercise.number, exercise.title, "not graded", note=note)
    state = run.ended or _state(run.results)
    return Report(
        exercise.number, exercise.title, state, tuple(run.results), output=run.output[:PRINTED]
    )


class _Run:
    """One judging under way."""

    def __init__(self, exercise: Exercise, answers: Answers, seed: int) -> None:
        self.results: list[Result] = []
        self.stack = ExitStack()
        self.ended: State | None = None
        self.output = ""
        self._exercise, self._answers, self._seed = exercise, answers, seed
        self._until = time.monotonic() + exercise.seconds
        self._answer: Answer | None = None
        self._losses = 0

    def check(self, check: Check) -> Result:
        """The verdict of one check. Raises what is wrong with the check itself."""
        if self._losses >= LOSSES:
            return _result(check, "not tried", next="the answer did not hold out")
        if not set(check.needs) <= {one.key for one in self.results if one.verdict == "passed"}:
            return _result(check, "not tried")
        if time.monotonic() > self._until:
            return _result(check, "not tried", next="there was no time left")
        try:
            answer = self._answer or self._begin()
            answer.patience = check.patience
            check.run(answer, Random(f"{self._seed} {check.key}"))
        except CheckFailed as failed:
            return _failed(check, failed)
        except (Silent, Gone) as error:
            self.ended = AFTER[type(error)]
            self._lose()
            return _told(check, error, cause=self.ended)
        except Raised as error:
            if self._answer is None:  # its cells do not run: no other check has a chance
                self._losses = LOSSES
                self._lose()
            return _told(check, error, cause=error.type)
        finally:
            if self._answer:
                self.output = self._answer.output()
        return _result(check, "passed")

    def _begin(self) -> Answer:
        answer = self.stack.enter_context(self._answers())
        if not answer.has(*self._exercise.answers):
            self._losses = LOSSES
            raise CheckFailed(
                expected=f"your cells to define {', '.join(self._exercise.answers)}",
                got="not all of them",
                next="Keep the names that the exercise gave.",
                cause="names",
            )
        self._answer = answer
        return answer

    def _lose(self) -> None:
        self._losses += 1
        self.stack.close()
        self._answer = None


def _state(results: list[Result]) -> State:
    earned = sum(result.earned for result in results)
    if all(result.verdict == "passed" for result in results):
        return "full"
    return "partial" if earned else "zero"


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
