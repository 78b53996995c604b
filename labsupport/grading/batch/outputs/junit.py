"""junit.xml for a CI server: a test suite an exercise, a test case a student.

A row that is full passes. One that is partial or zero is a failure, a missing one is skipped, and
whatever else became of it is an error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ...report import State
from ..rows import Row
from .words import called, line, plain

OUTCOMES: dict[State, str] = {
    "full": "",
    "partial": "failure",
    "zero": "failure",
    "timeout": "error",
    "crashed": "error",
    "flooded": "error",
    "unreadable": "error",
    "not graded": "error",
    "missing": "skipped",
}


def as_xml(rows: Sequence[Row]) -> str:
    """The rows as JUnit XML, whatever characters are in them."""
    root = Element("testsuites", {"name": "grade", **_counts(rows)})
    by_exercise = sorted(rows, key=lambda row: (row.exercise, row.student))
    for exercise, own in groupby(by_exercise, key=lambda row: row.exercise):
        cases = list(own)
        suite = SubElement(root, "testsuite", {"name": line(exercise), **_counts(cases)})
        for row in cases:
            _case(suite, row)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _case(suite: Element, row: Row) -> None:
    case = SubElement(suite, "testcase", name=called(row.student), classname=line(row.exercise))
    properties = SubElement(case, "properties")
    for name, value in (("points", row.points), ("max_points", row.max_points)):
        SubElement(properties, "property", name=name, value=f"{value:g}")
    if outcome := OUTCOMES[row.state]:
        told = SubElement(case, outcome, message=line(row.note or row.state), type=row.state)
        told.text = plain(row.report.text()) if row.report else None


def _counts(rows: Sequence[Row]) -> dict[str, str]:
    count = Counter(OUTCOMES[row.state] for row in rows)
    numbers = {
        "tests": len(rows),
        "failures": count["failure"],
        "errors": count["error"],
        "skipped": count["skipped"],
    }
    return {name: str(number) for name, number in numbers.items()}
