"""Do nothing: the control of every experiment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

from ..clock import Clock
from ..wire import Chunk


@dataclass(frozen=True)
class Passthrough:
    """Hand every chunk on as it comes.

    What an experiment shows with a `Passthrough` in the path is the path itself; only what is
    different with another fault in its place is that fault's doing.
    """

    conserves: ClassVar[bool] = True

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The same chunks."""
        async for chunk in chunks:
            yield chunk
