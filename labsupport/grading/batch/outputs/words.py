"""Text that somebody else wrote, made fit for a page; and what each state means, in plain words.

Rule 1: what is printed is seen: control characters and those that turn the direction of writing
are spelled out, so that no text looks like another. Rule 2: no folder of the machine that grades
is in what a learner reads. Rule 3: of a hidden check a learner reads the title and what to do.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ...report import Result, State
from ..rows import Row

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
BEYOND = "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
UNSEEN = re.compile(
    # controls but tab and line feed; turns of direction; surrogates; what XML 1.0 (2.2) excludes
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
    f"\ud800-\udfff\ufdd0-\ufdef{BEYOND}]"
)
FOLDERS = [f"/{name}" for name in "home root tmp usr var opt Users private mnt srv".split()]
"""Where systems keep people's and programs' files; URLs and routes do not begin so."""
WINDOWS = r"\b[A-Za-z]:(?:\\+|/)(?:Users|Windows|Program Files|ProgramData|Temp)"
REST = r"((?:[\\/][^\s'\"<>|:,;()\[\]{}]*)?)(?![\w-])"


@dataclass(frozen=True)
class Words:
    """What a state is to a learner: a sign, its name, what it means and what to do next."""

    sign: str
    name: str
    means: str
    next: str


AGAIN = "Change your cell, run the check cell until it is green, and save the notebook."
STATES: dict[State, Words] = {
    "full": Words("✓", "Full marks", "Every check passed.", "Nothing to mend. On to the next one."),
    "partial": Words("◐", "Part of the way", "Some checks passed and some did not yet.", AGAIN),
    "zero": Words("○", "No points yet", "No check passed yet.", AGAIN),
    "timeout": Words(
        "!", "It did not come back",
        "Your code was still busy, or still waiting, when its time was over.",
        "Look for a loop that never ends, and for a wait for something that never comes. " + AGAIN,
    ),
    "crashed": Words(
        "!", "The program ended",
        "Your code's process was gone before the check was over: it ended itself, or it used more "
        "memory, processes or files than one answer may.",
        "Take out exit() and whatever grows without end. " + AGAIN,
    ),
    "flooded": Words(
        "!", "It printed too much",
        "Your code printed more than one answer may, and was stopped.",
        "Take out the print in the loop. " + AGAIN,
    ),
    "missing": Words(
        "–", "Nothing was handed in",
        "There was no notebook of yours for this exercise.",
        "If you did hand it in, look at its name: it begins with the exercise's number.",
    ),
    "unreadable": Words(
        "!", "We could not read the file",
        "Something was handed in, and it is not a notebook that an answer could be taken from.",
        "Open your notebook in JupyterLab, save it, and hand in that file.",
    ),
    "not graded": Words(
        "!", "Not graded yet",
        "The grading went wrong. That is our fault, and nothing is held against you.",
        "There is nothing for you to do. Your instructor knows, and it will be graded again.",
    ),
}  # fmt: skip


def plain(text: str) -> str:
    r"""The text, with what cannot be seen spelled out.

    >>> plain("a\x00b \x1b[31mred\x1b[0m \u202egpj")
    'a⟨00⟩b red ⟨U+202E⟩gpj'
    """
    text = COLOURS.sub("", text.replace("\r\n", "\n"))
    return UNSEEN.sub(lambda found: _spelled(ord(found[0])), text)


def line(text: str) -> str:
    """`plain`, and in one line."""
    return re.sub(r"[\n\t]", " ", plain(text))


def called(name: str) -> str:
    """A name, in one line, and never nothing."""
    return line(name).strip() or "(no name)"


def _spelled(code: int) -> str:
    return f"⟨{code:02x}⟩" if code < 0xA0 else f"⟨U+{code:04X}⟩"


class Plain:
    """`plain`, without the folders of this machine.

    >>> Plain()("File '/usr/lib/python3/json/decoder.py', line 3")
    "File '…/decoder.py', line 3"
    """

    def __init__(self, *folders: Path) -> None:
        known = [sys.prefix, sys.base_prefix, os.path.expanduser("~"), tempfile.gettempdir()]
        known += [os.getcwd(), *(str(one.resolve()) for one in folders)]
        known += [str(one.resolve().parent) for one in folders]
        places = {one.rstrip("\\/") for one in (*known, *FOLDERS)} - {""}
        some = "|".join(re.escape(one) for one in sorted(places, key=len, reverse=True))
        self._paths = re.compile(rf"(?<![\w.])(?:{some}|{WINDOWS}){REST}")

    def __call__(self, text: str) -> str:
        return self._paths.sub(_last, plain(text))


def _last(found: re.Match[str]) -> str:
    """Its last name; of the folder itself nothing, since that may be somebody's name."""
    name = re.split(r"[\\/]", found[1].rstrip("\\/"))[-1]
    return f"…/{name}" if name else "…"


def told(result: Result) -> Result:
    """The result as its learner may see it."""
    if not result.hidden:
        return result
    shown = {"points": result.points, "verdict": result.verdict, "section": result.section}
    return Result(result.key, result.title, hidden=True, next=result.next, **shown)  # type: ignore[arg-type]


def of_course(row: Row) -> bool:
    """Whether the row is about an exercise of the course, and not a file of another name."""
    return bool(row.max_points and re.fullmatch(r"\d\d_\w+", row.exercise))


def oddity(row: Row) -> str:
    """A row's note without the check that failed first: what was odd about what was handed in."""
    failed = row.report.failed if row.report else None
    if failed is None:
        return row.note
    return row.note.removesuffix(f"{failed.title}: {failed.next}").removesuffix("; ")
