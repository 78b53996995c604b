"""A clock for apps under test: a pause lasts until the test says so."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

GENEROUS = 20.0
"""Seconds after which a test that waits has failed; no test is meant to come near it."""


class GateClock:
    """Every pause waits for `open`, whatever its length.

    Attributes:
        asked: the seconds of each pause, in order.
        cancelled: how many pauses were cancelled while they waited.
    """

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.cancelled = 0
        self._changed = threading.Condition()
        self._waiting: list[Callable[[], object]] = []

    def now(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        loop, gate = asyncio.get_running_loop(), asyncio.Event()
        with self._changed:
            self.asked.append(seconds)
            self._waiting.append(lambda: loop.call_soon_threadsafe(gate.set))
            self._changed.notify_all()
        try:
            await gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    def wait_asked(self, pauses: int = 1) -> None:
        """Return when so many pauses have begun, ended ones included."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.asked) >= pauses, GENEROUS)

    def open(self, pauses: int = 1) -> None:
        """Wait until so many pauses wait, and end them all."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._waiting) >= pauses, GENEROUS)
            for end in self._waiting:
                end()
            self._waiting = []


class HastyClock(GateClock):
    """Every pause is over at once."""

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
