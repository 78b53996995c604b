"""Time as an argument, so that a test can bring its own.

>>> clock = RealClock()
>>> clock.now() >= 0
True
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import Protocol

__all__ = ["Clock", "LoopClock", "RealClock"]


class Clock(Protocol):
    """What faults and the provider know of time."""

    def now(self) -> float:
        """Seconds since some start; it never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds; `math.inf` waits until cancelled."""


class RealClock:
    """The machine's clock, counting from 0 when it is made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def now(self) -> float:
        """Seconds since this clock was made."""
        return time.perf_counter() - self._start

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds in the running event loop; `math.inf` waits until cancelled."""
        if seconds == math.inf:
            await asyncio.get_running_loop().create_future()
        await asyncio.sleep(seconds)

    def __repr__(self) -> str:
        return f"RealClock({self.now():.3f} s)"


class LoopClock:
    """The running event loop's clock, counting from 0 when it is made.

    With a loop whose time is simulated, everything that waits by it is simulated too.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._start = self._loop.time()

    def now(self) -> float:
        """Seconds since this clock was made."""
        return self._loop.time() - self._start

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds; `math.inf` waits until cancelled."""
        if seconds == math.inf:
            await self._loop.create_future()
        await asyncio.sleep(seconds)

    def __repr__(self) -> str:
        return f"LoopClock({self.now():.3f} s)"
