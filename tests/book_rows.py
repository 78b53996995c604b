"""A made class for the tests of the books: real checks, made outcomes, hostile words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from labsupport.grading.batch.rows import Row, of_report
from labsupport.grading.report import Report, Result, State

NAME = "02_decode_a_stream"
NOBODY = Path("no such folder")

BLANK = Result("blank_line", "dispatches on a blank line", 1, "passed", section="What ends it?")
ENDS = Result("line_ends", "treats CRLF, LF and CR alike", 2, "passed", section="Half a newline")
CUT = Result("every_cut", "survives every cut", 3, "passed", hidden=True, section="Cuts")
FULL = (BLANK, ENDS, CUT)

ENDS_FAILED = replace(
    ENDS,
    verdict="failed",
    fed=r"b'data: a\r', b'\n\r\n'",
    expected="[Event(data='a')]",
    got="[Event(data='a'), Event(data='')]",
    next="The CR ended chunk 1; the LF that opens chunk 2 is its other half.",
    cause="two line ends",
    picture="chunk 1  |--\nchunk 2     |--",
)
CUT_FAILED = replace(
    CUT,
    verdict="failed",
    fed="SECRET fed",
    expected="SECRET expected",
    got="SECRET got",
    next="Decode whole lines only.",
    cause="cut",
    picture="SECRET picture",
)


def report(*results: Result, state: State = "full", note: str = "", output: str = "") -> Report:
    return Report(2, "Decode a stream", state, results, note, output)


def row(student: str, told: Report | State, note: str = "", exercise: str = NAME) -> Row:
    """A row of a report; or of a state in which nothing was judged."""
    if isinstance(told, Report):
        return of_report(student, exercise, told, 6.0, f"key of {student}", note)
    return Row(student, exercise, told, 0.0, 6.0 if exercise == NAME else 0.0, note)


ADA = row("ada", report(*FULL))
BEA = row("bea", report(BLANK, ENDS_FAILED, CUT_FAILED, state="partial"))
CYD = row("cyd", report(BLANK, ENDS, CUT_FAILED, state="partial", output="tried it"))
DAN = row("dan", "missing", "nothing was handed in")
EVE = row("eve", "unreadable", "expected a Jupyter notebook, got an empty file. Next: save it")
FLO = row("flo", report(state="not graded", note="KeyError in the check 'every_cut': 'x'"))
GIL = row(
    "gil",
    report(
        replace(BLANK, verdict="failed", expected="an answer", got="none", next="Look for a loop."),
        replace(ENDS, verdict="not tried"),
        replace(CUT, verdict="not tried", next="the answer did not hold out"),
        state="timeout",
        output="round and round\n",
    ),
)
CLASS = [ADA, BEA, CYD, DAN, EVE, FLO, GIL]

NASTY = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "cdata": "]]></failure><x a='b'>",
    "template": "{{ 7 * 7 }}{% raw %}",
    "formula": "=cmd|' /C calc'!A0",
    "quotes": "')\nimport os; os.system('x') #\"\"\"",
    "control": "bell\x07 null\x00 escape\x1b[31m esc",
    "turned": "\u202egpj.exe\u202c \u200fabc",
    "surrogate": "lone \udcff \ud83d end \uffff",
    "letters": "Zoë 漬物 🍜 نرگس",
    "markdown": "![x](http://127.0.0.1:9/x.png) [y](javascript:alert(1))",
    "path": "../../../etc/passwd",
    "long": "n" * 300,
    "wide": "𠀀" * 80,
    "device": "CON",
    "blank": "   ",
    "empty": "",
    "magic": "!ls ?",
}


def nasty() -> list[Row]:
    """One row for each nasty text: as name, as note, and in every text of a report."""
    rows = []
    for text in NASTY.values():
        bad = replace(ENDS_FAILED, fed=text, expected=text, got=text, next=text, picture=text)
        bad = replace(bad, cause=text)
        told = report(BLANK, bad, replace(CUT, verdict="not tried"), state="partial", output=text)
        rows.append(row(text, told, text))
        rows.append(row(text, "unreadable", text, exercise=f"{text}.ipynb"))
    return rows
