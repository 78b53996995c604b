"""Abort the connection in the middle: what a killed process or a full load balancer does.

    Reset(after=100)    100 bytes, then RST

A reset is an error at the reader's socket, where a cut is an ordinary end. Bytes that were on
their way may be lost with it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

from ..clock import Clock
from ..wire import Chunk
from .base import Abort, check_bytes
from .cut import first_bytes


@dataclass(frozen=True)
class Reset:
    """Pass `after` bytes, then abort the connection with a TCP reset (RST).

    Arguments:
        after: bytes of the body that pass first. A shorter body is not reset; one of that
            length lacks its end.
    """

    after: int
    conserves: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_bytes(self, "after", "Reset(after=100)")

    def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The first bytes; then raises `Abort`."""
        return first_bytes(chunks, self.after, Abort(f"reset after {self.after} bytes"))
