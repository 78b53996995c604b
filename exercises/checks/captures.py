"""Captures made byte by byte, with times of our choosing, so that no clock of a machine counts.

A stream is a list of bursts as its model makes them (`flowing`). What a path does to it is a
function from bursts to bursts: `held`, `trays`, `corked`, `packed`. `captured` writes them down.
"""

from __future__ import annotations

import zlib
from random import Random

from labsupport import Capture, Ending, encode
from labsupport.wire import Chunk

SSE = "text/event-stream"

CORK = 0.204
"""Seconds that a corked burst waits for more."""

CLOSING = 0.1
"""Seconds from the last event to the end of the answer."""

Bursts = list[tuple[float, list[bytes]]]
"""When each burst came, and its HTTP chunks."""


def events(random: Random, count: int, size: int = 160) -> list[bytes]:
    """So many token events, of about so many bytes."""
    return [encode("x" * random.randint(size // 2, size), event="token") for _ in range(count)]


def captured(
    bursts: Bursts, *, ending: Ending = Ending.CLEAN, head_at: float | None = None, **headers: str
) -> Capture:
    """A capture in which these bursts came. The head came at `head_at`, or with the first."""
    lines = {"content-type": SSE, "transfer-encoding": "chunked", **headers}
    told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    head = f"HTTP/1.1 200 OK\r\n{told}\r\n".encode()
    reads = [Chunk(head_at if head_at is not None else bursts[0][0], head)]
    for at, frames in bursts:
        reads.append(Chunk(at, b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in frames)))
    ended_at = reads[-1].at
    if ending is Ending.CLEAN:
        ended_at += 0.001
        reads.append(Chunk(ended_at, b"0\r\n\r\n"))
    return Capture("http://path/stream", b"GET / HTTP/1.1\r\n\r\n", tuple(reads), ending, ended_at)


def flowing(made: list[bytes], *, wait: float = 0.1, gap: float = 0.04) -> Bursts:
    """Each event as it is made: the first after `wait` seconds, the others `gap` apart."""
    return [(wait + number * gap, [one]) for number, one in enumerate(made)]


def held(bursts: Bursts) -> Bursts:
    """All together, when the last one was made."""
    return [(bursts[-1][0] + 0.001, [b"".join(b"".join(frames) for _, frames in bursts)])]


def trays(bursts: Bursts, size: int, first: int | None = None) -> Bursts:
    """In bursts of `size` bytes; the upstream's head leaves only `first` bytes for the first."""
    out: Bursts = []
    waiting, most = b"", first or size - 150
    for at, frames in bursts:
        waiting += b"".join(frames)
        while len(waiting) >= most:
            out.append((at, [waiting[:most]]))
            waiting, most = waiting[most:], size
    return [*out, (bursts[-1][0] + CLOSING, [waiting])] if waiting else out


def corked(bursts: Bursts) -> Bursts:
    """What was written within 204 ms of the first byte that waits, together."""
    out: Bursts = []
    begun = float("-inf")
    for at, frames in bursts:
        if at < begun + CORK:
            out[-1][1].extend(frames)
        else:
            begun = at
            out.append((begun + CORK, list(frames)))
    last = min(out[-1][0], bursts[-1][0] + CLOSING)  # the end pulls the cork
    return [*out[:-1], (last, out[-1][1])]


def packed(bursts: Bursts, *, flush: bool) -> Bursts:
    """Compressed, with a flush after each burst; or without, so that only ten bytes go ahead."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    done = [(at, packer.compress(b"".join(frames)) + packer.flush(zlib.Z_SYNC_FLUSH))
            for at, frames in bursts]  # fmt: skip
    if flush:
        return [(at, [data]) for at, data in done]
    whole = b"".join(data for _, data in done) + packer.flush()
    return [(bursts[0][0], [whole[:10]]), (bursts[-1][0], [whole[10:]])]
