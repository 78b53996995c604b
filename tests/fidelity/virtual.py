"""An event loop whose time passes only when nobody has anything to do.

The sockets are real; the waits are not. What takes 16 s in a recording takes no time here, and a
busy machine cannot make a token late.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Fence:
    """Waits until all that was sent over loopback has arrived.

    One processor's packets are handled in the order in which they were sent, so when a packet of
    our own comes back, those before it have been handled.
    """

    def __init__(self) -> None:
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self._sock.connect(self._sock.getsockname())
        self._sock.settimeout(10)

    def wait(self) -> None:
        self._sock.send(b".")
        self._sock.recv(1)

    def close(self) -> None:
        self._sock.close()


class _Selector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Looks for bytes; where a loop would sleep, it moves the loop's time on."""

    now = 0.0

    def __init__(self) -> None:
        super().__init__()
        self._fence = _Fence()

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        self._fence.wait()
        if ready := super().select(0):
            return ready
        if timeout is None:
            return super().select(1.0)  # nothing is planned: only bytes can wake us
        self.now += timeout
        return []

    def close(self) -> None:
        self._fence.close()
        super().close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """See above. It starts at 1000 s, so that no time is 0."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return 1000.0 + self._virtual.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` in simulated time, on one processor where the system lets us choose."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    try:
        if before:
            os.sched_setaffinity(0, {sorted(before)[os.getpid() % len(before)]})
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(main)
    finally:
        if before:
            os.sched_setaffinity(0, before)
