"""A response as rows: every byte once, in order, each with what it means. No presentation.

Rule 1: the rows' bytes, joined, are the response's bytes, whatever those are.
Rule 2: bytes that break HTTP/1.1 are a row that says so, not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from starlette.datastructures import Headers

from .anatomy_http import body_name, ending, meaning_of, refused, take_apart
from .anatomy_lines import Line, stream_lines, text_lines
from .errors import ProtocolError, UsageError
from .framing import Span
from .sse import Event
from .wire import Capture, inflater

CODINGS = ("gzip", "x-gzip", "deflate", "br", "zstd", "compress")
UNDONE = CODINGS[:3]
HEAD = ("status-line", "header", "head-end")
Timed = tuple[float | None, bytes]
"""The bytes of one read, and when it returned, if a clock was running."""


class Begin(NamedTuple):
    """The place where a read began."""

    offset: int
    """From the row's first byte."""
    number: int
    """Which read, from 1."""
    at: float | None
    """Seconds since the request, or None where no clock was running."""


@dataclass(frozen=True, slots=True)
class Row:
    """Some bytes and what they mean."""

    start: int
    """Offset of the first byte in the response."""
    data: bytes
    layer: str
    """`head`, `framing` (HTTP's own bytes around and in the body), `stream`, `body`, `coded`."""
    kind: str
    """The span's or line's kind; `part` for a piece of a line, `coded`, `not-http`."""
    meaning: str
    group: str
    """What it is part of: `head`, `framing`, `event 3`, `no event`, `discarded`, `body`, ..."""
    block: int | None = None
    """Which run of stream lines up to a blank line this is in, from 0."""
    event: int | None = None
    """Number of the event that these bytes belong to, from 1."""
    dispatched: Event | None = None
    """The event that this row dispatched."""
    stripped: int | None = None
    """Offset of the one space that is taken off a value."""
    reads: tuple[Begin, ...] = ()
    """The reads that began in this row."""


@dataclass(frozen=True)
class Anatomy:
    """All rows of a response, and sentences about the whole.

    `decoded` holds the rows of the body after its content coding was undone, if it had one; their
    offsets count from the decoded body's first byte.
    """

    rows: tuple[Row, ...]
    decoded: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()


def anatomy(source: Capture | bytes | Sequence[bytes]) -> Anatomy:
    """Take a response apart.

    Arguments:
        source: a `Capture`; or a body alone, as `bytes` or as a list of the pieces in which it
            came. A body alone is taken for an event stream.

    Raises `UsageError` for anything else.

    >>> [row.group for row in anatomy(b"data: hi\\n\\ndata").rows]
    ['event 1', 'event 1', 'discarded']
    """
    if isinstance(source, Capture):
        return _response(source)
    pieces = [source] if isinstance(source, bytes) else source
    if not isinstance(pieces, list | tuple) or not all(isinstance(p, bytes) for p in pieces):
        raise UsageError(
            expected="a Capture, bytes, or a list of bytes",
            got=type(source).__name__,
            next="Record one with record(url), or write the bytes by hand: b'data: hi\\n\\n'.",
        )
    body = b"".join(pieces)
    rows = _spread(stream_lines(body), [(0, len(body))], "stream")
    return Anatomy(_with_reads(rows, ((None, piece) for piece in pieces)))


def _response(capture: Capture) -> Anatomy:
    parser, spans, broken = take_apart(capture.method, [read.data for read in capture.reads])
    rows, places = _framing(spans, parser.framing, broken)
    headers = Headers(raw=[(name.lower(), value) for name, value in parser.headers])
    kind, coding = headers.get("content-type"), headers.get("content-encoding", "").strip().lower()
    why_not = refused(parser.status, kind) if parser.framing else ""
    explain: Callable[[bytes], list[Line]] = stream_lines
    if why_not:
        explain = partial(text_lines, what=body_name(kind))
    layer = "body" if why_not else "stream"
    body = b"".join(span.data for span in spans if span.kind == "body")
    notes, decoded = [f"No events: {why_not}."] if why_not else [], tuple[Row, ...]()
    if coding in CODINGS:
        below = "undone below" if coding in UNDONE else "which is not undone here"
        said = f"part of the body in its content coding, {coding}, {below}"
        for start, end in places:
            rows.append(Row(start, capture.raw[start:end], "coded", "coded", said, coding))
    else:
        rows += _spread(explain(body), places, layer)
    if coding in UNDONE:
        timed = [] if broken else [(chunk.at, chunk.data) for chunk in capture.chunks]
        pieces, trouble = _undo(coding, timed or [(None, body)])
        text = b"".join(data for _, data in pieces)
        decoded = _with_reads(_spread(explain(text), [(0, len(text))], layer), pieces)
        notes += trouble
    rows = _framing_in_blocks(sorted(rows, key=lambda row: row.start))
    reads = [(read.at, read.data) for read in capture.reads]
    return Anatomy(_with_reads(rows, reads), decoded, (*notes, *ending(capture, parser, spans)))


def _framing(
    spans: Sequence[Span], framing: str, broken: str
) -> tuple[list[Row], list[tuple[int, int]]]:
    """A row for each span that is not body, and the places where body bytes lie."""
    rows, places, at = list[Row](), list[tuple[int, int]](), 0
    for span in spans:
        end = at + len(span.data)
        if span.kind == "not-http":
            rows.append(Row(at, span.data, "framing", span.kind, broken, "not HTTP"))
        elif span.kind != "body":
            layer = "head" if span.kind in HEAD or not framing else "framing"
            group = "extra" if span.kind == "extra" else layer
            rows.append(Row(at, span.data, layer, span.kind, meaning_of(span), group))
        elif places and places[-1][1] == at:  # the next read went on where the last one stopped
            places[-1] = (places[-1][0], end)
        else:
            places.append((at, end))
        at = end
    return rows, places


def _spread(lines: Iterable[Line], places: Sequence[tuple[int, int]], layer: str) -> list[Row]:
    """Lay the lines over the places where the body lies; a line may lie in several."""
    rows, left = list[Row](), list(reversed(places))
    for line in lines:
        pieces, taken = list[tuple[int, bytes]](), 0
        while taken < len(line.data):
            start, end = left.pop()
            piece = line.data[taken : taken + end - start]
            pieces.append((start, piece))
            taken += len(piece)
            if start + len(piece) < end:
                left.append((start + len(piece), end))
        rows += _pieces(line, pieces, layer)
    return rows


def _pieces(line: Line, pieces: Sequence[tuple[int, bytes]], layer: str) -> Iterable[Row]:
    """One row for each piece; the meaning stands where the line ends for a decoder."""
    # A CR ends the line at once; the LF of the same CRLF may lie in the next chunk.
    ends, taken = len(line.data.rstrip(b"\r\n")) + 1, 0
    for start, data in pieces:
        before, taken = taken, taken + len(data)
        kind, meaning, event = line.kind, line.meaning, line.dispatched
        if before < ends <= taken or (taken < ends and taken == len(line.data)):
            meaning += f" (the line began at byte {pieces[0][0]:,})" if before else ""
        elif taken < ends:
            goes_on = "unfinished: the line goes on in the next chunk"
            kind, meaning, event = "part", f"still {goes_on}" if before else goes_on, None
        else:
            kind, meaning, event = "part", "the LF of that CRLF: no second line end", None
        stripped = None if line.stripped is None else line.stripped - before
        if stripped is not None and not 0 <= stripped < len(data):
            stripped = None
        yield Row(
            start, data, layer, kind, meaning, line.group, line.block, line.event, event, stripped
        )


def _framing_in_blocks(rows: Sequence[Row]) -> list[Row]:
    """Count HTTP's own bytes in the middle of a block of lines as lying inside it."""
    done, waiting = list[Row](), list[Row]()
    before: Row | None = None
    for row in rows:
        if row.block is None:
            waiting.append(row)
            continue
        if before is not None and before.block == row.block:
            waiting = [replace(w, block=row.block, group=row.group) for w in waiting]
        done += [*waiting, row]
        waiting, before = [], row
    return done + waiting


def _with_reads(rows: Iterable[Row], reads: Iterable[Timed]) -> tuple[Row, ...]:
    """Note in each row which reads began in it."""
    begins, at = list[tuple[int, int, float | None]](), 0
    for when, data in reads:
        if data:
            begins.append((at, len(begins) + 1, when))
        at += len(data)
    begins.reverse()
    done = []
    for row in rows:
        inside = []
        while begins and begins[-1][0] < row.start + len(row.data):
            place, number, when = begins.pop()
            inside.append(Begin(place - row.start, number, when))
        done.append(replace(row, reads=tuple(inside)) if inside else row)
    return tuple(done)


def _undo(coding: str, chunks: Iterable[Timed]) -> tuple[list[Timed], list[str]]:
    """Take a content coding off, as far as it goes, and say where it breaks."""
    undo, done = inflater(coding), list[Timed]()
    for when, data in chunks:
        try:
            done.append((when, undo(data)))
        except ProtocolError as error:
            return done, [f"The {coding} data is broken: {error.got}."]
    return done, []
