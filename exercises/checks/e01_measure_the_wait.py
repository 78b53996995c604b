"""Exercise 1: time to first token, total time and the number of tokens of a stream.

No check knows how fast a machine is. The stream rests here and there, and each number of the
answer's belongs between two rests. A busy machine may push it behind the next one, and so make a
right number wrong or a wrong one right. Before that counts the stream is sent again with longer
rests: where a number falls wrong, and where the whole call took longer than the stream by a rest.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from labsupport import encode, serve
from labsupport.grading import Answer, Exercise, Value, expect, fail

exercise = Exercise(
    1, "Measure the wait", answers=("measure",), lesson="01_feel_the_wait.ipynb"
)  # fmt: skip

RESTS = (0.04, 0.15, 0.5)
"""Seconds of each rest: at the first try, the second, the third."""

TICK = 0.02
"""Seconds that two clocks of one machine may differ: some of Windows' move on every 16 ms."""

Part = tuple[str, bytes]
REST: Part = "a rest", b""
HEAD: Part = "the headers", b""
HELLO: Part = "a comment", b": hello\n\n"
START: Part = "the start event", encode("{}", event="start")
DONE: Part = "the done event", encode("{}", event="done")
END: Part = "the end", b""


def token(text: str, name: str = "the first token") -> Part:
    """The event of one token."""
    return name, encode(text, event="token")


@dataclass
class Stream:
    """Parts to be sent in order, and when each was, in seconds after the request came.

    `slack` is by how many seconds the answer's call was longer than that.
    """

    parts: tuple[Part, ...]
    rest: float = 0.0
    sent: dict[str, float] = field(default_factory=dict)
    slack: float = 0.0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        begun, self.sent = time.perf_counter(), {}
        for part in self.parts:
            name, data = part
            if part is REST:
                await asyncio.sleep(self.rest)
                continue
            self.sent[name] = time.perf_counter() - begun
            if part is HEAD:
                headers = [(b"content-type", b"text/event-stream")]
                await send({"type": "http.response.start", "status": 200, "headers": headers})
            else:
                more = part is not END
                await send({"type": "http.response.body", "body": data, "more_body": more})

    def last(self, at: float) -> str:
        """The name of the last part that had been sent then, and all that came with it."""
        return ([name for name, when in self.sent.items() if when <= at] or ["nothing"])[-1]

    def rests(self, name: str) -> int:
        """How many rests come before this part; -1 for no part."""
        names = [one[0] for one in self.parts]
        return names[: names.index(name)].count(REST[0]) if name in names else -1

    def __str__(self) -> str:
        return ", ".join(f"{self.rest:g} s of rest" if p is REST else p[0] for p in self.parts)


def measured(answer: Answer, stream: Stream) -> Any:
    """What the answer says of this stream: something with first, total and tokens."""
    with serve(Starlette(routes=[Route("/stream", stream)])) as server:
        begun = time.perf_counter()
        timing = answer.call("measure", server.url + "/stream")
        lasted = time.perf_counter() - begun
    try:
        numbers = timing.first, timing.total, timing.tokens
    except AttributeError:
        fail("a Timing", Value(timing), next="Return Timing(first, total, tokens).", cause="type")
    if any(isinstance(one, bool) or not isinstance(one, float | int | None) for one in numbers):
        fail("numbers in a Timing", Value(timing), next="Return Timing(first, total, tokens).")
    if not stream.sent:
        fail("a request for the URL", "none", next="Ask for the url that you are given.")
    stream.slack = lasted - max(stream.sent.values())
    if not 0 <= min(timing.first or 0, timing.total or 0) or (
        max(timing.first or 0, timing.total or 0) > lasted + TICK
    ):
        fail(
            f"times from 0 to {lasted:.2f} s, which your whole call took",
            Value(timing),
            fed=str(stream),
            next="Give seconds since the request left. Other units, and what a clock says by "
            "itself, are no such time.",
            cause="units",
        )
    return timing


def falls(
    answer: Answer,
    number: str,
    at: str,
    parts: tuple[Part, ...],
    *,
    next: str,
    cures: Mapping[str, str] | None = None,
) -> None:
    """Fail unless `first` or `total` falls between the two rests where the part `at` was sent.

    Arguments:
        next, cures: what to do; and what to do instead if it fell at this part.
    """
    for rest in RESTS:
        stream = Stream(parts, rest)
        timing = measured(answer, stream)
        value = getattr(timing, number)
        if value is None:
            fail(f"a number of seconds for {number}", "None", fed=str(stream), next=next)
        # A client that takes long to be made starts its clock long before we hear of it. By as
        # much its total is too long.
        ahead = max(0.0, (timing.total or 0.0) - stream.sent.get("the end", 0.0))
        fell = stream.last(value + TICK - (ahead if number == "first" else 0.0))
        if stream.rests(fell) == stream.rests(at):
            if stream.slack + TICK < rest or rest == RESTS[-1]:
                return
            continue  # it may be there by being late
        if value + TICK < stream.sent.get(at, 0.0):
            break  # no machine is so busy that something arrives before it was sent
    fail(
        f"{number} when {at} had been sent: {stream.sent.get(at, 0.0):.2f} s",
        f"{value:.2f} s; sent by then: {fell}",
        fed=str(stream),
        next=(cures or {}).get(fell, next),
        cause=f"{number}: {fell}",
    )


def counts_to(answer: Answer, count: int, *parts: Part, next: str, cause: str) -> None:
    """Fail unless the answer counts so many tokens in these parts, which follow the headers."""
    stream = Stream((HEAD, *parts, END))
    expect(measured(answer, stream).tokens, count, fed=str(stream), next=next, cause=cause)


@exercise.check("counts tokens, not chunks", points=1, section="Measure what changed")
def counts(answer: Answer, random: Random) -> None:
    three = b"".join(encode(word, event="token") for word in ("Hot", " soup", " is"))
    counts_to(
        answer,
        7,
        ("three tokens in one chunk", three),
        ("three more in the next", three),
        token(" ready", "one more"),
        next="A chunk is what one read brings: three tokens, or half of one. Count the events "
        "called 'token'; capture.arrivals has them one by one.",
        cause="chunks",
    )


@exercise.check("leaves start, done and comments out of the count", points=1, section="Break it")
def only_tokens(answer: Answer, random: Random) -> None:
    counts_to(
        answer,
        2,
        *(HELLO, START, token("Hot"), token(" soup", "a second token"), DONE),
        next="Count only those whose event.event is 'token'.",
        cause="all events",
    )


@exercise.check("starts the clock at the request", points=1, section="In production")
def from_request(answer: Answer, random: Random) -> None:
    falls(
        answer,
        "first",
        "the first token",
        (REST, HEAD, token("Hot"), END),
        next="The reader waits from the moment the request leaves. Start the clock before you "
        "connect, not when the response has begun.",
    )


@exercise.check("stops the first clock at the first token", points=2, section="In production")
def first_token(answer: Answer, random: Random) -> None:
    falls(
        answer,
        "first",
        "the first token",
        (HEAD, REST, HELLO, START, REST, token("Hot"), REST, token(" soup", "a second"), END),
        next="Note the time while you read. Once the whole body is there, the time of each token "
        "is lost, unless something noted it: capture.arrivals did.",
        cures={
            "the headers": "The headers of a stream leave before any work is done. Wait for an "
            "event called 'token'.",
            "the start event": "Comments and start events are bytes, but nothing to read. Look at "
            "each event, and stop the clock at the first one called 'token'.",
        },
    )


@exercise.check("runs the total to the end", points=1, section="Measure what changed")
def to_the_end(answer: Answer, random: Random) -> None:
    falls(
        answer,
        "total",
        "the end",
        (HEAD, REST, token("Hot"), REST, DONE, END),
        next="Total time runs from the request to the end, with the silence before the first "
        "token and after the last.",
    )


@exercise.check("says None when no token came", points=1, section="Break it")
def no_token(answer: Answer, random: Random) -> None:
    stream = Stream((HEAD, HELLO, START, DONE, END))
    timing = measured(answer, stream)
    expect(
        (timing.first, timing.tokens),
        (None, 0),
        fed=str(stream),
        next="There was no first token, so there is no time of it. A 0 would look very fast.",
        cause="no token",
    )
