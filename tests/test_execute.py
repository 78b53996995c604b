"""Cells run in a kernel of this environment, and a cell that fails is named."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from labsupport.authoring.execute import execute
from labsupport.authoring.kernel import AsyncKernelManager, KernelManager
from labsupport.errors import BenchError


def notebook(*sources: str) -> Any:
    cells = [new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources, 1)]
    return new_notebook(cells=cells)


def test_the_kernel_is_this_python_in_the_notebooks_folder(tmp_path: Path) -> None:
    old = notebook("import os, sys; print(sys.executable); print(os.getcwd())", "1", "")
    old.cells.insert(0, new_markdown_cell("text"))
    seen: list[tuple[int, int]] = []
    new = execute(old, tmp_path, progress=lambda done, cells: seen.append((done, cells)))
    python, folder = new.cells[1].outputs[0].text.splitlines()
    assert (python, os.path.realpath(folder)) == (sys.executable, os.path.realpath(tmp_path))
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert old.cells[1].outputs == [], "the argument is not changed"


def test_a_cell_that_raises_is_named(tmp_path: Path) -> None:
    bad = notebook("x = 1", "raise KeyError('soup')")
    bad.cells[1].metadata.tags = ["raises-exception"]  # no tag makes it acceptable
    with pytest.raises(BenchError) as error:
        execute(bad, tmp_path)
    assert str(error.value) == (
        "expected cell 'c2' to run to its end, got KeyError: 'soup'. "
        "Next: Open the notebook, run its cells from the top, and mend that one."
    )


def test_an_object_that_cannot_be_shown_says_why(tmp_path: Path) -> None:
    bad = notebook("class A:\n def _repr_html_(self): raise KeyError('soup')\nA()")
    with pytest.raises(BenchError, match="got KeyError: 'soup'"):
        execute(bad, tmp_path)


def test_a_cell_that_takes_too_long_is_named(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(BenchError, match="cell 'c1' to run to its end, got no end within 1 s"):
        execute(notebook("import time; time.sleep(100)"), tmp_path, timeout=1)
    assert time.monotonic() - started < 60


def test_a_kernel_that_dies_is_named_with_its_cell(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="cell 'c1' .* got the end of the kernel itself"):
        execute(notebook("import os; os._exit(1)"), tmp_path)


def test_a_kernel_that_does_not_come_up_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead(self: AsyncKernelManager, **_: Any) -> list[str]:
        return [sys.executable, "-c", "pass"]

    monkeypatch.setattr(AsyncKernelManager, "format_kernel_cmd", dead)
    with pytest.raises(BenchError, match="a kernel that answers, got Kernel died before .*doctor"):
        execute(notebook("1"), tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no sockets but those with ports")
def test_a_kernel_has_sockets_that_nobody_else_can_have() -> None:
    one, other = KernelManager(), KernelManager()
    one.start_kernel(stderr=subprocess.DEVNULL)
    try:
        client = one.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        client.stop_channels()
        folder = Path(one.ip).parent
        assert one.transport == "ipc" and any(path.is_socket() for path in folder.iterdir())
        assert Path(other.ip).parent != folder
    finally:
        one.shutdown_kernel(now=True)
    del one, client
    gc.collect()
    assert not folder.exists()


def test_the_final_state_of_a_widget_is_stored(tmp_path: Path) -> None:
    new = execute(
        notebook("import ipywidgets; label = ipywidgets.Label('a'); label", "label.value = 'b'"),
        tmp_path,
    )
    (state,) = [one["state"] for one in new.metadata.widgets.values()]
    assert "b" in [one["state"].get("value") for one in state.values()]
