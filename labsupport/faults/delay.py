"""Hand every chunk on later: what distance does.

    the app writes      a at 0 ms, b at 50 ms, c at 100 ms
    Delay(0.2) gives    a at 200 ms, b at 250 ms, c at 300 ms

Distance moves the first token and keeps the rhythm. A delay that grows with every chunk is not
distance but a queue that fills up.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from ..clock import Clock
from ..wire import Chunk
from .base import check_seconds
from .reader import Reader

MOST_UNDER_WAY = 1024 * 1024
"""Bytes that may be under way at once; then nothing more is read until some have arrived."""


@dataclass(frozen=True)
class Delay:
    """Hand each chunk on `seconds` later; many can be under way at once.

    Arguments:
        seconds: the way of every chunk, and of the end of the stream.
        jitter: seconds; each chunk takes up to so much longer, by chance. None overtakes another.
        seed: where chance starts; each connection starts there anew.
    """

    seconds: float
    _: KW_ONLY
    jitter: float = 0.0
    seed: int = 0
    conserves: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_seconds(self, "seconds", "Delay(0.2)")
        check_seconds(self, "jitter", "Delay(0.2, jitter=0.05)")

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The same chunks, later."""
        chance = random.Random(self.seed)
        under_way: deque[tuple[float, Chunk | None]] = deque()  # None: the end
        size, due = 0, 0.0
        async with Reader(chunks, clock) as reader:
            while True:
                first_due = under_way[0][0] if under_way else None
                chunk = None
                if first_due is not None and (reader.ended or size >= MOST_UNDER_WAY):
                    await clock.sleep(max(0.0, first_due - clock.now()))
                else:
                    chunk = await reader.next(first_due)
                    if chunk or reader.ended:
                        later = self.seconds + self.jitter * chance.random()
                        due = max(due, clock.now() + later)
                        under_way.append((due, chunk))
                        size += len(chunk.data) if chunk else 0
                        continue
                arrived = under_way.popleft()[1]
                if arrived is None:
                    break
                size -= len(arrived.data)
                yield Chunk(clock.now(), arrived.data)
            reader.finish()
