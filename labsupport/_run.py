"""One run of another program: its folder, its port and the keeper that ends it.

Rule: it knows nothing of the `Program` that owns it, so a forgotten `Program` can be collected.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from .errors import StopError

LOG_LINES = 200
GRACE = 5.0
"""Seconds beside the program's own deadline in which a busy machine can run its keeper."""


class Run:
    """Take a free port and a temporary folder; `start` runs a command there, `end` ends it.

    Arguments:
        name: the program's, for messages.
        stop_deadline: seconds that the program has to end by itself once asked.
    """

    def __init__(self, name: str, stop_deadline: float) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"labsupport-{name.split()[0]}-"))
        self._keeper: subprocess.Popen[bytes] | None = None
        self._name, self._deadline = name, stop_deadline

    def start(self, command: list[str]) -> None:
        """Run the command, and return at once. Raises `OSError` when no process can be had."""
        keeper = Path(__file__).with_name("_keeper.py")
        own = [sys.executable, "-I", "-S", str(keeper), str(self.folder), str(self._deadline)]
        with (self.folder / "said").open("ab") as said:
            # A session of its own: an interrupted cell must not interrupt the program.
            self._keeper = subprocess.Popen(
                [*own, *command],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )

    @property
    def pid(self) -> int:
        """The keeper's process, whose children are the program's; 0 before `start`."""
        return self._keeper.pid if self._keeper else 0

    @property
    def over(self) -> bool:
        """True when the program ended by itself, or its keeper was killed."""
        keeper = self._keeper
        gone = keeper is not None and keeper.poll() is not None
        return gone or (self.folder / "ended").exists()

    def lines(self) -> list[str]:
        """What it said so far."""
        try:
            text = (self.folder / "said").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return [line.strip() for line in text.splitlines()[-LOG_LINES:] if line.strip()]

    def end(self) -> None:
        """End it and leave nothing. Raises `StopError` when even killing does not help."""
        keeper = self._keeper
        try:
            if keeper is not None and keeper.stdin is not None:
                with suppress(OSError):  # the keeper was killed
                    keeper.stdin.write(b".")
                    keeper.stdin.flush()
                with suppress(OSError):
                    keeper.stdin.close()
                self._wait(keeper)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self, keeper: subprocess.Popen[bytes]) -> None:
        with suppress(subprocess.TimeoutExpired):
            keeper.wait(self._deadline + GRACE)
        if not self.folder.exists():  # the last thing a keeper does but one
            return
        if os.name == "posix":  # its number cannot be another's while its session has members
            with suppress(ProcessLookupError):
                os.killpg(keeper.pid, signal.SIGKILL)
        else:
            keeper.kill()
        try:
            keeper.wait(GRACE)
        except subprocess.TimeoutExpired as error:
            raise StopError(
                expected=f"{self._name} to end within {self._deadline:g} s",
                got=f"a process {keeper.pid} that cannot be killed",
                next="Look at it with the system's tools.",
            ) from error


def free_port() -> int:
    """A port of 127.0.0.1 that is free now; a program takes it a moment later."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
    return port


def answers(port: int) -> bool:
    """True when something accepts a connection on this port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
