"""A kernel as a `with` block, for tests that run cells by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from labsupport.authoring.kernel import KernelManager


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
        km=KernelManager(),
        resources={"metadata": {"path": str(folder)}},
        timeout=60,
    )
    client.reset_execution_trackers()
    with client.setup_kernel(cleanup_kc=True):
        yield Kernel(client)
