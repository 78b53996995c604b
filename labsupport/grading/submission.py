"""Take an answer out of a notebook that somebody handed in: source text, and nothing else.

Rule 1: only code cells are read, and of these not the course's own: its check cell, its imports
and its scratch cell are taken from the course. Outputs, tags and metadata are never looked at.
        Cells without ids, as older tools write them, all run; one that only calls `check` does not.
Rule 2: the answer cell is found by its id; cells that the learner added run too, in their order.
Rule 3: whatever the file holds, the result is an `Answered` or an `Unreadable` with words.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import LabError

MOST = 20_000_000
"""Bytes of a notebook that are read; pictures in outputs make them large, answers do not."""

SOURCE = 500_000
"""Characters of source that are run."""

OURS = frozenset({"imports", "scratch", "check"})
"""Ids of the code cells that belong to the course."""


class Unreadable(LabError):
    """The file is no notebook that an answer could be taken from."""


@dataclass(frozen=True)
class Answered:
    """An answer as it was handed in.

    Arguments:
        cells: sources to run, in order: the course's imports first.
        note: what was odd and did no harm, in words.
    """

    cells: tuple[str, ...]
    note: str = ""


def take(path: Path, imports: str = "") -> Answered:
    """The answer in the notebook `path`; `imports` is the course's own cell of that name.

    Raises `Unreadable`, with what to tell the learner.
    """
    notebook = _read(path)
    cells = [cell for cell in notebook["cells"] if _is_code(cell)]
    notes, seen, chosen = [], set[str](), []
    for cell in cells:
        name, source = str(cell.get("id", "")), _source(cell)
        if name in OURS or _only_checks(source):
            continue
        if name == "answer" and name in seen:
            notes.append("the cell 'answer' is there more than once; the first one counts")
            continue
        seen.add(name)
        if source.strip():
            chosen.append(source)
    if "answer" not in seen:
        notes.append("the cell 'answer' is not there; the other cells were run")
    if sum(map(len, chosen)) > SOURCE:
        raise Unreadable(
            expected=f"at most {SOURCE:,} characters of code",
            got=f"{sum(map(len, chosen)):,}",
            next="Hand in the exercise's notebook with your answer in it, and no data.",
        )
    return Answered((imports, *chosen) if imports else tuple(chosen), "; ".join(notes))


def cell(path: Path, name: str) -> str:
    """The source of one cell of a notebook of the course; empty if it has no such cell."""
    return next((_source(one) for one in _read(path)["cells"] if one.get("id") == name), "")


def _read(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            raise _unreadable("a folder or a link to nowhere" if path.exists() else "no file")
        size = path.stat().st_size
        if size > MOST:
            raise _unreadable(f"{size // 1_000_000} MB", "Clear the outputs and save it again.")
        if not size:
            raise _unreadable("an empty file")
        told = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(f"something else ({type(error).__name__})") from error
    except (ValueError, RecursionError) as error:
        raise _unreadable("text that is not JSON") from error
    if not isinstance(told, dict):
        raise _unreadable("JSON of another kind")
    if told.get("nbformat") == 3 or "worksheets" in told:
        raise _unreadable(
            "one of format 3", "Open it in JupyterLab and save it; that writes format 4."
        )
    if told.get("nbformat") != 4 or not isinstance(told.get("cells"), list):
        raise _unreadable("JSON of another kind")
    if not all(isinstance(one, dict) for one in told["cells"]):
        raise _unreadable("a notebook whose cells are none")
    return told


def _unreadable(got: str, next: str = "Hand in the notebook itself, as JupyterLab saves it.") -> (
    Unreadable
):  # fmt: skip
    return Unreadable(expected="a Jupyter notebook of format 4", got=got, next=next)


def _is_code(cell: dict[str, Any]) -> bool:
    return cell.get("cell_type") == "code"


def _only_checks(source: str) -> bool:
    """Whether a cell does nothing but call `check`, which has nothing to say in the sandbox."""
    if "check(" not in source or len(source) > 2000:
        return False
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    match body:
        case [ast.Expr(ast.Call(ast.Name("check")))]:
            return True
    return False


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    if isinstance(source, Sequence) and not isinstance(source, str):
        source = "".join(one for one in source if isinstance(one, str))
    return source.replace("\r\n", "\n") if isinstance(source, str) else ""
