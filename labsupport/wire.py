"""HTTP/1.1 as the eye sees it, and `Capture`: everything observed on one connection.

Rule 1: no sockets here; bytes in, spans and values out.
Rule 2: every byte of a response belongs to exactly one `Span`, in order.
Rule 3: how a response ended is a value, `Ending`, and never an exception.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from starlette.datastructures import Headers

from .errors import NotAStream, ProtocolError, UsageError
from .framing import ResponseParser, Span
from .sse import Decoder, Event

__all__ = ["Capture", "Chunk", "Ending", "ResponseParser", "Span"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """The bytes of one read, and when it returned."""

    at: float
    """Seconds since the request was sent."""
    data: bytes

    def __repr__(self) -> str:
        return f"Chunk({self.at:.3f} s, {self.data!r})"


class Ending(StrEnum):
    """The five ways in which a response stops. Most of this subject hides here."""

    CLEAN = "clean"
    """The message said where it ends and ended there (or had no length and was closed)."""
    TRUNCATED = "truncated"
    """The connection was closed before the message was complete."""
    RESET = "reset"
    """The connection was aborted: a TCP reset (RST)."""
    TIMED_OUT = "timed out"
    """The deadline passed while the connection was open."""
    STOPPED = "stopped by us"
    """We had seen what we asked for, and left."""


@dataclass(frozen=True)
class Capture:
    """Everything observed on one connection: what was sent, each read with its time, the ending.

    Arguments:
        url: what was asked for.
        request: the bytes that were sent.
        reads: the raw bytes of each read from the socket, in order: head, framing and body.
        ending: how it stopped.
        ended_at: seconds from the request to that ending.
        note: the ending in words, where there is more to say.
    """

    url: str
    request: bytes = field(repr=False)
    reads: tuple[Chunk, ...] = field(repr=False)
    ending: Ending
    ended_at: float = 0.0
    note: str = ""

    @cached_property
    def _parsed(self) -> tuple[ResponseParser, tuple[Span, ...], tuple[Chunk, ...]]:
        parser, spans, chunks = ResponseParser(self.method), [], []
        for read in self.reads:
            found = parser.feed(read.data)
            spans += found
            if body := b"".join(span.data for span in found if span.kind == "body"):
                chunks.append(Chunk(read.at, body))
        return parser, tuple(spans + parser.rest()), tuple(chunks)

    @property
    def raw(self) -> bytes:
        """All bytes of the response as they came."""
        return b"".join(read.data for read in self.reads)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The same bytes, each span with what it is. Their data joined is `raw`.

        Raises `ProtocolError` if the bytes are not HTTP/1.1.
        """
        return self._parsed[1]

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The body as it arrived: one `Chunk` for each read that held body bytes.

        Head and chunked framing are taken off (see `reads` for those); a content coding such as
        gzip is not. Raises `ProtocolError` if the bytes are not HTTP/1.1.
        """
        return self._parsed[2]

    @property
    def body(self) -> bytes:
        """The chunks joined."""
        return b"".join(chunk.data for chunk in self.chunks)

    @property
    def method(self) -> str:
        """The request's method."""
        return self.request.split(b" ", 1)[0].decode("latin-1") or "GET"

    @property
    def status(self) -> int | None:
        """The status code, or None if no whole head arrived."""
        return self._parsed[0].status

    @property
    def headers(self) -> Headers:
        """The response's headers; names are not case-sensitive."""
        return Headers(raw=[(k.lower(), v) for k, v in self._parsed[0].headers])

    @property
    def framing(self) -> str:
        """What says where the body ends: `chunked`, `content-length`, `until close` or `none`."""
        return self._parsed[0].framing

    @property
    def encoding(self) -> str:
        """The content coding, such as `gzip`; `identity` when there is none."""
        return self.headers.get("content-encoding", "identity").strip().lower()

    @property
    def is_stream(self) -> bool:
        """True for status 200 with content type text/event-stream, as a browser demands."""
        kind = self.headers.get("content-type", "").split(";")[0].strip().lower()
        return self.status == 200 and kind == "text/event-stream"

    @cached_property
    def arrivals(self) -> tuple[tuple[float, Event], ...]:
        """Each event with the time at which the read that completed it returned.

        Raises `NotAStream` for a response that a browser's `EventSource` would refuse.
        """
        if not self.is_stream:
            kind = self.headers.get("content-type", "no Content-Type")
            raise NotAStream(
                expected="status 200 with Content-Type text/event-stream",
                got=f"status {self.status} with {kind}" if self.status else "no response head",
                next="Read .status, .headers and .body to see what it is; a FastAPI stream is "
                'StreamingResponse(..., media_type="text/event-stream").',
                capture=self,
            )
        decoder, unzip = Decoder(), inflater(self.encoding)
        return tuple((c.at, e) for c in self.chunks for e in decoder.feed(unzip(c.data)))

    @property
    def events(self) -> list[Event]:
        """The events a browser would dispatch. Raises `NotAStream` as `arrivals` does."""
        return [event for _, event in self.arrivals]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the capture as JSON; the file appears whole or not at all."""
        target = Path(path)
        beside = target.with_name(target.name + ".part")
        reads = [[read.at, base64.b64encode(read.data).decode()] for read in self.reads]
        beside.write_text(
            json.dumps(
                {
                    "url": self.url,
                    "request": base64.b64encode(self.request).decode(),
                    "reads": reads,
                    "ending": self.ending,
                    "ended_at": self.ended_at,
                    "note": self.note,
                }
            ),
            encoding="utf-8",
        )
        beside.replace(target)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Capture:
        """Read back what `save` wrote. Raises `UsageError` for anything else."""
        try:
            made = json.loads(Path(path).read_text(encoding="utf-8"))
            reads = tuple(Chunk(at, base64.b64decode(data)) for at, data in made.pop("reads"))
            request, ending = base64.b64decode(made.pop("request")), Ending(made.pop("ending"))
            return cls(request=request, reads=reads, ending=ending, **made)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                expected="a file written by Capture.save",
                got=f"{os.fspath(path)} ({type(error).__name__}: {error})",
                next="Save one with record(url).save('run.json').",
            ) from error

    def __repr__(self) -> str:
        try:
            chunks, status = self.chunks, self.status
        except ProtocolError:
            reads = plural(len(self.reads), "read")
            return f"Capture({reads}, {len(self.raw)} bytes, not HTTP/1.1)"
        if status is None:
            return f"Capture(no response, {self.ending} after {self.ended_at:.2f} s)"
        count, size = plural(len(chunks), "chunk"), len(self.body)
        when = f"first at {chunks[0].at:.2f} s, last at {chunks[-1].at:.2f} s, " if chunks else ""
        return f"Capture({status}, {count}, {size} bytes, {when}{self.ending})"


def plural(count: int, noun: str) -> str:
    """`1 chunk`, `2 chunks`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def inflater(encoding: str) -> _Inflate:
    """A function that undoes the content coding, a piece at a time."""
    return _Inflate(encoding)


class _Inflate:
    """Undo gzip or deflate a piece at a time; leave anything else as it is."""

    def __init__(self, encoding: str) -> None:
        # 47: zlib finds out by itself whether the wrapper is gzip or zlib.
        self._zlib = zlib.decompressobj(47) if encoding in ("gzip", "x-gzip", "deflate") else None

    def __call__(self, data: bytes) -> bytes:
        try:
            return self._zlib.decompress(data) if self._zlib else data
        except zlib.error as error:
            raise ProtocolError(
                expected="a body in the content coding that its head names",
                got=f"bytes that do not decompress ({error})",
                next="Ask without it: headers={'accept-encoding': 'identity'}.",
            ) from error


def capture_of(chunks: Iterable[bytes], *, ending: Ending = Ending.CLEAN) -> Capture:
    """A capture made by hand: these body chunks, one a second, after a plain 200 head.

    For looking at bytes that never crossed a network; the body is framed by closing.
    """
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    reads = (Chunk(float(n), data) for n, data in enumerate([head, *chunks]))
    return Capture("(by hand)", b"GET / HTTP/1.1\r\n\r\n", tuple(reads), ending)
