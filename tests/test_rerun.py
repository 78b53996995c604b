"""A lesson's cells, run twice and then in any order, fail in no new way and leave nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

from labsupport.authoring.merge import parse

HERE = Path(__file__).parent
LESSONS = sorted((HERE.parent / "notebooks").glob("*.ipynb"))
SEED = 20260202
BEGIN = f"import sys; sys.path.insert(0, {str(HERE)!r}); import lesson_audit; await lesson_audit.begin()"
LEFT = "await __import__('lesson_audit').left(get_ipython())"

# What a cell may say when another that it needs has not run, or has been undone.
ORDER = {
    "NameError": "a name that a later cell makes",
    "ConnectError": "the server's cell has not run since the cell that stops it",
}


class Kernel:
    """A kernel that runs one cell at a time."""

    def __init__(self, client: NotebookClient) -> None:
        self._client = client

    def run(self, source: str) -> str:
        """The text of the cell's result. Raises CellExecutionError."""
        cell = new_code_cell(source)
        self._client.nb.cells[:] = [cell]
        self._client.execute_cell(cell, 0)
        results = [one for one in cell.outputs if one.output_type == "execute_result"]
        return str(results[0].data["text/plain"]) if results else ""


@contextmanager
def kernel(folder: Path) -> Iterator[Kernel]:
    client = NotebookClient(
        new_notebook(),
        km=KernelManager(
            kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager()
        ),
        resources={"metadata": {"path": str(folder)}},
        timeout=60,
    )
    client.reset_execution_trackers()
    with client.setup_kernel(cleanup_kc=True):
        yield Kernel(client)


def sources(path: Path) -> list[str]:
    cells = parse(path.read_text(encoding="utf-8")).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_cells_run_twice_and_shuffled_leave_nothing(path: Path) -> None:
    cells = sources(path)
    shuffled = random.Random(SEED).sample(cells, len(cells))
    with kernel(path.parent) as lesson:
        lesson.run(BEGIN)
        for source in [*cells, *cells]:
            lesson.run(source)
        for source in shuffled:
            try:
                lesson.run(source)
            except CellExecutionError as error:
                assert error.ename in ORDER, f"{source}\n\n{error.ename}: {error.evalue}"
        assert lesson.run(LEFT) == "[]"


@pytest.mark.parametrize(
    ("cell", "leak"),
    [
        pytest.param(
            "import threading\nthreading.Thread(target=threading.Event().wait, name='cook', "
            "daemon=True).start()",
            "thread cook",
            id="thread",
        ),
        pytest.param(
            "import socket, sys\nsys.kept = socket.create_server(('127.0.0.1', 0))",
            "socket LISTEN",
            id="socket",
        ),
        pytest.param(
            "import asyncio, sys\nasync def cook(): await asyncio.Event().wait()\n"
            "sys.kept = asyncio.create_task(cook())",
            "task cook",
            id="task",
        ),
    ],
)
def test_what_a_cell_leaves_is_found(cell: str, leak: str, tmp_path: Path) -> None:
    with kernel(tmp_path) as lesson:
        lesson.run(BEGIN)
        lesson.run(cell)
        found = lesson.run(LEFT.replace("get_ipython()", "get_ipython(), within=0.2"))
        assert leak in found


def test_what_only_names_and_outputs_hold_is_let_go(tmp_path: Path) -> None:
    with kernel(tmp_path) as lesson:
        lesson.run(BEGIN)
        lesson.run("import socket\nserver = socket.create_server(('127.0.0.1', 0))\nserver")
        with pytest.raises(CellExecutionError):
            lesson.run("def use(held):\n    raise KeyError\nuse(server)")
        assert lesson.run(LEFT) == "[]"
