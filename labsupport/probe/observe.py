"""What one capture shows, as plain numbers: a `Seen`. Nothing here judges.

Rule 1: bytes and times in, numbers out; a capture that cannot be read is a `Seen` that says so.
Rule 2: what arrives together is one burst; how the network cut it does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from ..errors import ProtocolError
from ..sse import Decoder
from ..wire import Capture, Chunk, Ending, ResponseParser, inflater

__all__ = ["Burst", "Seen", "observe"]

TOGETHER = (0.001, 0.005)
"""Reads closer than half their usual gap are one burst; seconds, at least and at most."""
FLUSH = b"\x00\x00\xff\xff"
"""The empty stored block with which a compressor ends a flush (RFC 1951, 3.2.4; zlib's manual)."""
READABLE = ("identity", "gzip", "x-gzip", "deflate")


@dataclass(frozen=True)
class Burst:
    """Body bytes that arrived together.

    Arguments:
        at, until: seconds from the request to its first and its last read.
        size: body bytes on the wire, HTTP's chunk lines taken off.
        events: events that it completed.
        frames: HTTP chunks that began in it; 0 when the body is not chunked.
        whole: it ended where an event ends.
    """

    at: float
    until: float
    size: int
    events: int
    frames: int
    whole: bool


@dataclass(frozen=True)
class Seen:
    """The numbers of one capture; made by `observe`.

    Arguments:
        url, status, headers, framing, encoding, ending, note: as in the `Capture`.
        is_stream: as in the `Capture`.
        ended_at: seconds to the ending.
        first_byte, head_at, first_body, first_event, last_byte: seconds to each; None without.
        bursts: what arrived together.
        frames: the sizes of the HTTP chunks, in bytes.
        events: how many there were.
        event_size: the usual bytes between two ends of events, 0 if unknown.
        comments: seconds to each comment line, the heartbeats.
        flushes: how often the compressor was flushed.
        readable: False for a content coding that cannot be undone here, or a broken one.
        broken: why the bytes are no HTTP; empty if they are.
    """

    url: str
    status: int | None
    headers: dict[str, str]
    framing: str
    encoding: str
    ending: Ending
    note: str
    is_stream: bool
    ended_at: float
    first_byte: float | None
    head_at: float | None
    first_body: float | None
    first_event: float | None
    last_byte: float | None
    bursts: tuple[Burst, ...]
    frames: tuple[int, ...]
    events: int
    event_size: int
    comments: tuple[float, ...]
    flushes: int
    readable: bool
    broken: str = ""

    @property
    def gaps(self) -> list[float]:
        """Seconds from one burst to the next."""
        return [b.at - a.at for a, b in zip(self.bursts, self.bursts[1:], strict=False)]

    @property
    def sizes(self) -> list[int]:
        """Bytes of each burst."""
        return [burst.size for burst in self.bursts]

    @property
    def per_burst(self) -> float:
        """How many events come together, on average: 1.0 is a stream at its finest."""
        bearing = sum(1 for burst in self.bursts if burst.events)
        return self.events / bearing if bearing else 0.0

    @property
    def heartbeat(self) -> float | None:
        """Usual seconds between comment lines; None for fewer than two."""
        gaps = [b - a for a, b in zip(self.comments, self.comments[1:], strict=False)]
        return median(gaps) if gaps else None

    @property
    def took(self) -> float:
        """Seconds to the last byte of the body, never 0."""
        return max(self.last_byte or self.ended_at, 1e-6)

    @property
    def head_with_body(self) -> bool:
        """The response's head came together with the first body bytes."""
        if not self.bursts or self.head_at is None:
            return False
        return self.bursts[0].at - self.head_at <= TOGETHER[1]


def observe(capture: Capture) -> Seen:
    """Read the numbers off a capture. Raises nothing for odd bytes."""
    try:
        status, headers = capture.status, dict(capture.headers)
        framing, encoding = capture.framing, capture.encoding
        is_stream, chunks = capture.is_stream, capture.chunks
        broken = ""
    except ProtocolError as error:
        status, headers, framing, encoding = None, {}, "", "identity"
        is_stream, chunks, broken = False, (), error.got
    reading = _Reading(encoding if is_stream else "identity")
    pieces = [] if broken else list(reading.read(capture))
    times = [at for at, events in reading.arrivals for _ in range(events)]
    body = b"".join(chunk.data for chunk in chunks)
    return Seen(
        url=capture.url,
        status=status,
        headers=headers,
        framing=framing,
        encoding=encoding,
        ending=capture.ending,
        note=capture.note,
        is_stream=is_stream,
        ended_at=capture.ended_at or max((read.at for read in capture.reads), default=0.0),
        first_byte=capture.reads[0].at if capture.reads else None,
        head_at=reading.head_at,
        first_body=chunks[0].at if chunks else None,
        first_event=times[0] if times else None,
        last_byte=chunks[-1].at if chunks else None,
        bursts=tuple(_bursts(pieces)),
        frames=tuple(reading.frames),
        events=len(times),
        event_size=reading.text_size // len(times) if times else 0,
        comments=tuple(reading.comments),
        flushes=body.count(FLUSH) if encoding != "identity" else 0,
        readable=reading.readable,
        broken=broken,
    )


class _Reading:
    """One pass over the reads of a capture; fills its attributes."""

    def __init__(self, encoding: str) -> None:
        self.readable = encoding in READABLE
        self.frames: list[int] = []
        self.arrivals: list[tuple[float, int]] = []
        self.comments: list[float] = []
        self.head_at: float | None = None
        self.text_size = 0
        self._inflate, self._decoder = inflater(encoding), Decoder()
        self._line, self._blank = b"", False  # the unfinished line; if the one before was blank

    def read(self, capture: Capture) -> Iterator[Burst]:
        """Each read with body bytes, as a burst of its own."""
        parser = ResponseParser(capture.method)
        for read in capture.reads:
            spans = parser.feed(read.data)
            if self.head_at is None and parser.framing:
                self.head_at = read.at
            sizes = [span.data for span in spans if span.kind == "chunk-size"]
            self.frames += [int(line.partition(b";")[0], 16) for line in sizes]
            body = b"".join(span.data for span in spans if span.kind == "body")
            if body:
                events = self._text(read, body) if capture.is_stream else 0
                whole = self._blank and not self._line
                yield Burst(read.at, read.at, len(body), events, len(sizes), whole)

    def _text(self, read: Chunk, body: bytes) -> int:
        try:
            text = self._inflate(body) if self.readable else b""
        except ProtocolError:
            self.readable, text = False, b""
        events = len(self._decoder.feed(text))
        self.text_size += len(text)
        self.arrivals.append((read.at, events))
        *lines, self._line = (self._line + text).replace(b"\r\n", b"\n").split(b"\n")
        for line in lines:
            self._blank = not line
            self.comments += [read.at] if line.startswith(b":") else []
        return events


def _bursts(pieces: Iterable[Burst]) -> Iterator[Burst]:
    """Join pieces that arrived together."""
    pieces = list(pieces)
    gaps = [b.at - a.at for a, b in zip(pieces, pieces[1:], strict=False)]
    least, most = TOGETHER
    apart = min(most, max(least, median(gaps) / 2)) if gaps else most
    held: Burst | None = None
    for piece in pieces:
        if held and piece.at - held.until < apart:
            sums = (held.size + piece.size, held.events + piece.events, held.frames + piece.frames)
            held = Burst(held.at, piece.at, *sums, piece.whole)
        else:
            if held:
                yield held
            held = piece
    if held:
        yield held
