"""Cut chunks into pieces: the reader's decoder must not care.

    the app writes      b"data: hi\\n\\n"
    Split(4) gives      b"data", b": hi", b"\\n\\n"

TCP promises bytes in order and nothing about where one read ends. A decoder that takes each read
for a whole event works on loopback and fails in the field; `Split(1)` shows it at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from ..clock import Clock
from ..wire import Chunk
from .base import check_bytes, check_seconds


@dataclass(frozen=True)
class Split:
    """Cut each chunk into pieces of `size` bytes; the last piece has what is left.

    Arguments:
        size: bytes.
        gap: seconds between two pieces of the same chunk. With 0 the pieces leave one by one but
            at once, and the reader's system may hand several over in one read.
    """

    size: int = 1
    _: KW_ONLY
    gap: float = 0.0
    conserves: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_bytes(self, "size", "Split(1)", least=1)
        check_seconds(self, "gap", "Split(1, gap=0.01)")

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The same bytes, in pieces."""
        async for chunk in chunks:
            for at in range(0, len(chunk.data), self.size):
                if at and self.gap:
                    await clock.sleep(self.gap)
                yield Chunk(clock.now(), chunk.data[at : at + self.size])
