"""Exercise 3: three events as bytes, an app that serves them, and the lines that arrive.

No check has a time limit. Between its events the answer rests, and whether the first one left
before the last was made shows in which wait is longer: from request to first, or from first to
last. A busy machine may blur that, so it is looked at three times before it counts.
"""

from __future__ import annotations

import re
from random import Random
from weakref import WeakKeyDictionary

from labsupport import Capture, Decoder, Event, LabError, race
from labsupport.grading import Answer, Exercise, Value, expect, fail

exercise = Exercise(
    3,
    "Serve three events",
    answers=("three_events", "app", "received"),
    lesson="03_serve_a_stream.ipynb",
)

TOKEN = " soup\nof the day"
"""The text of the token: it begins with a space and has two lines."""

HAND, FORGE = "Serve by hand", "Let a guest forge an event"
LIBRARY, BREAK = "Serve with `fastapi.sse`", "Break it"
"""Headings of the lesson."""

FIELD = re.compile(r"(event|data|id|retry)(:|$)|:")
AFRESH = "A generator can be read once. Call three_events() for each request."

_made: WeakKeyDictionary[Answer, list[bytes]] = WeakKeyDictionary()
_seen: WeakKeyDictionary[Answer, list[Capture]] = WeakKeyDictionary()


def made(answer: Answer) -> list[bytes]:
    """What `three_events` yields. Asked once of an answer, since it rests in between."""
    if answer not in _made:
        got = answer.call("three_events")
        if not isinstance(got, list) or not got or not all(isinstance(one, bytes) for one in got):
            fail(
                "an async generator of bytes",
                Value(got),
                next='yield one event at a time, as bytes: b"..." or text.encode().',
                cause="no bytes",
            )
        _made[answer] = got
    return _made[answer]


def guests(url: str, count: int = 1) -> list[Capture]:
    """What guests get at /stream who come at the same moment."""
    lanes = {f"guest {number + 1}": url + "/stream" for number in range(count)}
    try:
        captures = list(race(lanes, deadline=5, max_bytes=100_000).values())
        bodies = [capture.body for capture in captures]
    except LabError as error:
        fail("a response", error.got or str(error), fed="GET /stream", next="Serve an app.")
    if not all(bodies):
        fail("a body", "none", fed="GET /stream", next=AFRESH, cause="no body")
    return captures


def seen(answer: Answer, guest: int = 0) -> Capture:
    """What the first guest gets at /stream, or one after him. Each comes once to an answer."""
    known = _seen.setdefault(answer, [])
    while len(known) <= guest:
        with answer.served("app") as url:
            known += guests(url)
    return known[guest]


def early(captures: list[Capture]) -> bool:
    """Whether everybody's first event came in the first half of everybody's time."""
    first = max(one.chunks[0].at for one in captures)
    return 2 * first < min(one.chunks[-1].at for one in captures)


def lines(body: bytes) -> list[str]:
    """The lines of a body, without their ends."""
    found = re.split("\r\n|\r|\n", body.decode("utf-8", "replace"))
    return found if found[-1] else found[:-1]


def decoded(body: bytes) -> list[Event]:
    """The events of a body."""
    return Decoder().feed(body)


@exercise.check("yields bytes", points=1, section=HAND)
def as_bytes(answer: Answer, random: Random) -> None:
    made(answer)


@exercise.check(
    "begins every line with a field's name", points=1, needs=("as_bytes",), section=FORGE
)
def field_names(answer: Answer, random: Random) -> None:
    for one in made(answer):
        for line in lines(one):
            if line and not FIELD.match(line):
                fail(
                    "lines that begin with event: or data:, and blank ones",
                    Value(line),
                    fed=Value(one),
                    next="A reader passes over a line whose field it does not know. Write 'data: ' "
                    "before the text, and again before each further line of it.",
                    cause="no field",
                )


@exercise.check("ends every event with a blank line", points=1, needs=("as_bytes",), section=HAND)
def blank_lines(answer: Answer, random: Random) -> None:
    for one in made(answer):
        if len(decoded(one)) != 1:
            fail(
                "one whole event in each piece that you yield",
                f"{len(decoded(one))} events",
                fed=Value(one),
                next="An event ends at a blank line: two line ends after its last field, and not "
                "two before that.",
                cause="blank line",
            )


@exercise.check("names them start, token and done", points=1, needs=("blank_lines",), section=HAND)
def names(answer: Answer, random: Random) -> None:
    expect(
        [event.event for event in decoded(b"".join(made(answer)))],
        ["start", "token", "done"],
        next="A line 'event: start' gives an event its name. Every stream has one ending.",
        cause="names",
    )


@exercise.check("brings the token whole", points=1, needs=("names",), section=FORGE)
def token(answer: Answer, random: Random) -> None:
    expect(
        decoded(b"".join(made(answer)))[1].data,
        TOKEN,
        next="The reader takes off one space after the colon, so send one of yours before the "
        "token's own; and one data line for each line of the text.",
        cause="token",
    )


@exercise.check("says [DONE] as it is", points=1, needs=("names",), section=LIBRARY)
def done(answer: Answer, random: Random) -> None:
    expect(
        decoded(b"".join(made(answer)))[2].data,
        "[DONE]",
        next="Readers compare these six characters. json.dumps, and data= of fastapi.sse, put "
        "quotation marks around them.",
        cause="done",
    )


@exercise.check("serves them at /stream", points=1, section=HAND)
def served(answer: Answer, random: Random) -> None:
    capture = seen(answer)
    expect(
        capture.status,
        200,
        fed="GET /stream",
        next='Give app a path "/stream" whose function returns a StreamingResponse.',
        cause="status",
    )
    expect(
        decoded(capture.body),
        decoded(b"".join(made(answer))),
        fed="GET /stream",
        next="Serve what three_events yields, and nothing else.",
        cause="other events",
    )


@exercise.check("serves the next guest as well", points=1, needs=("served",), section=HAND)
def again(answer: Answer, random: Random) -> None:
    first, second = (decoded(seen(answer, guest).body) for guest in (0, 1))
    expect(second, first, fed="GET /stream, again", next=AFRESH, cause="one generator")


@exercise.check(
    "sends the first event while the cook is at work", points=1, needs=("again",), section=BREAK
)
def at_once(answer: Answer, random: Random) -> None:
    for guest in (1, 2, 3):  # not the very first, who also waits for imports
        capture = seen(answer, guest)
        if early([capture]):
            return
    first, last = capture.chunks[0].at, capture.chunks[-1].at
    fail(
        "the first event soon after the request, the last one long after the first",
        f"the first after {first:.3f} s, the last {last - first:.3f} s later",
        fed="GET /stream",
        next="A list waits for its last plate. Yield each event when it is made, rest between them "
        "as the cell asks, and hand the generator itself to StreamingResponse.",
        cause="collects",
    )


@exercise.check(
    "has the three headers of a stream", points=1, needs=("served",), section=LIBRARY
)  # fmt: skip
def headers(answer: Answer, random: Random) -> None:
    got = seen(answer).headers
    kind = got.get("content-type", "none").split(";")[0].strip().lower()
    expect(
        kind,
        "text/event-stream",
        fed="GET /stream: content-type",
        next='A browser refuses any other. Write media_type="text/event-stream".',
        cause="content type",
    )
    expect(
        (got.get("cache-control", "none"), got.get("x-accel-buffering", "none")),
        ("no-cache", "no"),
        fed="GET /stream: cache-control, x-accel-buffering",
        next="Caches and nginx may hold a stream unless they are asked not to: add headers={...} "
        "to the response.",
        cause="headers",
    )


@exercise.check("predicts every line", points=1, needs=("served",), section=HAND)
def prediction(answer: Answer, random: Random) -> None:
    wrote, came = answer.call("received"), lines(seen(answer).body)
    if not isinstance(wrote, list) or not all(isinstance(one, str) for one in wrote):
        fail("a list of str", Value(wrote), next="One text a line: ['event: start', ...].")
    if wrote == came:
        return
    pairs = [*zip(wrote, came, strict=False)]
    at = next((n for n, (mine, true) in enumerate(pairs) if mine != true), len(pairs))
    fail(
        f"line {at + 1}: {came[at]!r}" if at < len(came) else f"{len(came)} lines",
        f"line {at + 1}: {wrote[at]!r}" if at < len(wrote) else f"{len(wrote)} lines",
        next="Blank lines are lines too: write ''. Line ends are not part of a line.",
        cause="prediction",
    )
