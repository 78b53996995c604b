"""Write the lines that lead from lesson to lesson, and README's table of lessons.

Rule 1: a line that ends in `<!-- nav -->` belongs to this module; so does what stands in
README.md between `<!-- lessons -->` and `<!-- /lessons -->`.
Rule 2: titles, order and minutes stand in the lessons themselves and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from ..errors import UsageError
from .merge import parse

MARK = "<!-- nav -->"
OPEN, CLOSE = "<!-- lessons -->", "<!-- /lessons -->"
MAP = "[course map](../README.md#lessons)"
_OWNED = re.compile(rf"^.*{MARK}[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What others say about a lesson, read from its first cell.

    Arguments:
        path: its notebook.
        title: its H1, such as `2 · Read the wire`.
        surprise: the last paragraph of the first cell.
        minutes: how long it takes, from its navigation line; None if that line names none.
    """

    path: Path
    title: str
    surprise: str
    minutes: int | None

    @property
    def number(self) -> str:
        """What stands before the dot in the title."""
        return self.title.partition("·")[0].strip()

    @property
    def name(self) -> str:
        """The title without its number."""
        return self.title.partition("·")[2].strip()


def read_lesson(path: Path) -> Lesson:
    """Read what the first cell of a lesson says about it.

    Raises:
        UsageError: not a notebook, or its first cell has no H1 such as `# 2 · Read the wire`.
    """
    notebook = parse(path.read_text(encoding="utf-8"))
    source = notebook.cells[0].source if notebook.cells else ""
    title = re.search(r"^# (\d+ · \S.*)$", source, re.MULTILINE)
    if title is None:
        raise UsageError(
            expected=f"a title such as '# 2 · Read the wire' in the first cell of {path.name}",
            got=repr(source.partition("\n")[0]),
            next="Write the lesson's number, a middle dot and its name.",
        )
    line = _OWNED.search(source)
    minutes = re.search(r"(\d+) minutes", line[0]) if line else None
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", _OWNED.sub("", source))]
    return Lesson(
        path=path,
        title=title[1].strip(),
        surprise=" ".join([part for part in paragraphs if part][-1].split()),
        minutes=int(minutes[1]) if minutes else None,
    )


def read_lessons(folder: Path) -> list[Lesson]:
    """All lessons `NN_*.ipynb` of a folder, in order."""
    return [read_lesson(path) for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))]


def top(lesson: Lesson, lessons: Sequence[Lesson]) -> str:
    """The line under the title of `lesson`."""
    before, after = _neighbours(lesson, lessons)
    parts = [
        before and f"[← {before.title}]({before.path.name})",
        MAP,
        after and f"[{after.title} →]({after.path.name})",
        lesson.minutes and f"{lesson.minutes} minutes",
    ]
    return " · ".join(part for part in parts if part) + f" {MARK}"


def bottom(lesson: Lesson, lessons: Sequence[Lesson]) -> str:
    """The line at the end of `lesson`; it names an exercise only if there is one."""
    after = _neighbours(lesson, lessons)[1]
    prefix = lesson.path.name.partition("_")[0]
    folder = lesson.path.resolve().parent.parent / "exercises"
    steps = [
        f"[exercise {lesson.number}](../exercises/{path.name})"
        for path in sorted(folder.glob(f"{prefix}_*.ipynb"))
    ]
    if after:
        steps.append(f"[lesson {after.title}]({after.path.name})")
    elif not steps:
        return f"Back to the {MAP} {MARK}"
    else:
        steps.append(f"back to the {MAP}")
    return f"Next: {' · '.join(steps)} {MARK}"


def navigate(notebook: NotebookNode, path: Path, lessons: Sequence[Lesson]) -> NotebookNode:
    """A copy of a notebook with its navigation lines as they should be.

    Arguments:
        notebook: the lesson stored at `path`; any other notebook comes back as it is.
        lessons: all lessons, in order.
    """
    new = deepcopy(notebook)
    for lesson in lessons:
        if lesson.path.resolve() == path.resolve():
            lines = {0: top(lesson, lessons), -1: bottom(lesson, lessons)}
            for index, line in lines.items():
                cell = new.cells[index]
                # In a replacement a backslash means something; in a title it is a backslash.
                cell.source = _OWNED.sub(line.replace("\\", r"\\"), cell.source)
    return new


def table(lessons: Sequence[Lesson]) -> str:
    """README's table of lessons, in Markdown.

    >>> where = Path("notebooks/02_wire.ipynb")
    >>> wire = Lesson(path=where, title="2 · Wire", surprise="It is text.", minutes=25)
    >>> print(table([wire]).splitlines()[-1])
    | 2 | [Wire](notebooks/02_wire.ipynb) | It is text. | 25 |
    """
    rows = [
        f"| {one.number} | [{one.name}](notebooks/{one.path.name}) "
        f"| {one.surprise.replace('|', chr(92) + '|')} | {one.minutes or ''} |"
        for one in lessons
    ]
    return "\n".join(["|   | Lesson | The surprise in it | Minutes |", "|--:|---|---|--:|", *rows])


def with_table(readme: str, lessons: Sequence[Lesson]) -> str:
    """The text of a README with its table of lessons as it should be.

    Raises:
        UsageError: the two marks around the table are not there.
    """
    before, opening, rest = readme.partition(OPEN)
    _, closing, after = rest.partition(CLOSE)
    if not (opening and closing):
        raise UsageError(
            expected=f"a line {OPEN} and, after it, a line {CLOSE}",
            got="a README without them",
            next="Put both under a heading '## Lessons'; the table is written between them.",
        )
    return f"{before}{OPEN}\n{table(lessons)}\n{CLOSE}{after}"


def _neighbours(lesson: Lesson, lessons: Sequence[Lesson]) -> tuple[Lesson | None, Lesson | None]:
    place = list(lessons).index(lesson)
    return (
        lessons[place - 1] if place else None,
        lessons[place + 1] if place + 1 < len(lessons) else None,
    )
