"""One JupyterLab in one browser for all tests here: to start both takes longer than most tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Lab

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="package")
def in_jupyterlab(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """JupyterLab over a copy of the lessons. Skips without Chromium, or fails if so asked."""
    if not shutil.which("chromium"):
        end = pytest.fail if request.config.getoption("--require-tools") else pytest.skip
        end("chromium is not installed; Debian has it: apt-get install chromium")
    from tests.browser.jupyterlab import Lab

    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    shutil.copytree(NOTEBOOKS, folder)
    with Lab(folder) as lab:
        yield lab
