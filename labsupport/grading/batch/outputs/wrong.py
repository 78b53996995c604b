"""Which of the course's named wrong answers a report looks like.

Two answers that make the same mistake pass and fail the same checks for the same causes: that is
a report's fingerprint. Those of exercises/instructor/wrong/NN_topic/ stand beside them in
fingerprints.json, so that `grade` need not judge them again:

    {"02_decode_a_stream": {"splits_on_two_newlines": {
        "wrong": "Splits on two newlines only.",
        "checks": ["blank_line passed", "line_ends failed", "at_once failed collects", ...]}}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...report import Report

FILE = "fingerprints.json"


@dataclass(frozen=True)
class Wrong:
    """A named wrong answer: its file's name, what is wrong with it, and its fingerprint."""

    name: str
    wrong: str
    checks: tuple[str, ...]


def fingerprint(report: Report) -> tuple[str, ...]:
    """Each check's key, verdict and cause, in the order in which they were tried."""
    return tuple(f"{one.key} {one.verdict} {one.cause}".rstrip() for one in report.results)


def as_json(
    reports: Mapping[str, Mapping[str, Report]], says: Mapping[str, Mapping[str, str]]
) -> str:
    """What fingerprints.json holds.

    Arguments:
        reports: for each exercise, the report on each wrong answer by its name.
        says: the same of what is wrong with it, in a sentence.
    """
    told = {
        exercise: {
            name: {"wrong": says[exercise][name], "checks": fingerprint(report)}
            for name, report in sorted(own.items())
        }
        for exercise, own in sorted(reports.items())
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def known(exercises: Path) -> dict[str, list[Wrong]]:
    """The named wrong answers of each exercise; none if there is no fingerprints.json."""
    path = exercises / "instructor" / "wrong" / FILE
    if not path.is_file():
        return {}
    told = json.loads(path.read_text(encoding="utf-8"))
    return {
        exercise: [Wrong(name, one["wrong"], tuple(one["checks"])) for name, one in own.items()]
        for exercise, own in told.items()
    }
