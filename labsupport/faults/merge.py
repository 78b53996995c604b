"""Hand on together what comes within a time: what a cork does.

    the app writes      a at 0 ms, b at 50 ms, c at 100 ms, d at 250 ms
    Merge(0.2) gives    abc at 200 ms, d at 450 ms or at the end

HAProxy does this by default with about 204 ms (a corked TCP socket). It saves packets; it costs
every token up to that time, and the rhythm of typing is gone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from ..clock import Clock
from ..wire import Chunk
from .base import check_bytes, check_seconds
from .reader import Reader


@dataclass(frozen=True)
class Merge:
    """Hold bytes for up to `seconds` since the first held one, then hand them on together.

    Arguments:
        seconds: how long the first byte waits at most.
        size: bytes; if so many have piled up, all go at once. None sets no such limit.
    """

    seconds: float
    _: KW_ONLY
    size: int | None = None
    conserves: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_seconds(self, "seconds", "Merge(0.2)")
        if self.size is not None:
            check_bytes(self, "size", "Merge(0.2, size=1448)", least=1)

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The same bytes, in bursts."""
        held, until = bytearray(), None
        async with Reader(chunks, clock) as reader:
            while not reader.ended:
                chunk = await reader.next(until)
                if chunk and chunk.data and not held:
                    until = clock.now() + self.seconds
                held += chunk.data if chunk else b""
                full = self.size is not None and len(held) >= self.size
                if held and (chunk is None or full):  # None: the time is up, or it is the end
                    yield Chunk(clock.now(), bytes(held))
                    held.clear()
                    until = None
            reader.finish()
