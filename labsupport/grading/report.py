"""What a judging found: one result a check, as text for a page and as JSON for a machine."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal[
    "full", "partial", "zero", "timeout", "crashed", "flooded", "missing", "unreadable",
    "not graded",
]  # fmt: skip
Verdict = Literal["passed", "failed", "not tried"]
SIGNS: dict[Verdict, str] = {"passed": "✓", "failed": "✗", "not tried": "·"}
WIDTH = 74


@dataclass(frozen=True)
class Result:
    """One check's verdict. Words for the learner are empty where there is nothing to say."""

    key: str
    title: str
    points: float
    verdict: Verdict
    hidden: bool = False
    fed: str = ""
    expected: str = ""
    got: str = ""
    next: str = ""
    cause: str = ""
    section: str = ""
    picture: str = ""

    @property
    def earned(self) -> float:
        """The points it brings."""
        return self.points if self.verdict == "passed" else 0.0

    def lines(self) -> list[str]:
        """As text: one line, and below a failed one what helps."""
        lines = [f" {SIGNS[self.verdict]}  {self.title}"]
        if self.verdict == "not tried":
            lines[0] += f"      not tried: {self.next or 'the check above comes first'}"
        if self.verdict != "failed":
            return lines
        told = [("next", self.next)]
        if not self.hidden:  # a hidden check's input must not come out by way of its outcome
            told = [("fed", self.fed), ("expected", self.expected), ("got", self.got), *told]
        for name, text in told:
            if text:
                wrapped = _wrap(text)
                lines.append(f"      {name:9} {wrapped[0]}")
                lines += [f"                {line}" for line in wrapped[1:]]
        if not self.hidden:
            lines += [f"      {line}" for line in self.picture.splitlines()]
        return lines


@dataclass(frozen=True)
class Report:
    """The checks of one exercise, for one answer."""

    exercise: int
    title: str
    state: State
    results: tuple[Result, ...] = ()
    note: str = ""
    output: str = field(default="", compare=False)
    """What the answer printed until the first hidden check began; never shown as ours."""

    @property
    def points(self) -> float:
        """What was earned."""
        return sum(result.earned for result in self.results)

    @property
    def max_points(self) -> float:
        """What could be earned."""
        return sum(result.points for result in self.results)

    @property
    def failed(self) -> Result | None:
        """The first check that failed: the one to explain."""
        return next((one for one in self.results if one.verdict == "failed"), None)

    def text(self) -> str:
        """As a learner reads it."""
        passed = sum(one.verdict == "passed" for one in self.results)
        head = f"Exercise {self.exercise} · {self.title}"
        count = f"{passed} of {len(self.results)}"
        lines = [f"{head}{count:>{max(1, WIDTH - len(head))}}", ""]
        for result in self.results:
            lines += result.lines()
        if self.note:
            lines += ["", *textwrap.wrap(self.note, WIDTH)]
        return "\n".join(lines) + "\n"

    def __repr__(self) -> str:
        return self.text()

    def json(self) -> dict[str, Any]:
        """As a machine reads it."""
        told = asdict(self)
        return told | {"points": self.points, "max_points": self.max_points}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Report:
        """The report again."""
        results = tuple(Result(**one) for one in told["results"])
        names = ("exercise", "title", "state", "note", "output")
        return cls(**{name: told[name] for name in names}, results=results)


def _wrap(text: str) -> list[str]:
    found: list[str] = []
    for line in text.splitlines() or [""]:
        found += textwrap.wrap(line, WIDTH - 16, break_long_words=True) or [""]
    return found
