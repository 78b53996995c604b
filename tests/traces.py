"""What a `Program` has on this machine while it runs, so that a test can see it gone."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from sockets import GENEROUS

from labsupport._program import Program


@dataclass
class Traces:
    """The processes, port and folder of a program that runs; taken by `Traces.of`."""

    processes: list[psutil.Process]
    port: int
    folder: Path

    @classmethod
    def of(cls, program: Program) -> Traces:
        run = program._run
        assert run is not None
        keeper = psutil.Process(run.pid)
        return cls([keeper, *keeper.children(recursive=True)], run.port, run.folder)

    def left(self) -> list[str]:
        """What is still there, in words."""
        # is_running() knows a process by its start, so a number used again is not mistaken.
        found = [f"process {one.pid}" for one in self.processes if alive(one)]
        with suppress(OSError):  # it goes while we look
            found.append(f"folder with {sorted(path.name for path in self.folder.iterdir())}")
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            found.append(f"port {self.port}")
        return found

    def assert_gone(self, within: float = GENEROUS) -> None:
        until = time.monotonic() + within
        while left := self.left():
            assert time.monotonic() < until, f"left behind: {left}"
            time.sleep(0.02)


def alive(process: psutil.Process) -> bool:
    """True for a process that runs, and for a child of ours that nobody asked how it ended.

    Of an orphan that ended, init asks that, in its own time; only its number is left.
    """
    with suppress(psutil.Error):
        ended = process.status() == psutil.STATUS_ZOMBIE
        return bool(process.is_running()) and (not ended or process.ppid() == os.getpid())
    return False
