"""The check cell of an exercise: the visible checks, on what this kernel defines."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ..errors import LabError, UsageError
from .answer import Answer, here
from .exercise import load
from .judging import judge
from .report import Report


class NotYet(LabError):
    """Some checks do not pass yet. It shows one line, since the report stands above it."""

    def __init__(self, report: Report) -> None:
        failed = report.failed
        super().__init__(
            expected="every check to pass",
            got=f"{failed.title!r} failing" if failed else report.note or report.state,
            next="Read the report above, change your cell, run it, and run this one again.",
        )

    def _render_traceback_(self) -> list[str]:
        """What IPython shows of it."""
        return [f"Not yet: {self.next}"]


def check(exercise: int, **answers: Any) -> Report:
    """Judge your answers with the visible checks, and show the report.

    Arguments:
        exercise: its number.
        answers: what you wrote, by name, such as `decode=decode`.

    Returns the report. Raises `NotYet` if a check does not pass, after showing the report, and
    `UsageError` where no such exercise is.
    """
    found = load(f"{exercise:02}", course())

    def fresh() -> AbstractContextManager[Answer]:
        return here(answers)

    report = judge(found, fresh)
    if report.state == "full":
        return report
    _show(report)
    raise NotYet(report)


def course(here: Path | None = None) -> Path:
    """The nearest folder, here or above, that has the exercises' `checks`."""
    here = (here or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        for one in (folder, folder / "exercises"):
            if (one / "checks").is_dir():
                return one
    raise UsageError(
        expected="a folder exercises/ with checks/ in it, here or above",
        got="none",
        next="Open the notebook where the course put it, in exercises/.",
    )


def _show(report: Report) -> None:
    from IPython.display import display

    shower: Callable[..., Any] = display
    shower(report)


def attempt(run: Callable[[], Any]) -> Any:
    """What `run()` gives, awaited if need be; what is not written yet is said, and not raised.

    For the cell in which you try your answer out.
    """
    try:
        made = run()
        return _awaited(made) if inspect.isawaitable(made) or hasattr(made, "__aiter__") else made
    except NotImplementedError as error:
        return Unwritten(str(error))


def _awaited(made: Any) -> Any:
    """What it comes to; of an async iterator a list. In a thread: this kernel's loop is busy."""

    async def wait() -> Any:
        if hasattr(made, "__aiter__"):
            return [one async for one in made]
        return await made

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, wait()).result()


class Unwritten(str):
    """What there is to write still; shown without quotes."""

    def __repr__(self) -> str:
        return f"not yet: {self}"
