"""Fixtures for all tests."""

from __future__ import annotations

import gc
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import leaks
import nbval.kernel
import pytest
from xdist.scheduler import LoadFileScheduling

from labsupport.authoring.kernel import KernelManager

NOBODY = Path(__file__).parents[1] / "labsupport" / "grading" / "sandbox" / "nobody.pem"
os.environ["SSL_CERT_FILE"] = str(NOBODY)
"""No test uses TLS of the world; to load its 150 certificates takes each httpx client 25 ms."""

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
"""Some hundred Python processes are started; without this, each might compile the bench anew."""

nbval.kernel.KernelManager = KernelManager
"""Its own has ports, which one of the many servers of other tests may get first."""

collect_ignore = ["bench", "instructor/bench"]
"""No tests there, and each worker would import what they import."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-tools", action="store_true", help="a missing program fails its tests"
    )


APART = ("test_rerun.py", "test_side_by_side.py")
EXERCISE = re.compile(r"test_exercises\.py::.*\[\D*(\d\d)")
TOGETHER = {"01": "a", "02": "a", "03": "a", "08": "a", "04": "b", "05": "b", "06": "c", "07": "c"}
"""Exercises whose answers share a sandbox: to start one costs more than to judge many answers."""
KERNELS = (
    *("test_rerun.py", "notebooks/", "browser/", "test_refresh.py", "test_execute.py"),
    "test_lesson_audit.py",
    *("solutions/", "test_stubs.py", "test_nbgrader.py", "test_books_notebooks.py"),
)
LONG = (*KERNELS, "test_doctor_jupyter.py", "test_side_by_side.py", "instructor/")
"""Files that take longest begin first, so that no worker is left with one at the end. First of all
those with kernels: some are started by Jupyter or nbgrader, and have ports that one of the many
servers of other tests might get first."""


def pytest_xdist_auto_num_workers() -> int:
    """Two workers a processor: many tests wait for a socket or a kernel most of the time."""
    return 2 * (os.cpu_count() or 1)


class Dealer(LoadFileScheduling):  # type: ignore[misc]
    """Deals out whole files, and so whole notebooks, in order; of `APART` each test by itself.

    The tests of the exercises are dealt by exercise, some exercises together; those in a browser
    all to the worker that has the browser.
    """

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        if exercise := EXERCISE.search(nodeid):
            return f"{file} {TOGETHER.get(exercise[1], exercise[1])}"
        if "/browser/" in file:
            return "browser"
        return nodeid if file.endswith(APART) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Dealer:
    return Dealer(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: min((order[one] for one in LONG if one in item.nodeid), default=99))


@pytest.fixture(scope="session")
def without(request: pytest.FixtureRequest) -> Callable[[str], NoReturn]:
    """`without("no chromium here")` skips the test, or fails it if `--require-tools` was given."""

    def end(words: str) -> NoReturn:
        if request.config.getoption("--require-tools"):
            pytest.fail(words)
        pytest.skip(words)

    return end


@pytest.fixture(scope="session")
def need_tool(without: Callable[[str], NoReturn]) -> Callable[[str], str]:
    """`need_tool("chromium")` gives its path, or skips the test, or fails it if so asked."""

    def need(command: str) -> str:
        if where := shutil.which(command):
            return where
        without(f"{command} is not installed; Debian has it: apt-get install {command}")

    return need


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """The test fails if it leaves a thread, a socket or a task."""
    gc.collect()
    gc.freeze()  # what was there before is set aside: the look through all objects is short then
    with leaks.no_leaks():
        yield
