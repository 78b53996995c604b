"""What the presets are made of besides `labsupport.faults`: ways to hold, and one to compress."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import cycle
from typing import ClassVar

from ..clock import Clock
from ..faults.reader import Reader
from ..wire import Chunk
from .plan import Answer, Asked

GZIP = 31
"""zlib's number for a 32 KiB window in a gzip wrapping."""


@dataclass(frozen=True)
class Bursts:
    """Hand on exact numbers of bytes: `first`, then those of `then`, over and over.

    nginx's buffers: the first one begins with the upstream's head, which is not part of the body,
    so the first burst is smaller by it (measured).
    """

    first: int
    then: tuple[int, ...]
    conserves: ClassVar[bool] = True

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The same bytes, in bursts."""
        held, sizes = bytearray(), cycle(self.then)
        size = self.first
        async with Reader(chunks, clock) as reader:
            async for chunk in reader:
                held += chunk.data
                while len(held) >= size:
                    yield Chunk(clock.now(), bytes(held[:size]))
                    del held[:size]
                    size = next(sizes)
            if held:
                yield Chunk(clock.now(), bytes(held))
            reader.finish()


@dataclass(frozen=True)
class HoldFirst:
    """Hold until at least `size` bytes are here, hand on those and then the rest, hold no more."""

    size: int
    conserves: ClassVar[bool] = True

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The same bytes; the first ones later."""
        held, free = bytearray(), False
        async with Reader(chunks, clock) as reader:
            async for chunk in reader:
                if free:
                    yield chunk
                    continue
                held += chunk.data
                if len(held) >= self.size:
                    free = True
                    yield Chunk(clock.now(), bytes(held[: self.size]))
                    if rest := bytes(held[self.size :]):
                        yield Chunk(clock.now(), rest)
            if held and not free:
                yield Chunk(clock.now(), bytes(held))
            reader.finish()


@dataclass(frozen=True)
class HoldChunks:
    """Hold everything until the end, and hand it on in the chunks in which it came."""

    conserves: ClassVar[bool] = True

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The same chunks, at the end."""
        async with Reader(chunks, clock) as reader:
            held = [chunk async for chunk in reader]
            for chunk in held:
                yield Chunk(clock.now(), chunk.data)
            reader.finish()


@dataclass(frozen=True)
class Slices:
    """Cut what is longer than `size` bytes, as a program does that copies through a buffer."""

    size: int
    conserves: ClassVar[bool] = True

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The same bytes, in chunks of `size` at most."""
        async for chunk in chunks:
            for at in range(0, len(chunk.data), self.size):
                yield Chunk(chunk.at, chunk.data[at : at + self.size])


@dataclass(frozen=True)
class Gzip:
    """Compress, with a flush after every chunk or only when zlib has a block full.

    Arguments:
        flush: True: each chunk can be read at once, at the price of some bytes.
        block: without flush, output goes out in whole blocks of so many bytes; 0: as it comes.
        level: zlib's.
    """

    flush: bool = True
    block: int = 0
    level: int = 6
    conserves: ClassVar[bool] = False

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        """The bytes of one gzip stream."""
        packer = zlib.compressobj(self.level, zlib.DEFLATED, GZIP, 8)
        held = bytearray()
        async with Reader(chunks, clock) as reader:
            async for chunk in reader:
                held += packer.compress(chunk.data)
                if self.flush:
                    held += packer.flush(zlib.Z_SYNC_FLUSH)
                ready = len(held) - (len(held) % self.block if self.block else 0)
                if ready:
                    yield Chunk(clock.now(), bytes(held[:ready]))
                    del held[:ready]
            reader.finish()
            held += packer.flush()
            yield Chunk(clock.now(), bytes(held))


PACKED = (("content-encoding", "gzip"), ("vary", "Accept-Encoding"))
"""Header fields that a compressed answer gets."""


def packs(asked: Asked, answer: Answer, types: tuple[str, ...], *, heeds: bool) -> bool:
    """Whether a program compresses this answer.

    Arguments:
        types: media types, `text/*` for all of a kind, `*` for any.
        heeds: whether it obeys `Cache-Control: no-transform`.
    """
    if not asked.accepts_gzip or "content-encoding" in answer.headers:
        return False
    if heeds and answer.says("no-transform"):
        return False
    return any(
        kind in ("*", answer.kind) or (kind.endswith("*") and answer.kind.startswith(kind[:-1]))
        for kind in types
    )


def cacheable(asked: Asked, answer: Answer) -> bool:
    """Whether a shared cache that is told nothing else keeps this answer."""
    forbidden = any(answer.says(word) for word in ("no-cache", "no-store", "private"))
    stale = "max-age=0" in answer.headers.get("cache-control", "").replace(" ", "").lower()
    plain = "set-cookie" not in answer.headers and not stale
    return asked.method == "GET" and answer.status == 200 and plain and not forbidden
