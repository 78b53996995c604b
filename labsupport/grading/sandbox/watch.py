"""Look at an answer's processes from outside: how many, how much memory, how much they print.

Read from /proc of the judge's own world, where the answer's processes cannot write.
"""

from __future__ import annotations

import math
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..line import AnswerError, Flooded, Gone, Silent
from .cage import Limits
from .family import family

EVERY = 0.02
"""Seconds between two looks."""
GRACE = 1.0
"""Seconds after its time that an answer is left alone, for the judge to see it itself."""
Reason = tuple[type[AnswerError], str, str]
"""What the judge says of it, what was got, and what to do next."""
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Watch:
    """A thread that looks, keeps what is printed, and kills what goes beyond the limits.

    Arguments:
        pid: the answer's first process; 0 if not known, then only output is watched.
        out: the reading end of its output; closed by `stop`.

    Attributes:
        until: gives the time, on `time.monotonic`'s clock, when it must be over. It ends then, and
            with it whatever a check waits for that the answer holds open.
    """

    def __init__(self, pid: int, limits: Limits, out: int) -> None:
        self._pid, self._limits, self._out = pid, limits, out
        self._handle = _handle(pid)
        self.until: Callable[[], float] = lambda: math.inf
        self._own = 0  # what the first process needs before the answer does anything
        self._reason: Reason | None = None
        self._output = bytearray()
        self._reading, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._look, name="labsupport watch", daemon=True)
        self._thread.start()

    @property
    def output(self) -> str:
        """What it printed so far, also where the thread had no time to read it."""
        self._read()
        return self._output.decode("utf-8", "replace")

    def kill(self) -> None:
        """End it. In a PID namespace of its own, all that it started ends with it."""
        with suppress(ProcessLookupError, PermissionError):
            if self._handle is not None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            elif self._pid:
                os.kill(self._pid, signal.SIGKILL)

    def stop(self) -> None:
        """No more looking."""
        self._over.set()
        self._thread.join()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def verdict(self, error: AnswerError) -> AnswerError:
        """Why it is gone or silent: for going beyond a limit, or as it seemed."""
        if self._reason is None and isinstance(error, Silent):
            self._reason = self._beyond()  # where it takes all the time, the thread had none
        if self._reason is None:
            return error
        kind, got, next = self._reason
        return kind(expected="an answer within its limits", got=got, next=next)

    def _look(self) -> None:
        try:
            while not self._over.is_set():
                if select.select([self._out], [], [], EVERY)[0] and not self._read():
                    self._over.wait(EVERY)  # nobody is left who could print
                if self._reason is None and (reason := self._beyond()):
                    self._reason = reason
                    self.kill()
        finally:
            self._read()
            with self._reading:
                os.close(self._out)
                self._out = -1

    def _read(self) -> int:
        """Take what is there, at most a pipe full; gives how many bytes that were."""
        with self._reading:
            if self._out < 0 or not select.select([self._out], [], [], 0)[0]:
                return 0
            data = os.read(self._out, 65536)
            room = self._limits.output - len(self._output)
            self._output += data[: max(0, room)]
        if len(data) > room and self._reason is None:
            self._reason = (
                Flooded,
                f"more than {self._limits.output:,} bytes printed",
                "Print less; look for a loop that prints.",
            )
            self.kill()
        return len(data)

    def _beyond(self) -> Reason | None:
        if time.monotonic() > self.until() + GRACE:
            return (
                Silent,
                "no time left",
                "Look for a loop that never ends, or a wait that nothing ends.",
            )
        if not self._pid:
            return None
        most = self._limits.processes
        tasks, memory = 0, 0
        found = family(self._pid, most)
        for pid in found if len(found) <= most else ():
            with suppress(OSError, ValueError, IndexError):
                stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                tasks += int(stat[17])
                resident = int(stat[21]) * PAGE
                self._own = self._own or resident
                memory += max(0, resident - self._own)  # a fork shares what its parent had
        if max(tasks, len(found)) > most:
            return (
                Gone,
                f"more than {most} processes and threads",
                "Look for a loop that starts them.",
            )
        if memory > self._limits.memory:
            return (
                Gone,
                f"more than {self._limits.memory // 1_000_000} MB of memory",
                "Keep less at once; look for a list that grows for ever.",
            )
        return None


def _handle(pid: int) -> int | None:
    """A handle that stays this process's, also when its number is another's; None without one."""
    if not pid or not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None
