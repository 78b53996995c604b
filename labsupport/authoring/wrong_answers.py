"""The wrong answers of the course: a right one with a mistake made in it, or a whole program.

exercises/instructor/wrong/NN_topic/ has a file for each. Both kinds begin alike, with what is
wrong, in a sentence, and with the check that is meant to find it; in a NAME.py, a program that
nothing right looks like, that is the docstring. A NAME.diff goes on with the change:

    Forgets the id after one event.

    fails: the_id
    from: line_by_line

    @@
                     yield Event("\\n".join(data), name or "message", ident)
    -                name, data = "", []
    +                name, ident, data = "", "", []
                     continue

`from` is a file of exercises/instructor/right/NN_topic/. A hunk is as in a unified diff, but is
found by its lines, which stand there once, and not by their numbers: so a right answer may change
elsewhere.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import BenchError

__all__ = ["WrongAnswer", "wrong_answers"]

KINDS = (".py", ".diff")


@dataclass(frozen=True)
class WrongAnswer:
    """One wrong answer.

    Attributes:
        exercise: such as `02_decode_a_stream`. name: the file's, without its suffix.
        says: what is wrong, a sentence. fails: the key of the check that is meant to find it.
        source: the answer's cell, whole.
    """

    exercise: str
    name: str
    says: str
    fails: str
    source: str


def wrong_answers(exercises: Path, exercise: str) -> list[WrongAnswer]:
    """Those of one exercise, by name; none if it has none.

    Arguments:
        exercises: the course's folder. exercise: such as `02_decode_a_stream`.

    Raises `BenchError`, with the file's name, for one that cannot be read so.
    """
    folder = exercises / "instructor"
    paths = [one for one in (folder / "wrong" / exercise).glob("*") if one.suffix in KINDS]
    paths.sort(key=lambda path: path.stem)
    return [_read(path, folder / "right" / exercise) for path in paths]


def _read(path: Path, right: Path) -> WrongAnswer:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        head, source = _docstring(text, path), text
    else:
        head, _, rest = text.partition("\n@@")
        source = _changed(right / f"{_field('from', head, path)}.py", f"@@{rest}", path)
    says = " ".join(head.partition("\n\n")[0].split())
    return WrongAnswer(path.parent.name, path.stem, says, _field("fails", head, path), source)


def _docstring(text: str, path: Path) -> str:
    try:
        return ast.get_docstring(ast.parse(text)) or ""
    except SyntaxError as error:
        raise BenchError(
            expected=f"Python in {path.name}",
            got=f"line {error.lineno}: {error.msg}",
            next="Mend it: a wrong answer is wrong in what it does.",
        ) from None


def _field(name: str, head: str, path: Path) -> str:
    found = re.findall(rf"^{name}: (\w+)$", head, re.MULTILINE)
    if len(found) != 1:
        raise BenchError(
            expected=f"one line `{name}: ...` at the top of {path.name}",
            got=str(len(found)),
            next="Write it, as the other wrong answers of the exercise do.",
        )
    return str(found[0])


def _changed(right: Path, diff: str, path: Path) -> str:
    """A right answer after the change. An empty line is one of both, as a blank one would be."""
    if not right.is_file():
        raise BenchError(
            expected=f"{right.stem}.py among the right answers, from which {path.name} is made",
            got="none",
            next="Name one that is there.",
        )
    text = "\n" + right.read_text(encoding="utf-8")
    for hunk in re.split(r"^@@.*\n", diff, flags=re.MULTILINE)[1:]:
        lines = [line or " " for line in hunk.splitlines()]
        if odd := [line for line in lines if line[0] not in " -+"]:
            raise BenchError(
                expected=f"lines of {path.name} that begin with a space, - or +",
                got=repr(odd[0]),
                next="Put a space before a line that stays.",
            )
        old = "".join(f"\n{line[1:]}" for line in lines if line[0] in " -") + "\n"
        new = "".join(f"\n{line[1:]}" for line in lines if line[0] in " +") + "\n"
        found = len(re.findall(f"(?={re.escape(old)})", text))
        if found != 1:
            raise BenchError(
                expected=f"these lines of {path.name} once in {right.name}:\n{old}",
                got=f"{found} times",
                next="Take the lines as they are there, and more of them if that is not enough.",
            )
        text = text.replace(old, new)
    return text[1:]
