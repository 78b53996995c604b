"""Another program as a `with` block: a server in a process and a temporary folder of its own.

Rule 1: when `start` returns, it answers on a free port of 127.0.0.1; when `stop` returns, its
    processes, its port and its folder are gone.
Rule 2: the same happens when the block raises, when the owner is forgotten, when the interpreter
    exits and when it is killed: `_keeper` sees to that.
Rule 3: no service of the system is started, stopped or configured.
"""

from __future__ import annotations

import math
import re
import time
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

from ._run import Run, answers
from .errors import LabError, StartError, StopError, UsageError

TRIES = 4
FEWER = "Stop what is no longer needed."
TAKEN = re.compile(r"address (is )?already in use|cannot bind|bind\(\) (to|failed)|10048", re.I)


class Program:
    """A server program that has a configuration; subclasses say which one.

    Arguments:
        start_deadline: seconds until it must accept a connection.
        stop_deadline: seconds to end by itself once asked; then it is killed.
    """

    name = "program"

    def __init__(self, *, start_deadline: float = 10.0, stop_deadline: float = 5.0) -> None:
        for deadline in (start_deadline, stop_deadline):
            if not 0 < deadline < math.inf:
                raise UsageError(
                    expected="a deadline in seconds, more than 0",
                    got=repr(deadline),
                    next="Leave it out, or give seconds such as 5.0.",
                )
        self.config = ""
        self._start_deadline, self._stop_deadline = start_deadline, stop_deadline
        self._run: Run | None = None
        self._finalizer: weakref.finalize | None = None  # type: ignore[type-arg]
        self._said: list[str] = []

    def lay_out(self, folder: Path, port: int) -> list[str]:
        """Write the configuration for `port` into `folder`, and set `config`.

        Returns the command, with absolute paths or ones that begin in `folder`.
        Raises `StartError` when the program is not on this machine.
        """
        raise NotImplementedError

    def ready(self, run: Run) -> bool:
        """True when it can be used; asked again and again after the start."""
        return answers(run.port)

    def failed(self, lines: list[str]) -> tuple[str, str]:
        """What went wrong and what to do next, from what the program said before it ended."""
        return (lines or ["a program that ended and said nothing"])[-1], "Look at its settings."

    @property
    def url(self) -> str:
        """Where it answers, such as `http://127.0.0.1:49152`; no slash at the end.

        Raises `UsageError` before it is started.
        """
        if self._run is None:
            raise UsageError(
                expected=f"{self.name} to run",
                got=repr(self),
                next="Use it as a `with` block, or call .start() first.",
            )
        return f"http://127.0.0.1:{self._run.port}"

    @property
    def running(self) -> bool:
        """True from `start` to `stop`, unless the program ended by itself."""
        return self._run is not None and not self._run.over

    @property
    def log(self) -> list[str]:
        """What the program said, oldest first; the last 200 lines, until the next start."""
        return self._run.lines() if self._run else list(self._said)

    def start(self) -> Self:
        """Start it; return when it can be used. A second call does nothing.

        Raises `StartError` when it cannot run, with what the program itself said.
        """
        if self._run is not None:
            return self
        until = time.monotonic() + self._start_deadline
        for _ in range(TRIES):
            run = self._make_run()
            # From here on it ends whatever happens, Ctrl-C too.
            finalizer = weakref.finalize(self, run.end)
            try:
                run.start(self.lay_out(run.folder, run.port))
                if self._wait(run, until):
                    self._run, self._finalizer = run, finalizer
                    return self
            except OSError as error:
                raise self._no_start(str(error), FEWER) from error
            finally:
                if self._run is not run:
                    self._said = run.lines()
                    finalizer()
        said = next(filter(TAKEN.search, self._said), "")
        raise self._no_start(f"{TRIES} ports that were free and then not: {said}", "Try again.")

    def _make_run(self) -> Run:
        try:
            return Run(self.name, self._stop_deadline)
        except OSError as error:
            raise self._no_start(str(error), FEWER) from error

    def _wait(self, run: Run, until: float) -> bool:
        """True when it can be used; False when somebody was quicker to take the port."""
        while True:
            over = run.over
            lines = run.lines()
            if any(map(TAKEN.search, lines)):
                return False
            if over:
                raise self._no_start(*self.failed(lines))
            if self.ready(run):
                return True
            if time.monotonic() > until:
                said = f" and says: {lines[-1]}" if lines else ""
                raise self._no_start(
                    f"a program that runs and does not{said}", "Give it a longer start_deadline."
                )
            time.sleep(0.01)

    def _no_start(self, got: str, next: str) -> LabError:
        expected = f"{self.name} to accept connections within {self._start_deadline:g} s"
        return StartError(expected=expected, got=got, next=next)

    def stop(self) -> None:
        """End it, free the port, remove the folder; a second call does nothing.

        A stream that is open is cut. Raises `StopError` if the system cannot end it.
        """
        run, self._run = self._run, None
        if run is not None and self._finalizer is not None:
            self._said = run.lines()
            self._finalizer()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        except StopError:
            if error is None:  # the block's own error is the better news
                raise
