"""Fall silent in the middle: the connection is open and nothing comes.

    Stall(after=100, seconds=5)     100 bytes, five seconds of nothing, then the rest
    Stall(after=100)                100 bytes, then nothing, until somebody gives up

To the reader this looks like a model that thinks. Only a timeout of its own, or a heartbeat that
fails to come, tells the two apart.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

from ..clock import Clock
from ..wire import Chunk
from .base import check_bytes, check_seconds


@dataclass(frozen=True)
class Stall:
    """Pass `after` bytes, then hand nothing on for `seconds`.

    Arguments:
        after: bytes that pass first.
        seconds: how long; None for ever, which ends when the client leaves. The upstream is not
            read during that time, so a fast one comes to feel it.
    """

    after: int
    seconds: float | None = None
    conserves: ClassVar[bool] = True  # what comes out until somebody leaves is what went in

    def __post_init__(self) -> None:
        check_bytes(self, "after", "Stall(after=100)")
        if self.seconds is not None:
            check_seconds(self, "seconds", "Stall(after=100, seconds=5)")

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The same bytes, with a silence among them."""
        silence = math.inf if self.seconds is None else self.seconds
        left: int | None = self.after
        if left == 0:
            await clock.sleep(silence)
            left = None
        async for chunk in chunks:
            if left is None or len(chunk.data) < left:
                left = None if left is None else left - len(chunk.data)
                yield chunk
                continue
            yield Chunk(clock.now(), chunk.data[:left])
            await clock.sleep(silence)
            if rest := chunk.data[left:]:
                yield Chunk(clock.now(), rest)
            left = None
