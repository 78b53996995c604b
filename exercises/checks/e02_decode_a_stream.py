"""Exercise 2: turn chunks of bytes into events, as the standard says."""

from __future__ import annotations

from random import Random
from typing import Any

from labsupport import Event
from labsupport.grading import Answer, Exercise, Feed, Value, expect, fail

exercise = Exercise(
    2, "Decode a stream", answers=("decode",), lesson="02_read_the_wire.ipynb", version=2
)

LINES = "Undo the second layer: lines, fields, events"
RULES = "Watch each rule of the standard once"
CHUNKS = "Prove that a chunk is not an event"
HALF = "Catch half a newline"
"""Headings of the lesson."""


def events(answer: Answer, chunks: list[bytes]) -> list[Any]:
    """What the answer makes of these chunks; events of any class with data, event and id."""
    return plain(answer.call("decode", chunks))


def plain(found: Any) -> list[Event]:
    """The answer's events as ours, so that the two compare."""
    if not isinstance(found, list | tuple) or isinstance(found, Event):
        fail(
            "an iterator of events",
            Value(found),
            next="yield each event, or return a list of them.",
            cause="no events",
        )
    try:
        return [Event(one.data, one.event, one.id) for one in found]
    except AttributeError:
        return fail(  # type: ignore[no-any-return]
            "events with data, event and id",
            Value(found),
            next="Yield Event(data, event, id); the first cell brings Event.",
            cause="no events",
        )


def same(answer: Answer, chunks: list[bytes], expected: list[Event], *, next: str) -> None:
    """Fail unless `decode(chunks)` gives these events."""
    expect(events(answer, chunks), expected, fed=chunks, next=next)


def at_once(answer: Answer, chunk: bytes, expected: list[Event], *, next: str) -> None:
    """Fail unless these events come out of a first chunk while there is no second."""
    with answer.talk("decode", Feed()) as talk:
        expect(
            plain(talk.give(chunk)),
            expected,
            fed=f"{chunk!r}, and the next chunk is not there yet",
            next=next,
            cause="too late",
        )


@exercise.check("dispatches on a blank line", points=1, section=LINES)
def blank_line(answer: Answer, random: Random) -> None:
    same(
        answer,
        [b"data: soup\n\ndata: bread\n\n"],
        [Event("soup"), Event("bread")],
        next="A blank line ends an event. Its data is what stood after 'data: '.",
    )


@exercise.check(
    "keeps an unfinished event for the next chunk", points=1, needs=("blank_line",), section=CHUNKS
)
def unfinished(answer: Answer, random: Random) -> None:
    same(
        answer,
        [b"data: so", b"up\n", b"\ndata: bread\n\n"],
        [Event("soup"), Event("bread")],
        next="A chunk ends anywhere. Keep what has no line end yet, and put the next chunk behind "
        "it.",
    )


@exercise.check(
    "gives an event as soon as it is complete", points=1, needs=("blank_line",), section=CHUNKS
)
def while_it_comes(answer: Answer, random: Random) -> None:
    at_once(
        answer,
        b"data: soup\n\n",
        [Event("soup")],
        next="yield inside the loop over the chunks. A list that is given back at the end comes "
        "too late for the reader.",
    )


@exercise.check(
    "reads event, id and several lines of data, and passes over the rest", points=1,
    needs=("blank_line",), section=RULES,
)  # fmt: skip
def fields(answer: Answer, random: Random) -> None:
    same(
        answer,
        [b"event: token\nid: 7\ndata: two\nretry: soon\ndata: lines\n: hello\nshape: round\n\n"],
        [Event("two\nlines", "token", "7")],
        next="Join data lines with a newline. Comments and fields nobody knows are passed over; "
        "so is a retry that is no number.",
    )


@exercise.check(
    "treats CRLF, LF and CR alike", points=1, needs=("unfinished",), section=HALF
)  # fmt: skip
def line_ends(answer: Answer, random: Random) -> None:
    for chunks in (
        [b"data: a\r\n\r\ndata: b\r\n\r\n"],
        [b"data: a\r\rdata: b\r\r: the end"],
        [b"data: a\r", b"\ndata: more\r", b"\n\r\ndata: b\n\n"],
    ):
        expected = "a\nmore" if len(chunks) > 1 else "a"
        same(
            answer,
            chunks,
            [Event(expected), Event("b")],
            next="A CR ends the line. If the next byte is LF, also in the next chunk, it was half "
            "of a CRLF: drop it.",
        )


@exercise.check(
    "does not wait for the other half of a CRLF", points=1,
    needs=("line_ends", "while_it_comes"), section=HALF,
)  # fmt: skip
def half(answer: Answer, random: Random) -> None:
    at_once(
        answer,
        b"data: soup\r\n\r",
        [Event("soup")],
        next="A CR ends its line at once. Remember that it was a CR, and drop an LF that opens "
        "the next chunk.",
    )
