"""Names that mean something to a terminal, a page, a spreadsheet, a shell, a file system."""

from __future__ import annotations

import os
from pathlib import Path

from scratch_course import NAME, RIGHT, hand_in

from .attack import MOST, Attack


def named(student: str, shown: str = "") -> Attack:
    """A right answer from somebody of this name."""

    def write(folder: Path) -> None:
        hand_in(folder.parent, student, RIGHT)

    return Attack(student, "full", MOST, write=write, student=shown)


def loose(name: str, state: str, note: str, *, student: str, exercise: str = NAME) -> Attack:
    """A file beside the students' folders."""

    def write(folder: Path) -> None:
        made = hand_in(folder.parent, "in passing", RIGHT)
        made.rename(folder.parent / name)
        made.parent.rmdir()

    points = MOST if state == "full" else 0.0
    return Attack(name, state, points, note, write=write, student=student, exercise=exercise)


NAMES: tuple[Attack, ...] = (
    named("Zoë Ångström 漬物 🍜"),
    named("<script>alert(1)</script>".replace("/", "∕")),
    named("[red]nobody[∕red] [/".replace("/", "∕")),
    named("=HYPERLINK(0)"),
    named("@SUM(1)"),
    named("-rf"),
    named("$(touch x); `id` & \"quoted\" 'twice'"),
    named("%s %d {0} {x}"),
    named("a,b;c\td", "a,b;c\\td"),
    named("two\nlines", "two\\nlines"),
    named("\x1b[2J", "\\x1b[2J"),
    named("\u202egnp.adA", "\\u202egnp.adA"),
    named(os.fsdecode(b"ren\xe9e"), "ren\\xe9e"),
    named("CON"),
    named("a" * 240),
    loose("Doe_12345_67890_02_decode_a_stream-1.ipynb", "full", "", student="Doe"),
    loose("Roe_LATE_12345_67890_02_decode_a_stream.ipynb", "full", "", student="Roe"),
    loose(
        "Poe_12345_67890_02_decode_a_stream.pdf",
        "unreadable",
        "a file .pdf, which is no notebook",
        student="Poe",
    ),
    loose(
        "answer.ipynb",
        "unreadable",
        "there is no student in its name",
        student="answer",
        exercise="answer.ipynb",
    ),
)
