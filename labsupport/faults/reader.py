"""Wait for the next chunk or for a time, whichever comes first, and lose neither.

Cancelling a wait for an async generator's next item ends the generator. So the wait runs in a
task that stays when the time is up, and the chunk it brings is there for the next call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType

from ..clock import Clock
from ..wire import Chunk
from .base import Hangup


class Reader:
    """Read chunks one by one; use it as an `async with` block, which ends its task.

    Arguments:
        chunks: where they come from; who made them closes them (`through` does).
        clock: the time that `until` is measured in.

    Attribute `ended` is True once there is nothing more to come.
    """

    def __init__(self, chunks: AsyncIterator[Chunk], clock: Clock) -> None:
        self.ended = False
        self._chunks, self._clock = chunks, clock
        self._task: asyncio.Task[Chunk | None] | None = None
        self._hangup: Hangup | None = None

    async def next(self, until: float | None = None) -> Chunk | None:
        """The next chunk; None if the stream ended, or when the clock says `until`.

        A hang-up counts as an end here, so that held bytes can go out; `finish` brings it back.
        """
        if self._task is None and (until is None or self.ended):
            return await self._take()
        if until is not None:
            left = until - self._clock.now()
            if left <= 0:
                return None
            self._task = self._task or asyncio.create_task(self._take())
            timer = asyncio.create_task(self._clock.sleep(left))
            try:
                await asyncio.wait({self._task, timer}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                timer.cancel()
                await asyncio.wait({timer})
            if not self._task.done():
                return None
        assert self._task is not None
        task, self._task = self._task, None
        return await task

    def finish(self) -> None:
        """Raise the `Hangup` that ended the stream, if one did. Call it after the last chunk."""
        if self._hangup:
            raise self._hangup

    async def _take(self) -> Chunk | None:
        try:
            return None if self.ended else await anext(self._chunks)
        except StopAsyncIteration:
            self.ended = True
        except Hangup as hangup:
            self.ended, self._hangup = True, hangup
        return None

    def __aiter__(self) -> AsyncIterator[Chunk]:
        return self

    async def __anext__(self) -> Chunk:
        if chunk := await self.next():
            return chunk
        raise StopAsyncIteration

    async def __aenter__(self) -> Reader:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})
            if not self._task.cancelled():
                self._task.exception()  # seen: nobody is left to be told
