"""See which processes a run leaves behind."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

PR_SET_CHILD_SUBREAPER = 36
MOMENT, LOOKS = 10.0, 200
"""Seconds that processes have to end, and how often they are looked at in any case: where the whole
machine stands still for a while, they had no turn either."""


class Left:
    """Says, when called, which processes below this one are new; each gets a moment to end."""

    def __init__(self) -> None:
        self._before = set(psutil.Process().children(recursive=True))

    def __call__(self) -> list[str]:
        until, looks = time.monotonic() + MOMENT, 0
        while True:
            new = set(psutil.Process().children(recursive=True)) - self._before
            told = [words for one in new if (words := _alive(one))]
            looks += 1
            if not told or (looks > LOOKS and time.monotonic() > until):
                return told
            time.sleep(0.02)


def _alive(one: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess):
        if (status := one.status()) != psutil.STATUS_ZOMBIE:
            ports = [port.laddr.port for port in one.net_connections() if port.status == "LISTEN"]
            words = " ".join(one.cmdline())[:200] or "no command line"
            return f"{one.pid} {one.name()} {status}, below {one.ppid()}: {words}, ports {ports}"
    return ""


@contextmanager
def adopting() -> Iterator[Left]:
    """Be the parent of every process below whose own parent ends, so that none is missed."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield Left()
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
