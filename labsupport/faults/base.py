"""What every fault is, how a connection breaks, and how faults are put in a row.

Rule 1: a fault turns an async iterator of chunks into another; no sockets, no threads.
Rule 2: settings are frozen; what a fault remembers lives in one call of `apply`, which is one
        connection's, so one fault serves many connections at once.
Rule 3: time comes from the clock, chance from a seed: the same input gives the same output.
Rule 4: bytes stay in order, whatever happens.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import ClassVar, Protocol

from ..clock import Clock
from ..errors import UsageError
from ..wire import Chunk


class Fault(Protocol):
    """Something that a path does to a stream. Write your own with these two members."""

    conserves: ClassVar[bool]
    """True if the bytes that come out are the bytes that went in, nothing lost or changed."""

    def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The chunks of one connection, as they are after this fault.

        Arguments:
            chunks: what comes from the upstream's side. It may raise a `Break`.
            clock: the time, and the way to wait.

        Returns the chunks for the client's side; raises a `Break` to end the connection.
        """


class Break(Exception):
    """The connection ends here without the message's end. Not an error: a thing to study."""


class Hangup(Break):
    """Closed (FIN). A fault that holds bytes hands them on first and then lets this pass."""


class Abort(Break):
    """Aborted (RST). Held bytes are lost, as they are in a real proxy (measured in all of them)."""


@asynccontextmanager
async def through(
    faults: Iterable[Fault], chunks: AsyncIterator[Chunk], clock: Clock
) -> AsyncIterator[AsyncIterator[Chunk]]:
    """Send `chunks` through `faults`, the first one nearest to the upstream.

    A context manager: at its end every stage is closed, the last one first, so that no task and
    no half-run generator stays behind when the reader leaves early.
    """
    async with AsyncExitStack() as stack:
        for stage in (None, *faults):
            chunks = stage.apply(chunks, clock) if stage else chunks
            if aclose := getattr(chunks, "aclose", None):  # a list's iterator has none
                stack.push_async_callback(aclose)
        yield chunks


def check_bytes(fault: Fault, name: str, example: str, *, least: int = 0) -> None:
    """Raise `UsageError` unless the setting `name` is a whole number of at least `least`."""
    value = getattr(fault, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise UsageError(
            expected=f"{type(fault).__name__}'s {name} in whole bytes, {least} or more",
            got=repr(value),
            next=f"Write {example}.",
        )


def check_seconds(fault: Fault, name: str, example: str) -> None:
    """Raise `UsageError` unless the setting `name` is a time from 0 up to, not with, infinity."""
    value = getattr(fault, name)
    if not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise UsageError(
            expected=f"{type(fault).__name__}'s {name} in seconds, 0 or more",
            got=repr(value),
            next=f"Write {example}.",
        )
