"""One JupyterLab in one browser for all tests here: to start both takes longer than most tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Lab

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="package")
def in_jupyterlab(
    need_tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """JupyterLab over a copy of the lessons."""
    need_tool("chromium")
    from tests.browser.jupyterlab import Lab

    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    shutil.copytree(NOTEBOOKS, folder)
    with Lab(folder) as lab:
        yield lab
