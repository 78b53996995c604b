"""Hold bytes until `size` have piled up: what a buffering proxy does to tokens.

    the app writes     ten tokens of 30 bytes, one every 100 ms
    Buffer(90) hands on             90 bytes at 300 ms, 90 at 600 ms, 90 at 900 ms, 30 at the end
    Buffer(4096) hands on           300 bytes at 1000 ms: the reader waits for all of it

Nothing is lost, so a test that looks only at the final text passes. What is lost is time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from ..clock import Clock
from ..wire import Chunk
from .base import check_bytes
from .reader import Reader


@dataclass(frozen=True)
class Buffer:
    """Hold bytes until `size` have piled up, or until the end.

    Arguments:
        size: bytes; None holds everything until the end of the stream.
        exact: False hands on all that piled up, once it is at least `size`. True hands on exactly
            `size` bytes at a time and keeps the rest, as nginx does with its fixed buffers.

    At a hang-up the held bytes go out first; at an abort they are lost.
    """

    size: int | None = 4096
    _: KW_ONLY
    exact: bool = False
    conserves: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.size is not None:
            check_bytes(self, "size", "Buffer(4096), or Buffer(None) for all of it", least=1)

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The same bytes, in bursts."""
        held = bytearray()
        async with Reader(chunks, clock) as reader:
            async for chunk in reader:
                held += chunk.data
                while self.size and len(held) >= self.size:
                    burst = bytes(held[: self.size] if self.exact else held)
                    del held[: len(burst)]
                    yield Chunk(clock.now(), burst)
            if held:
                yield Chunk(clock.now(), bytes(held))
            reader.finish()
