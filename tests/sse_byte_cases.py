"""Streams for `Decoder` and `encode`, first half: bytes, characters, line ends, blank lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labsupport.sse import Event


@dataclass(frozen=True)
class Case:
    """A stream, what it means, and why. `written`: the `encode` arguments that must give it."""

    why: str
    stream: bytes
    events: list[Event]
    last_event_id: str = ""
    retry: int | None = None
    written: list[dict[str, Any]] | None = None

    @property
    def starts_with_bom(self) -> bool:
        return self.stream.startswith(b"\xef\xbb\xbf")


def of(*texts: str) -> list[Event]:
    return [Event(text) for text in texts]


def both(why: str, stream: bytes, *events: Event | str) -> Case:
    """A case for both directions: each event, written by itself, makes its part of `stream`."""
    expected = [Event(event) if isinstance(event, str) else event for event in events]
    written = [
        {"data": data} | ({"event": name} if name != "message" else {}) | ({"id": id} if id else {})
        for data, name, id in expected
    ]
    return Case(why, stream, expected, expected[-1].id, written=written)


BASIC = [
    Case("nothing gives nothing", b"", []),
    both("one line and a blank line", b"data: Hel\n\n", "Hel"),
    both("two tokens in a row", b"data: Hel\n\ndata: lo\n\n", "Hel", "lo"),
    both(
        "three events whose text holds the next event's opening words",
        b"data: data: x\n\ndata: data: \n\ndata: y\n\n",
        "data: x",
        "data: ",
        "y",
    ),
    both(
        "data lines are joined by LF; only the last LF is dropped",
        b"data: a\ndata: \ndata: b\ndata: \n\n",
        "a\n\nb\n",
    ),
    both("an empty text is an event", b"data: \n\n", ""),
    Case("two empty data lines are one line break", b"data:\ndata\n\n", of("\n")),
    Case("three blank lines dispatch one event", b"data: a\n\n\n\ndata: b\n\n", of("a", "b")),
    Case(
        "a second data line after simple events",
        b"data: a\n\ndata: b\ndata: c\n\n",
        of("a", "b\nc"),
    ),
    both("a JSON text with colons", b'data: {"a": 1}\n\n', '{"a": 1}'),
    both("[DONE] is ordinary text", b"data: [DONE]\n\n", "[DONE]"),
]

LINE_ENDS = [
    Case("CRLF ends a line", b"data: a\r\ndata: b\r\n\r\n", of("a\nb")),
    Case("CR ends a line", b"data: a\rdata: b\r\r", of("a\nb")),
    Case(
        "all three in one stream",
        b"data: a\n\r\ndata: b\r\rdata: c\r\n\ndata: d\r\n\r",
        of(*"abcd"),
    ),
    Case("a last CR dispatches at once", b"data: a\n\r", of("a")),
    Case("LF CR is two line ends", b"data: a\n\rdata: b\n\n", of("a", "b")),
    Case("CR CRLF is two line ends, not three", b"data: a\r\r\ndata\r\n\r\n", of("a", "")),
    Case("CRLF once is no blank line", b"data: a\r\ndata: b\r\n", []),
    Case("many CRLF events", b"data: a\r\n\r\n" * 3, of("a", "a", "a")),
    Case("CR LF LF is an end and a blank line", b"data: a\r\n\ndata: b\n\n", of("a", "b")),
    both(
        "VT, FF, FS, GS, RS, NEL, U+2028 and U+2029 end no line, though str.splitlines says so",
        "data: a\v\f\x1c\x1d\x1e\x85\u2028\u2029b\n\n".encode(),
        "a\v\f\x1c\x1d\x1e\x85\u2028\u2029b",
    ),
]

ENDS_OF_STREAM = [
    Case("an unfinished line is discarded", b"data: a\n\ndata: b", of("a")),
    Case("an unfinished event is discarded", b"data: a\n\ndata: b\n", of("a")),
    Case(
        "an id in an unfinished event is not committed",
        b"id: 1\ndata: a\n\nid: 2\ndata: b\n",
        [Event("a", id="1")],
        "1",
    ),
    Case(
        "a retry in an unfinished event counts: it acts at its own line",
        b"retry: 20\ndata: b",
        [],
        retry=20,
    ),
    Case("an unfinished retry line does not count", b"retry: 20", []),
]

BOM = [
    Case("one byte order mark is dropped", b"\xef\xbb\xbfdata: a\n\n", of("a")),
    Case(
        "a second one is text, so the name is unknown",
        b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n",
        of("b"),
    ),
    Case("one on a later line is text", b"data: a\n\n\xef\xbb\xbfdata: b\n\n", of("a")),
    Case("one on the second line is text", b"\n\xef\xbb\xbfdata: a\n\n", []),
    both("one inside a text stays", b"data: \xef\xbb\xbfa\n\n", "\ufeffa"),
    Case("half a mark is bad UTF-8 in an unknown name", b"\xef\xbbdata: a\n\ndata: b\n\n", of("b")),
    Case("a mark and a line end", b"\xef\xbb\xbf\ndata: a\n\n", of("a")),
    Case("a mark alone", b"\xef\xbb\xbf", []),
]

UTF8 = [
    both(
        "characters of two, three and four bytes, cut anywhere",
        "data: é€😀\n\nevent: ü\ndata: 日\n\n".encode(),
        "é€😀",
        Event("日", event="ü"),
    ),
    Case("one bad byte is one U+FFFD", b"data: caf\xe9!\n\n", of("caf\ufffd!")),
    Case(
        "a started character is one U+FFFD (maximal subpart)",
        b"data: \xf0\x9f\x98!\xe2\x82\n\n",
        of("\ufffd!\ufffd"),
    ),
    Case("a surrogate's three bytes are three U+FFFD", b"data: \xed\xa0\x80\n\n", of("\ufffd" * 3)),
    Case("an overlong slash is two U+FFFD", b"data: \xc0\xaf\n\n", of("\ufffd\ufffd")),
    Case("above U+10FFFF is four U+FFFD", b"data: \xf4\x90\x80\x80\n\n", of("\ufffd" * 4)),
    Case(
        "a line end ends a started character",
        b"data: \xc3\n\ndata: \xa9\n\n",
        of("\ufffd", "\ufffd"),
    ),
    Case("a bad byte in a name makes it unknown", b"dat\xffa: a\n\ndata: b\n\n", of("b")),
]
