"""Change bytes: what a broken middlebox or a wrong charset does.

    Corrupt(at=6)       byte 6 becomes another one
    Corrupt(0.01)       about one byte in a hundred does

The length stays, so nothing in HTTP notices. Only the reader can: by JSON that does not parse, a
field name that nobody knows, a U+FFFD on the screen.
"""

from __future__ import annotations

import math
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from ..clock import Clock
from ..errors import UsageError
from ..wire import Chunk
from .base import check_bytes


@dataclass(frozen=True)
class Corrupt:
    """Change bytes by chance, or the one at a place. Give one of `rate` and `at`.

    Arguments:
        rate: how likely each byte is to change: more than 0, up to 1.
        at: the place of the byte to change, counted from 0.
        seed: where chance starts; each connection starts there anew. The places and the changes
            are the same for the same bytes, however they are cut into chunks.
    """

    rate: float | None = None
    _: KW_ONLY
    at: int | None = None
    seed: int = 0
    conserves: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if (self.rate is None) == (self.at is None):
            raise UsageError(
                expected="one of Corrupt's rate and at",
                got=f"rate={self.rate!r} and at={self.at!r}",
                next="Write Corrupt(0.01), or Corrupt(at=6).",
            )
        if self.at is not None:
            check_bytes(self, "at", "Corrupt(at=6)")
        elif not isinstance(self.rate, int | float) or not 0 < self.rate <= 1:
            raise UsageError(
                expected="Corrupt's rate as a share of the bytes, more than 0 and up to 1",
                got=repr(self.rate),
                next="Write Corrupt(0.01) for one byte in a hundred.",
            )

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """As many bytes, some of them others."""
        chance = random.Random(self.seed)
        places = self._places(chance)
        place, passed = next(places, None), 0
        async for chunk in chunks:
            data = bytearray(chunk.data)
            while place is not None and place < passed + len(data):
                data[place - passed] ^= chance.randint(1, 255)  # never 0: it is another byte
                place = next(places, None)
            passed += len(data)
            yield Chunk(chunk.at, bytes(data))

    def _places(self, chance: random.Random) -> Iterator[int]:
        """Where bytes change, in order."""
        if self.at is not None:
            yield self.at
            return
        assert self.rate is not None
        place = -1
        while True:
            # How many bytes are spared before the next one is hit is geometrically distributed.
            spared = 0.0
            if self.rate < 1:
                spared = math.log(1 - chance.random()) / math.log1p(-self.rate)
            place += 1 + int(min(spared, 1e18))
            yield place
