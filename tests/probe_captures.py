"""Captures made by hand for the tests of `probe`: each read with its time."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from labsupport.wire import Capture, Chunk, Ending

Reads = Iterable[tuple[float, Sequence[bytes]]]


def event(number: int, size: int = 30) -> bytes:
    """One event of `size` bytes, each with its own text."""
    return b"data: %0*d\n\n" % (size - 8, number)


def events(count: int, size: int = 30) -> list[bytes]:
    return [event(number, size) for number in range(count)]


def taken(
    reads: Reads,
    *,
    headers: dict[str, str] | None = None,
    head_at: float | None = None,
    chunked: bool = True,
    status: str = "200 OK",
    kind: str = "text/event-stream",
    ending: Ending = Ending.CLEAN,
    ended_at: float | None = None,
    url: str = "http://kitchen/stream",
) -> Capture:
    """A capture of these reads, each a time and the HTTP chunks that it brought.

    Arguments:
        reads: seconds, and body pieces; a piece is one HTTP chunk if `chunked`.
        headers: besides Content-Type and what frames the body.
        head_at: when the head came; together with the first read unless given.
    """
    fields = {"content-type": kind, **(headers or {})}
    if chunked:
        fields["transfer-encoding"] = "chunked"
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
    head = "\r\n".join([*lines, "", ""]).encode()
    made: list[Chunk] = []
    if head_at is not None:
        made.append(Chunk(head_at, head))
        head = b""
    for at, pieces in reads:
        framed = [b"%x\r\n%s\r\n" % (len(p), p) if chunked else p for p in pieces]
        made.append(Chunk(at, head + b"".join(framed)))
        head = b""
    if head:
        made.append(Chunk(0.001, head))
    last = made[-1].at
    if chunked and ending is Ending.CLEAN:
        made.append(Chunk(last, b"0\r\n\r\n"))
    end = last if ended_at is None else ended_at
    return Capture(url, b"GET /stream HTTP/1.1\r\n\r\n", tuple(made), ending, end)


def flowing(count: int = 20, every: float = 0.05, size: int = 30, **more: object) -> Capture:
    """A stream at its finest: head at once, each event in a read of its own."""
    more.setdefault("head_at", 0.001)
    reads = [(0.002 + every * n, [one]) for n, one in enumerate(events(count, size))]
    return taken(reads, **more)  # type: ignore[arg-type]


def sized(
    step: int = 4096, room: int = 140, count: int = 200, every: float = 0.01, **more: object
) -> Capture:
    """What a buffer of `step` bytes does: the first burst leaves `room` for a head."""
    body, reads, at = b"".join(events(count, 200)), [], 0
    while at < len(body):
        to = min(len(body), at + step - (0 if reads else room))
        reads.append((every * to / 200, [body[at:to]]))
        at = to
    return taken(reads, **more)  # type: ignore[arg-type]


def corked(every: float = 0.05, count: int = 20, wait: float = 0.204, **more: object) -> Capture:
    """What a corked socket does: each wait begins with the first byte that has to wait."""
    reads: list[tuple[float, list[bytes]]] = []
    pending: list[bytes] = []
    until = wait  # the head waits first
    for number, one in enumerate(events(count)):
        at = every * number
        if at >= until and pending:
            reads.append((until, pending))
            pending = []
        if at >= until:
            until = at + wait
        pending.append(one)
    reads.append((every * count, pending))
    return taken(reads, **more)  # type: ignore[arg-type]


def at_end(
    count: int = 20, every: float = 0.05, *, frames: int = 1, size: int = 30, **more: object
) -> Capture:
    """Everything at the end, in so many HTTP chunks."""
    body = b"".join(events(count, size))
    step = -(-len(body) // frames)
    pieces = [body[at : at + step] for at in range(0, len(body), step)]
    return taken([(count * every, pieces)], **more)  # type: ignore[arg-type]


def zipped(texts: Iterable[tuple[float, bytes]], *, flush: bool) -> list[tuple[float, list[bytes]]]:
    """Reads of a gzip body; without `flush` the bytes come when the compressor is full."""
    press = zlib.compressobj(wbits=31)
    reads, last = [], 0.0
    for at, text in texts:
        out = press.compress(text) + (press.flush(zlib.Z_SYNC_FLUSH) if flush else b"")
        last = at
        if out:
            reads.append((at, [out]))
    return [*reads, (last + 0.01, [press.flush()])]
