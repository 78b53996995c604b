"""Make what a learner gets from an exercise's solution: `refresh` does it, nobody edits the copy.

In the cell `answer` of the solution stands, inside each function,

    ### BEGIN SOLUTION: where to begin
    ...
    ### END SOLUTION

which becomes a TODO and an error that says what to write. nbgrader knows the same marks, and each
cell carries nbgrader's metadata: `answer` is the solution, `check` the graded test, the rest is
locked but for the cell to try things out in.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from nbformat import NotebookNode

from ..errors import UsageError

CELLS = ("imports", "answer", "scratch", "check")
"""The code cells of an exercise, in this order."""

_SOLUTION = re.compile(
    r"^(?P<indent>[ \t]*)### BEGIN SOLUTION(?:: (?P<pointer>.*))?\n"
    r"(?:.*\n)*?[ \t]*### END SOLUTION",
    re.MULTILINE,
)


def stub(solution: NotebookNode, points: float) -> NotebookNode:
    """The notebook for learners: no solution, no outputs.

    Arguments:
        solution: the solved exercise; it is not changed.
        points: what its check cell is worth.

    Raises `UsageError` if a cell of `CELLS` is missing, or nothing is marked as the solution.
    """
    new = marked(solution, points)
    for cell in new.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        if cell.id == "answer":
            cell.source = without_solution(cell.source)
    return new


def without_solution(source: str) -> str:
    """An answer cell with each solution replaced by what is to be done.

    >>> print(without_solution('''def f():
    ...     ### BEGIN SOLUTION: think
    ...     return 1
    ...     ### END SOLUTION'''))
    def f():
        # TODO: think
        raise NotImplementedError("write f(), then run the cell below")
    """

    def todo(match: re.Match[str]) -> str:
        before = re.findall(r"^(?:async )?def (\w+)", source[: match.start()], re.MULTILINE)
        if not before:
            raise UsageError(
                expected="a solution inside a function",
                got="one before the first def",
                next="The stub's cell must run without an error: keep the gap inside a function.",
            )
        lines = [f"# TODO: {match['pointer'] or 'write it'}"]
        lines.append(f'raise NotImplementedError("write {before[-1]}(), then run the cell below")')
        return "\n".join(match["indent"] + line for line in lines)

    new, count = _SOLUTION.subn(todo, source)
    if not count:
        raise UsageError(
            expected="### BEGIN SOLUTION ... ### END SOLUTION in the cell 'answer'",
            got="none",
            next="Mark what the learner is to write.",
        )
    return new


def marked(notebook: NotebookNode, points: float) -> NotebookNode:
    """A copy with nbgrader's metadata (schema 3) on its cells."""
    new = deepcopy(notebook)
    there = [cell.id for cell in new.cells if cell.cell_type == "code"]
    if [one for one in there if one in CELLS] != list(CELLS):
        raise UsageError(
            expected=f"code cells {', '.join(CELLS)}, in this order",
            got=", ".join(there) or "none",
            next="Name the cells so; other code cells may stand between them.",
        )
    for cell in new.cells:
        told: dict[str, Any] = {"grade_id": cell.id, "schema_version": 3, "task": False}
        told |= {"grade": cell.id == "check", "solution": cell.id == "answer"}
        told["locked"] = cell.id not in ("answer", "scratch")
        if cell.id == "check":
            told["points"] = points
        if cell.id == "scratch":
            continue
        cell.metadata["nbgrader"] = told
        cell.metadata["deletable"] = False
        if told["locked"]:
            cell.metadata["editable"] = False
    return new
