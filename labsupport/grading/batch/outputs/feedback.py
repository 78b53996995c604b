"""feedback/<student>/NN_topic.html: what a learner reads.

In the order in which it helps: how it went, what to do next, the first failure explained, the
other checks, what the program printed. Of a hidden check only its title and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import commonprefix
from typing import Any

from ...exercise import Exercise
from ...report import SIGNS, Result
from ..rows import Row
from .pages import render
from .places import places
from .words import AGAIN, STATES, Plain, called, oddity, told

PRINTED = 2000
"""Characters of what the program printed that are shown."""
NEXT = ". Next: "
"""What a `LabError` has before its advice."""
GREEN = (
    "Every visible check passed, so your check cell is green. Think of input like the one that the "
    "hidden check below is about, try it in a cell, change your answer, and save the notebook."
)
HELD_OUT = {"timeout", "crashed", "flooded"}


@dataclass(frozen=True)
class Differing:
    """A text in three pieces: the middle one is where it differs from another."""

    before: str
    differs: str
    after: str = ""


def pages(
    rows: Sequence[Row], course: Mapping[str, Exercise], plain: Plain
) -> Iterator[tuple[str, str]]:
    """A name and a page for each row."""
    student = places(row.student for row in rows)
    exercise = places(row.exercise for row in rows)
    for row in rows:
        name = f"feedback/{student[row.student]}/{exercise[row.exercise]}.html"
        yield name, page(row, course.get(row.exercise), plain)


def page(row: Row, exercise: Exercise | None, plain: Plain) -> str:
    """The page of one row."""
    results = [] if row.report is None or row.state == "not graded" else row.report.results
    seen = [_seen(one, plain) for one in results]
    first = next((one for one in seen if one.verdict == "failed"), None)
    output = plain(row.report.output if row.report else "").strip("\n")
    passed = sum(one.verdict == "passed" for one in seen)
    note, _, unread = (row.note if row.state == "unreadable" else oddity(row)).partition(NEXT)
    return render(
        "feedback.html.j2",
        student=called(row.student),
        heading=_heading(row, exercise),
        words=STATES[row.state],
        state=row.state.replace(" ", "-"),
        next=plain(unread) or _next(row, first),
        row=row,
        counted=f"{passed} of {len(seen)} checks passed" if seen else "",
        share=100 * row.points / row.max_points if row.max_points else 0,
        note=plain(note) if row.state != "not graded" else "",
        first=first and _explained(first),
        lesson=exercise.lesson if exercise else "",
        checks=seen,
        signs=SIGNS,
        hidden=any(one.hidden for one in seen),
        printed=output[:PRINTED],
        cut=max(0, len(output) - PRINTED),
    )


def _heading(row: Row, exercise: Exercise | None) -> tuple[str, str]:
    if exercise:
        return f"Exercise {exercise.number}", exercise.title
    return "Handed in as", called(row.exercise)


def _seen(result: Result, plain: Plain) -> Result:
    shown = told(result)
    texts = ("title", "fed", "expected", "got", "next", "section", "picture")
    fit: dict[str, Any] = {name: plain(getattr(shown, name)) for name in texts}
    return replace(shown, **fit)


def _next(row: Row, first: Result | None) -> str:
    """What to do next: about the state, and where to begin."""
    words = STATES[row.state]
    if first is None or row.state in HELD_OUT:
        return words.next
    if first.hidden:
        return GREEN
    return f"Begin with the check below; the others may pass then too. {AGAIN}"


def _explained(result: Result) -> dict[str, Any]:
    """The first failure, with the place marked where what came and what should have come part."""
    expected, got = parted(result.expected, result.got)
    return {"result": result, "expected": expected, "got": got}


def parted(expected: str, got: str) -> tuple[Differing, Differing]:
    """Two texts, each cut where they begin and end to differ; whole if they have little in common.

    >>> parted("[Event('a')]", "[Event('a'), Event('b')]")[1]
    Differing(before="[Event('a')", differs=", Event('b')", after=']')
    """
    before = len(commonprefix([expected, got]))
    rest = (expected[before:][::-1], got[before:][::-1])
    after = len(commonprefix(rest))
    if expected == got or 2 * (before + after) < min(len(expected), len(got)):
        return Differing(expected, ""), Differing(got, "")
    one, other = (
        Differing(text[:before], text[before : len(text) - after], text[len(text) - after :])
        for text in (expected, got)
    )
    return one, other
