"""Answers that are played, for the engine to judge: nothing of them runs anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from types import SimpleNamespace
from typing import Any, cast

from labsupport.grading import Answer, Checks, Exercise, Raised, Silent, fail
from labsupport.grading.answer import Flooded, Gone

Run = Callable[[Answer, Random], None]
SAID = {"expected": "an answer", "got": "none", "next": "Look for a loop."}


class Played:
    """An answer that defines `names` and has printed `printed`; a check may end its line."""

    def __init__(self, names: set[str], raised: Raised | None = None, printed: str = "") -> None:
        self.names, self.raised, self.printed = names, raised, printed
        self.line = SimpleNamespace(dead=False, until=0.0)
        self.patience = 0.0

    def has(self, *names: str) -> bool:
        return set(names) <= self.names

    def output(self) -> str:
        return self.printed


class Answers:
    """Makes a played answer each time, and knows who was made and who is still there."""

    def __init__(self, *names: str, raised: Raised | None = None, printed: str = "") -> None:
        self.names, self.raised, self.printed = set(names or ("f",)), raised, printed
        self.made: list[Played] = []
        self.there = 0

    @contextmanager
    def __call__(self) -> Iterator[Answer]:
        played = Played(self.names, self.raised, f"{self.printed}{len(self.made) or ''}")
        self.made.append(played)
        self.there += 1
        yield cast(Answer, played)
        self.there -= 1


def exercise(*runs: Run | None, hidden: int = 99, **more: Any) -> Exercise:
    """One check each, `c0`, `c1` and so on, of 1, 2, 4 ... points; hidden from `hidden` on."""
    made, behind = Exercise(7, "Any", answers=("f",), **more), Checks()
    for number, run in enumerate(runs):

        def check(answer: Answer, random: Random, run: Run | None = run) -> None:
            if run:
                run(answer, random)

        check.__name__ = f"c{number}"
        to = behind if number >= hidden else made
        to.check(f"is {number}", points=2**number)(check)
    return made.joined(behind)


def raising(error: Exception, *, dead: bool = False) -> Run:
    def run(answer: Answer, random: Random) -> None:
        answer.line.dead = dead
        raise error

    return run


def failing(answer: Answer, random: Random) -> None:
    fail("this", "that", next="Do this.", fed="it", cause="a mistake")


silent, gone = raising(Silent(**SAID), dead=True), raising(Gone(**SAID), dead=True)
flooded = raising(Flooded(**SAID), dead=True)
