"""A lesson's cells, run in order and again in any order, fail in no new way, leave nothing."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest
from kernels import Kernel, kernel
from nbclient.exceptions import CellExecutionError

from labsupport.authoring.merge import parse

HERE = Path(__file__).parent
LESSONS = sorted((HERE.parent / "notebooks").glob("*.ipynb"))
SEED = 20260202
BEGIN = (
    f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
    "import lesson_audit; await lesson_audit.begin()"
)
LEFT = "await __import__('lesson_audit').left(get_ipython())"


def sources(path: Path) -> list[str]:
    cells = parse(path.read_text(encoding="utf-8")).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def names(source: str, kind: type[ast.expr_context]) -> set[str]:
    """The names that a cell reads (ast.Load) or makes (ast.Store)."""
    nodes = ast.walk(ast.parse(source))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, kind)}


def because_of_the_order(
    error: CellExecutionError, source: str, spoiled: set[str], lesson: Kernel
) -> bool:
    """True if a cell failed for want of a cell that comes before it on the page.

    `spoiled` are the names that a failed cell may have left half made.
    """
    if error.ename == "NameError":
        return True
    if error.ename in ("StartError", "StopError") or "in use" in str(error.evalue):
        return False  # what a bench that leaves something behind looks like, whatever the order
    if error.ename in ("ConnectError", "ConnectionRefusedError"):
        # The lesson's last cell has stopped its server: nobody answering is right then.
        return lesson.run("server.running") == "False"
    return bool(names(source, ast.Load) & spoiled)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_cells_run_in_order_and_again_in_any_order_leave_nothing(path: Path) -> None:
    cells = sources(path)
    shuffled = random.Random(SEED).sample(cells, len(cells))
    with kernel(path.parent) as lesson:
        lesson.run(BEGIN)
        for source in cells:
            lesson.run(source)
        spoiled: set[str] = set()
        for source in shuffled:
            try:
                lesson.run(source)
            except CellExecutionError as error:
                said = f"{source}\n\n{error.ename}: {error.evalue}"
                assert because_of_the_order(error, source, spoiled, lesson), said
                spoiled |= names(source, ast.Store)
            else:
                spoiled -= names(source, ast.Store)
        assert lesson.run(LEFT) == "[]"
