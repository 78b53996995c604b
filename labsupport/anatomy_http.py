"""What the bytes of HTTP/1.1 around a body mean, one span at a time.

Rule 1: bytes that are not HTTP/1.1 become a last span, `not-http`; nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from .errors import ProtocolError
from .framing import ResponseParser, Span
from .wire import Capture, Ending, plural

FIXED = {
    "head-end": "blank line: the head ends here",
    "chunk-end": "end of the chunk",
    "last-chunk": "chunk size 0: that was the last chunk",
    "trailer": "trailer: a header after the body",
    "message-end": "blank line: the message is complete",
    "extra": "after the end of the message: not part of it",
    "unfinished": "unfinished line: the bytes stop in the middle of it",
}
HEADERS = {
    "cache-control": "header: who may keep a copy",
    "connection": "header: what becomes of the connection afterwards",
    "content-encoding": "header: the body is compressed",
    "content-length": "header: the body's length in bytes, so it ends there",
    "content-type": "header: what kind of body follows",
    "date": "header: when the server sent this",
    "server": "header: which program answered",
    "transfer-encoding": "header: the body comes in chunks, each with its size before it",
    "x-accel-buffering": "header: asks nginx to pass bytes on or to hold them",
}
ENDINGS = {
    Ending.CLEAN: "clean; the message ended where it said it would",
    Ending.TRUNCATED: "truncated; the connection was closed before the message was complete",
    Ending.RESET: "reset; the connection was aborted",
    Ending.TIMED_OUT: "timed out; the deadline passed with the connection open",
    Ending.STOPPED: "stopped by us; we had seen what we asked for, and left",
}


def take_apart(method: str, reads: Sequence[bytes]) -> tuple[ResponseParser, list[Span], str]:
    """The parser after all bytes, the spans, and what is wrong with the bytes ('' if nothing)."""
    parser, spans, number = ResponseParser(method), list[Span](), 0
    try:
        for number, data in enumerate(reads):  # noqa: B007
            spans += parser.feed(data)
        return parser, spans + parser.rest(), ""
    except ProtocolError:
        good = reads[:number]
    # Go again, byte by byte through the read that broke, to keep the spans before the break.
    parser, spans = ResponseParser(method), []
    for data in good:
        spans += parser.feed(data)
    try:
        for byte in reads[len(good)]:
            spans += parser.feed(bytes([byte]))
    except ProtocolError as error:
        rest = b"".join(reads)[sum(len(span.data) for span in spans) :]
        return parser, [*spans, Span("not-http", rest)], f"not HTTP/1.1: {error}"
    raise AssertionError("the same bytes broke the parser once and not twice")


def meaning_of(span: Span) -> str:
    """What a span of head or framing says.

    >>> meaning_of(Span("chunk-size", b"1f\\r\\n"))
    'chunk size: hex 1f, so 31 bytes to come'
    """
    text = span.data.strip().decode("latin-1")
    if span.kind == "status-line":
        return f"status line: {text.partition(' ')[2]}"
    if span.kind == "header":
        return HEADERS.get(text.partition(":")[0].lower(), "header")
    if span.kind == "chunk-size":
        digits, extension, _ = text.partition(";")
        size = int(digits, 16)
        ignored = "; what follows the ; is ignored" if extension else ""
        return f"chunk size: hex {digits.strip()}, so {plural(size, 'byte')} to come{ignored}"
    return FIXED[span.kind]


def refused(status: int | None, kind: str | None) -> str:
    """Why this is no event stream, or ''. An EventSource refuses the same (HTML 9.2.3)."""
    essence = (kind or "").split(";")[0].strip().lower()
    if status == 200 and essence == "text/event-stream":
        return ""
    got = f"status {status} with {kind or 'no Content-Type'}"
    return f"an event stream needs status 200 with text/event-stream, and this is {got}"


def body_name(kind: str | None) -> str:
    """What to call a body that is no event stream."""
    essence = (kind or "").split(";")[0].strip().lower()
    if essence.endswith("json"):
        return "JSON text"
    return "HTML text" if essence == "text/html" else "the body as text"


def ending(capture: Capture, parser: ResponseParser, spans: Sequence[Span]) -> list[str]:
    """Sentences about how the response ended and what of it never came."""
    notes = []
    if missing := _missing(parser, spans):
        notes.append(f"{missing[0]} never came: {plural(missing[1], 'byte')}.")
    if capture.ending is Ending.CLEAN and parser.framing == "until close":
        notes.append("Ending: clean, as far as anybody can tell; closing is this body's only end.")
    else:
        notes.append(f"Ending: {ENDINGS[capture.ending]}.")
    return notes


def _missing(parser: ResponseParser, spans: Sequence[Span]) -> tuple[str, int] | None:
    """What was announced and did not come."""
    name, left = "", 0
    if parser.framing == "content-length":
        found = {key.lower(): value for key, value in parser.headers}
        name, left = "The rest of the body", int(found[b"content-length"])
    for span in spans:
        if span.kind == "chunk-size":
            name, left = "The rest of the last chunk", int(span.data.partition(b";")[0], 16)
        elif span.kind == "body":
            left -= len(span.data)
    return (name, left) if left > 0 else None
