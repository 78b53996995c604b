"""A stream that goes on only when it has been seen: order tells whether a path holds events back.

Rule: event k+1 is sent after event k came out at the other end. No clock decides.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

from ..sse import Event
from ..wire import Chunk

EVENTS = 3
"""How many events a gate sends."""


class Gate:
    """One gated stream, to be asked for once.

    Arguments:
        after: an event to wait for before the first one is sent.

    Attributes:
        begun: set when the first event has been handed to the server.
    """

    def __init__(self, after: threading.Event | None = None) -> None:
        self.begun = threading.Event()
        self._seen = threading.Semaphore(1)
        self._after = after

    async def answer(self) -> StreamingResponse:
        """The endpoint."""
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def _events(self) -> AsyncIterator[str]:
        while self._after and not self._after.is_set():  # noqa: ASYNC110 - set by another stream
            await asyncio.sleep(0.002)
        for number in range(EVENTS):
            while not self._seen.acquire(blocking=False):  # noqa: ASYNC110 - by another thread
                await asyncio.sleep(0.002)
            yield f"data: {number}\n\n"
            self.begun.set()

    def note(self, _: Chunk, events: list[Event]) -> None:
        """Give it to `record`: what was seen lets the next event go."""
        for _event in events:
            self._seen.release()

    def open(self) -> None:
        """Let all events go, seen or not."""
        self._seen.release(EVENTS)
