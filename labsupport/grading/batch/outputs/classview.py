"""class.html: the class at a look, for the one who teaches it.

What needs a person first; then for each exercise how the points are spread, which check fails
most, which named wrong answer is most matched; then everybody, with links to their feedback.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from statistics import mean, median
from typing import get_args
from urllib.parse import quote

from ...exercise import Exercise
from ...report import State
from ..rows import Row
from .pages import render
from .places import places
from .words import STATES, called, line, of_course, plain
from .wrong import Wrong, fingerprint

PERSON = ("not graded", "unreadable")
"""States that a person must look at."""
BARS = 12
"""At most so many bars in a distribution, and one for the most."""
UNWRITTEN = "NotImplementedError"


@dataclass(frozen=True)
class Bar:
    """A line of a drawn table: `share` is its length in percent of the longest."""

    label: str
    count: int
    share: float
    more: str = ""


@dataclass(frozen=True)
class Part:
    """One exercise of the class."""

    name: str
    heading: str
    count: int
    judged: int
    most: float
    mean: float
    median: float
    spread: list[Bar]
    failing: list[Bar]
    matched: list[Bar]
    unwritten: int
    unmatched: int


def page(
    rows: Sequence[Row], course: Mapping[str, Exercise], wrong: Mapping[str, Sequence[Wrong]]
) -> str:
    """The page, with links that hold in the folder of the books."""
    known = [row for row in rows if of_course(row)]
    names = sorted({row.exercise for row in known})
    parts = [
        _part([row for row in known if row.exercise == name], course.get(name), wrong.get(name, ()))
        for name in names
    ]
    failing = [(part, part.failing[0]) for part in parts if part.failing]
    matched = [(part, part.matched[0]) for part in parts if part.matched]
    used = [state for state in get_args(State) if any(row.state == state for row in rows)]
    links = _links(rows)
    person = [row for row in rows if row.state in PERSON]
    return render(
        "class.html.j2",
        parts=parts,
        states=[(state, STATES[state]) for state in used],
        counts=Counter((row.exercise, row.state) for row in known),
        hardest=max(failing, key=lambda one: one[1].share, default=None),
        likeliest=max(matched, key=lambda one: one[1].count, default=None),
        students=len({row.student for row in rows}),
        rows=len(rows),
        person=[_shown(row, links[row.student, row.exercise]) for row in person],
        everybody=_everybody(rows, names, links),
        names=names,
        words=STATES,
    )


def _part(rows: list[Row], exercise: Exercise | None, wrong: Sequence[Wrong]) -> Part:
    judged = [row for row in rows if row.report and row.state != "not graded"]
    points = [row.points for row in judged]
    short = [row for row in judged if row.state != "full"]
    begun = [row for row in short if not _unwritten(row)]
    matched = _matched(begun, wrong)
    return Part(
        name=rows[0].exercise,
        heading=exercise.title if exercise else rows[0].exercise,
        count=len(rows),
        judged=len(judged),
        most=max(row.max_points for row in rows),
        mean=mean(points) if points else 0.0,
        median=median(points) if points else 0.0,
        spread=_spread(points, max(row.max_points for row in rows)),
        failing=_failing(judged),
        matched=matched,
        unwritten=len(short) - len(begun),
        unmatched=len(begun) - sum(bar.count for bar in matched),
    )


def _spread(points: list[float], most: float) -> list[Bar]:
    """How many answers got how many points, the best first."""
    step = max(1, ceil(most / BARS))
    count = Counter(most if point >= most else point // step * step for point in points)
    longest = max(count.values(), default=1)
    bars = [Bar(f"{most:g}", count[most], 100 * count[most] / longest)]
    for low in reversed(range(0, ceil(most), step)):
        label = f"{low}" if step == 1 else f"{low} to {min(low + step, most):g}"
        bars.append(Bar(label, count[low], 100 * count[low] / longest))
    return bars


def _failing(judged: list[Row]) -> list[Bar]:
    """The checks by how often they fail, each with its most frequent cause; none that never do."""
    failed: Counter[str] = Counter()
    causes: dict[str, Counter[str]] = {}
    title: dict[str, str] = {}
    for row in judged:
        for one in row.report.results if row.report else ():
            title.setdefault(one.key, plain(one.title) + (" (hidden)" if one.hidden else ""))
            if one.verdict == "failed":
                failed[one.key] += 1
                causes.setdefault(one.key, Counter())[line(one.cause)] += 1
    bars = []
    for key, count in failed.most_common():
        cause, often = causes[key].most_common(1)[0]
        more = f"{often} × {cause[:40]}" if cause else ""
        bars.append(Bar(title[key], count, 100 * count / len(judged), more))
    return bars


def _matched(rows: list[Row], wrong: Sequence[Wrong]) -> list[Bar]:
    """Which named wrong answers the reports look like; those that look the same, together."""
    alike: dict[tuple[str, ...], list[Wrong]] = {}
    for one in wrong:
        alike.setdefault(one.checks, []).append(one)
    prints = Counter(fingerprint(row.report) for row in rows if row.report)
    found = [(count, alike[mark]) for mark, count in prints.most_common() if mark in alike]
    longest = found[0][0] if found else 1
    return [
        Bar(
            " or ".join(one.name for one in ones),
            count,
            100 * count / longest,
            " Or: ".join(one.wrong for one in ones),
        )
        for count, ones in found
    ]


def _unwritten(row: Row) -> bool:
    failed = row.report.failed if row.report else None
    return bool(failed and failed.cause == UNWRITTEN and not row.points)


def _links(rows: Sequence[Row]) -> dict[tuple[str, str], str]:
    """Where each row's feedback is, as a URL from the folder of the books."""
    student = places(row.student for row in rows)
    exercise = places(row.exercise for row in rows)
    return {
        (row.student, row.exercise): quote(
            f"feedback/{student[row.student]}/{exercise[row.exercise]}.html"
        )
        for row in rows
    }


def _shown(row: Row, link: str) -> dict[str, str]:
    told = {"student": called(row.student), "exercise": called(row.exercise), "state": row.state}
    return told | {"note": plain(row.note), "link": link, "ours": "nowrap" * of_course(row)}


def _everybody(
    rows: Sequence[Row], names: list[str], links: Mapping[tuple[str, str], str]
) -> list[tuple[str, float, list[tuple[Row, str] | None]]]:
    """For each student the name, the sum of points, and a row and link for each exercise."""
    table = []
    by_student = sorted(rows, key=lambda row: (row.student, row.exercise))
    for name, own in groupby(by_student, key=lambda row: row.student):
        of = {row.exercise: row for row in own}
        cells = [(of[one], links[name, one]) if one in of else None for one in names]
        table.append((called(name), sum(row.points for row in of.values()), cells))
    return table
