"""What an attack is, and how it is handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from scratch_course import HASTE, NAME, NOTHING, RIGHT, hand_in

MOST = 12.0
"""Points of the exercise."""

Write = Callable[[Path], None]
"""Writes what is handed in below a folder, which is not there yet."""


@dataclass(frozen=True)
class Attack:
    """A hostile submission.

    Arguments:
        name: the student's folder.
        state, points: of its row.
        note: what the row's note has in it, or the first check that failed.
        said: what it must have printed: how its attempt went.
        unsaid: what it must not have printed.
        source: of its answer cell; `@PORT@` is the port of a server outside.
        write: writes its files instead, where it is more than an answer.
        student, exercise: what the row calls them, if that is something else.
    """

    name: str
    state: str
    points: float = 0.0
    note: str = ""
    said: str = ""
    unsaid: str = ""
    source: str = ""
    write: Write | None = None
    student: str = ""
    exercise: str = NAME

    def hand_in(self, submissions: Path, port: int) -> None:
        """Put it among the submissions."""
        if self.write:
            self.write(submissions / self.name)
        else:
            source = self.source.replace("@PORT@", str(port))
            hand_in(submissions, self.name, source, self.exercise)

    @property
    def key(self) -> tuple[str, str]:
        """What its row is found by."""
        return self.student or self.name, self.exercise


def harmless(name: str, source: str, *, said: str = "", unsaid: str = "", note: str = "") -> Attack:
    """An attempt beside a right answer: it comes to nothing, and the answer has its points."""
    source = f"{dedent(source).strip()}\n{RIGHT}"
    return Attack(name, "full", MOST, note, said, unsaid, source)


def worthless(
    name: str, source: str, *, state: str = "zero", note: str = "", answer: str = NOTHING
) -> Attack:
    """An attempt instead of a right answer: it earns nothing. Those without end have less time."""
    exercise = HASTE if state == "timeout" else NAME
    source = f"{answer}\n{dedent(source).strip()}\n"
    return Attack(name, state, 0.0, note, source=source, exercise=exercise)
