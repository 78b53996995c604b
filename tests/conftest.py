"""Fixtures for all tests."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from typing import NoReturn

import leaks
import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-tools", action="store_true", help="a missing program fails its tests"
    )


@pytest.fixture
def without(request: pytest.FixtureRequest) -> Callable[[str], NoReturn]:
    """`without("no chromium here")` skips the test, or fails it if `--require-tools` was given."""

    def end(words: str) -> NoReturn:
        if request.config.getoption("--require-tools"):
            pytest.fail(words)
        pytest.skip(words)

    return end


@pytest.fixture
def need_tool(without: Callable[[str], NoReturn]) -> Callable[[str], str]:
    """`need_tool("chromium")` gives its path, or skips the test, or fails it if so asked."""

    def need(command: str) -> str:
        if where := shutil.which(command):
            return where
        without(f"{command} is not installed; Debian has it: apt-get install {command}")

    return need


def pytest_collection_finish() -> None:
    """Set what exists now aside: `leaks` looks through all objects, before and after a test."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """The test fails if it leaves a thread, a socket or a task."""
    with leaks.no_leaks():
        yield
