"""Close the connection in the middle: a crash, a deploy, a proxy's timeout.

    Cut(after=100)      100 bytes, then FIN; the message's end never comes

With chunked framing or a Content-Length the reader can see that something is missing, if its
library looks. A body that is framed by closing looks complete.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

from ..clock import Clock
from ..wire import Chunk
from .base import Break, Hangup, check_bytes


@dataclass(frozen=True)
class Cut:
    """Pass `after` bytes, then close the connection (FIN) without the message's end.

    Arguments:
        after: bytes of the body that pass first. A shorter body is not cut; one of that length
            lacks its end.
    """

    after: int
    conserves: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_bytes(self, "after", "Cut(after=100)")

    def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The first bytes; then raises `Hangup`."""
        return first_bytes(chunks, self.after, Hangup(f"cut after {self.after} bytes"))


async def first_bytes(chunks: AsyncIterator[Chunk], count: int, how: Break) -> AsyncIterator[Chunk]:
    """Pass `count` bytes, then raise `how`, without waiting for a byte more."""
    while count:
        try:
            chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        yield Chunk(chunk.at, chunk.data[:count])
        count -= min(count, len(chunk.data))
    raise how
