"""Run the checks of an exercise on an answer: the one engine of check cell, `check` and `grade`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from random import Random

from ..errors import LabError, PathError
from .answer import Answer, Flooded, Gone, Raised, Silent
from .exercise import Check, CheckFailed, Exercise
from .line import words
from .report import Report, Result, State

Answers = Callable[[], AbstractContextManager[Answer]]
"""Makes an answer to judge, afresh each time."""

AFTER: dict[type[LabError], State] = {Silent: "timeout", Flooded: "flooded", Gone: "crashed"}
LOSSES = 2
"""After so many answers that hung or died, the other checks are not tried."""
PRINTED = 4000
"""Characters of what an answer printed that are kept."""
UNUSUAL = "Your code raises an exception here. Try it on input of your own that is unusual."
"""Said of an exception in a hidden check: its message and lines may hold what the check fed."""
NO_ANSWER = "Your app's response cannot be read here. Ask it for something unusual yourself."


def judge(exercise: Exercise, answers: Answers, *, seed: int = 0) -> Report:
    """The report on an answer.

    After a check that kills the answer or never ends, the next one gets a fresh answer. All
    together have `exercise.seconds`; what is left then is not tried. A cell that raised is
    passed over if all that the exercise asks for is there.

    An answer may print and raise what it is fed. So what it prints is kept until the first hidden
    check begins, and not from then on; and of what it raises in one, `next` says nothing.

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
    run.keep()
    state = run.ended or _state(run.results)
    results, output = tuple(run.results), words(run.printed, PRINTED)
    return Report(exercise.number, exercise.title, state, results, run.note, output)


class _Run:
    """One judging under way."""

    def __init__(self, exercise: Exercise, answers: Answers, seed: int) -> None:
        self.results: list[Result] = []
        self.stack = ExitStack()
        self.ended: State | None = None
        self.note = self.printed = ""
        self._output: Callable[[], str] = str
        self._hiding = False
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
            self.ended = self.ended or "timeout"
            return _result(check, "not tried", next="there was no time left")
        try:
            answer = self._answer or self._begin()
            answer.patience = check.patience
            if check.hidden:
                self.keep()
                self._hiding = True
            check.run(answer, Random(f"{self._seed} {check.key}"))
        except CheckFailed as failed:
            return _failed(check, failed)
        except (Silent, Gone) as error:
            self.ended = AFTER[type(error)]
            if self._answer is None:  # its cells do not come to an end: they will not next time
                self._losses = LOSSES
            return _told(check, error, cause=self.ended)
        except Raised as error:
            return _told(check, error, cause=error.type, instead=UNUSUAL)
        except PathError as error:  # what its server said is no HTTP, or nobody answered there
            return _told(check, error, cause=type(error).__name__, instead=NO_ANSWER)
        finally:
            if self._answer is None or self._answer.line.dead:
                self._lose()
        return _result(check, "passed")

    def keep(self) -> None:
        """Keep what was heard of the answer so far, unless a hidden check has begun."""
        if not self._hiding:
            self.printed += self._output()
        self._output = str

    def _begin(self) -> Answer:
        answer = self.stack.enter_context(self._answers())
        answer.line.until, self._output = self._until, answer.output
        if not answer.has(*self._exercise.answers):
            self._losses = LOSSES
            raise answer.raised or CheckFailed(
                expected=f"your cells to define {', '.join(self._exercise.answers)}",
                got="not all of them",
                next="Keep the names that the exercise gave.",
                cause="names",
            )
        if answer.raised:
            self.note = f"A cell raised {words(answer.raised.got, 200)}; the rest was judged."
        self._answer = answer
        return answer

    def _lose(self) -> None:
        self._losses += 1
        self.stack.close()
        self.keep()
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


def _told(check: Check, error: LabError, *, cause: str, instead: str = "") -> Result:
    """The result of an error; `instead` of its advice is said where the check is hidden."""
    got, next = error.got or "", error.next or ""
    if check.hidden and instead:
        got, next = f"{got}. {next}", instead  # `got` of a hidden check is for the instructor
    return _result(check, "failed", expected=error.expected or "", got=got, next=next, cause=cause)
