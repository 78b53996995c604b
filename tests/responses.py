"""Responses made by hand for the tests of `explain`, `timeline` and `live`."""

from __future__ import annotations

from collections.abc import Iterable

from labsupport.wire import Capture, Chunk, Ending

STREAM = b"text/event-stream; charset=utf-8"


def response(
    *parts: bytes,
    kind: bytes = STREAM,
    status: bytes = b"200 OK",
    header: bytes = b"transfer-encoding: chunked",
    ending: Ending = Ending.CLEAN,
    every: float = 0.05,
) -> Capture:
    """A head, then these raw parts, one read each, `every` seconds apart."""
    head = b"HTTP/1.1 %s\r\ncontent-type: %s\r\n%s\r\n\r\n" % (status, kind, header)
    return capture([head, *parts], ending=ending, every=every)


def capture(
    reads: Iterable[bytes], *, ending: Ending = Ending.CLEAN, every: float = 0.05
) -> Capture:
    """These raw reads, one every so many seconds."""
    made = tuple(Chunk(every * n, data) for n, data in enumerate(reads, 1))
    at = made[-1].at if made else every
    return Capture("(by hand)", b"GET / HTTP/1.1\r\n\r\n", made, ending, at)


def chunk(data: bytes) -> bytes:
    """One chunk of HTTP's chunked transfer coding."""
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST = b"0\r\n\r\n"
