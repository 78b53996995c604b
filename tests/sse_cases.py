"""One table for both directions, `Decoder` and `encode`: every rule of HTML 9.2.6 and its trap.

This half has the fields; the half about bytes and line ends is in `sse_byte_cases`.
"""

from __future__ import annotations

from sse_byte_cases import BASIC, BOM, ENDS_OF_STREAM, LINE_ENDS, UTF8, Case, both, of

from labsupport.sse import Event

__all__ = ["CASES", "Case"]

FIELDS = [
    both("one space is stripped, the second is text", b"data:  a\n\n", " a"),
    Case("no space is needed", b"data:a\n\n", of("a")),
    both("a space at the end stays", b"data: a \n\n", "a "),
    Case("a tab is not stripped", b"data:\ta\n\n", of("\ta")),
    Case("a no-break space is not stripped", "data:\u00a0a\n\n".encode(), of("\u00a0a")),
    Case("names are compared with their case", b"Data: a\nDATA: b\ndata: c\n\n", of("c")),
    Case("a space before the name or the colon makes it unknown", b" data: a\ndata : b\n\n", []),
    Case("unknown fields are ignored", b"foo: 1\ndata: a\ndatas: 2\ndat: 3\n\n", of("a")),
    Case("a line without a colon is a name with an empty value", b"data\n\nfoo\n\n", of("")),
    Case("the value begins after the first colon", b"data::a:b\n\n", of(":a:b")),
    both("NUL in data is text", b"data: a\0b\n\n", "a\0b"),
]

COMMENTS = [
    Case(
        "a comment alone dispatches nothing",
        b": keep-alive\n\n",
        [],
        written=[{"data": None, "comment": "keep-alive"}],
    ),
    Case(
        "a comment inside an event changes nothing",
        b"data: a\n:data: b\n: \n:\ndata: c\n\n",
        of("a\nc"),
    ),
    Case("a comment between simple events", b"data: a\n\n: ping\n\ndata: b\n\n", of("a", "b")),
    Case(
        "a comment of two lines is two comments",
        b": x\n: data: y\ndata: a\n\n",
        of("a"),
        written=[{"data": "a", "comment": "x\rdata: y"}],
    ),
]

NAMES = [
    both(
        "a name holds for one event",
        b"event: done\ndata: a\n\ndata: b\n\n",
        Event("a", event="done"),
        "b",
    ),
    Case("a name after the data counts too", b"data: a\nevent: x\n\n", [Event("a", event="x")]),
    Case("the last name counts", b"event: x\nevent: y\ndata: a\n\n", [Event("a", event="y")]),
    Case(
        "an empty name clears it",
        b"event: x\nevent:\ndata: a\n\nevent: x\nevent\ndata: b\n\n",
        of("a", "b"),
    ),
    Case(
        "a name without data dispatches nothing and does not leak",
        b"event: x\n\ndata: a\n\n",
        of("a"),
    ),
    both("a name keeps its own spaces", b"event:  x \ndata: a\n\n", Event("a", event=" x ")),
]

IDS = [
    Case(
        "an id holds until the next",
        b"id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\n",
        [Event("a", id="1"), Event("b", id="1"), Event("c", id="2")],
        "2",
        written=[{"data": "a", "id": "1"}, {"data": "b"}, {"data": "c", "id": "2"}],
    ),
    Case(
        "an empty id clears it",
        b"id: 1\ndata: a\n\nid: \ndata: b\n\n",
        [Event("a", id="1"), Event("b")],
        written=[{"data": "a", "id": "1"}, {"data": "b", "id": ""}],
    ),
    Case("an id without a colon clears it", b"id: 1\n\nid\ndata: a\n\n", of("a")),
    Case(
        "an id with NUL is ignored, the old one stays",
        b"id: 1\nid: 2\0\ndata: a\n\n",
        [Event("a", id="1")],
        "1",
    ),
    Case(
        "a block of an id alone commits it",
        b"id: 7\n\n",
        [],
        "7",
        written=[{"data": None, "id": "7"}],
    ),
    Case(
        "an id alone reaches the next simple event",
        b"id: 7\n\ndata: a\n\n",
        [Event("a", id="7")],
        "7",
    ),
    Case("an id waits for its blank line", b"id: 7\n", [], ""),
    Case(
        "an id after the data counts for that event",
        b"data: a\nid: 7\n\n",
        [Event("a", id="7")],
        "7",
    ),
    Case(
        "an id is text, not a number",
        "id: é 0x1\ndata: a\n\n".encode(),
        [Event("a", id="é 0x1")],
        "é 0x1",
        written=[{"data": "a", "id": "é 0x1"}],
    ),
]

NOT_DIGITS = ["+6", "-6", "1_0", "6 ", " 6", "6.0", "0x6", "6s", "a", "\u0666", "\uff16", "\u00b2"]

RETRIES = [
    Case("retry acts at once, without a blank line", b"retry: 3000\n", [], retry=3000),
    Case("retry acts at once after an event too", b"data: a\n\nretry: 20\n", of("a"), retry=20),
    Case("leading zeros are decimal", b"retry: 03000\n\n", [], retry=3000),
    Case("the last one counts", b"retry: 1\n\nretry: 0\ndata: a\n\n", of("a"), retry=0),
    Case("an empty retry is ignored", b"retry: 5\nretry:\nretry\nretry: \n\n", [], retry=5),
    *(
        Case(
            f"{text!a} is not all ASCII digits", f"retry: 5\nretry: {text}\n".encode(), [], retry=5
        )
        for text in NOT_DIGITS
    ),
    Case(
        "a block of a retry alone",
        b"retry: 3000\n\n",
        [],
        retry=3000,
        written=[{"data": None, "retry": 3000}],
    ),
    Case(
        "everything at once",
        b": hi\nretry: 10\nevent: e\nid: 1\ndata: a\ndata: b\n\n",
        [Event("a\nb", event="e", id="1")],
        "1",
        10,
        written=[{"data": "a\nb", "event": "e", "id": "1", "retry": 10, "comment": "hi"}],
    ),
]

CASES = [
    *BASIC,
    *LINE_ENDS,
    *ENDS_OF_STREAM,
    *BOM,
    *UTF8,
    *FIELDS,
    *COMMENTS,
    *NAMES,
    *IDS,
    *RETRIES,
]
