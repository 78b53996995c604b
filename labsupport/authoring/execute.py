"""Run a notebook's cells in a fresh kernel of this environment.

Rule 1: the kernel works in the notebook's folder, as in JupyterLab and under nbval.
Rule 2: a cell has a deadline, and no tag makes an error or a skipped cell acceptable.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from ..errors import BenchError
from .kernel import AsyncKernelManager

Progress = Callable[[int, int], None]


def execute(
    notebook: NotebookNode,
    folder: Path,
    *,
    timeout: float = 60.0,
    progress: Progress = lambda done, cells: None,
) -> NotebookNode:
    """Run all cells and return a copy of the notebook with what they put out.

    Arguments:
        notebook: nbformat 4, with cell ids; it is not changed.
        folder: the working folder of the kernel.
        timeout: seconds for one cell.
        progress: called with the cells done so far and their number.

    Raises:
        BenchError: a cell raised or took too long, or the kernel died, and names the cell; or the
            kernel did not come up.
    """
    new = deepcopy(notebook)
    if not any(cell.cell_type == "code" for cell in new.cells):
        return new  # no need of a kernel
    client = NotebookClient(
        new,
        km=AsyncKernelManager(),
        # As nbclient has it for kernels that it knows: what runs here is not your history.
        extra_arguments=["--HistoryManager.hist_file=:memory:"],
        resources={"metadata": {"path": str(folder)}},
        timeout=timeout,
        force_raise_errors=True,
        skip_cells_with_tag="",
        record_timing=False,
        store_widget_state=True,
    )
    # Not `client.execute`: it catches Ctrl-C itself, and calls it a kernel that died.
    client.reset_execution_trackers()
    with ExitStack() as stack:
        try:
            stack.enter_context(client.setup_kernel(cleanup_kc=True, stderr=subprocess.DEVNULL))
        except RuntimeError as error:
            raise BenchError(
                expected="a kernel that answers",
                got=str(error),
                next="Run `python -m labsupport doctor`; it looks at the kernel, too.",
            ) from error
        try:
            for index, cell in enumerate(new.cells):
                progress(index, len(new.cells))
                _execute_cell(client, cell, index, timeout)
        except BaseException:
            # A busy kernel does not hear a polite request; do not wait for it, or for Ctrl-C twice.
            client.shutdown_kernel = "immediate"
            raise
    client.set_widgets_metadata()
    return new


def _execute_cell(client: NotebookClient, cell: NotebookNode, index: int, timeout: float) -> None:
    try:
        client.execute_cell(cell, index)
    except CellExecutionError as error:
        # For an error inside `_repr_html_` the kernel's reply says "NoneType"; the output knows.
        shown = [output for output in cell.outputs if output.output_type == "error"]
        said = shown[0] if shown else error
        got = f"{said.ename}: {said.evalue}"
        next = "Open the notebook, run its cells from the top, and mend that one."
    except CellTimeoutError:
        got = f"no end within {timeout:g} s"
        next = "Look for a loop or a read without a deadline in it."
    except DeadKernelError:
        got = "the end of the kernel itself"
        next = "Look for a crash or os._exit in it; the kernel's log is in the terminal of Jupyter."
    else:
        return
    raise BenchError(expected=f"cell {cell.id!r} to run to its end", got=got, next=next)
