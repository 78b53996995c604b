"""Exercise 4: a reader that comes back where it stopped, and knows when it is over."""

from __future__ import annotations

import re
from random import Random

from checks.waiters import SOON, Kitchen, Trip, menu, upto

from labsupport.grading import Answer, Exercise, expect

exercise = Exercise(
    4, "Follow a stream", answers=("follow",), lesson="04_consume_a_stream.ipynb"
)  # fmt: skip

READ, BACK = "Read by hand, and lose half", "Come back after a drop"
STOPS, BROWSER = "Know what stops a reader", "Watch a browser do it"
TWICE = "Interview corner"
"""Headings of the lesson."""

TOKENS = ["Hot", " soup", " so", " so", " good", "!"]
RETRY = b"retry: 10\n\n"
"""Short, since a right answer spends its time waiting."""
SHORT = 3.0
"""Patience where a right answer needs a moment, and the usual mistake waits for ever."""


def evening(*trips: Trip) -> Kitchen:
    """A kitchen with these tokens, whose first connection says how long to wait."""
    return Kitchen(menu(TOKENS), list(trips))


def drop(id: str, short: int = 0, end: str = "broke off", first: bytes = RETRY) -> Trip:
    """A connection that ends with the event that has this id, or so many bytes short of that."""
    return Trip(upto(menu(TOKENS), id) - short, end, first)


REST = Trip(first=RETRY, end="proper end")
"""A connection that brings all that is left."""


@exercise.check("returns the data of the token events, in order", points=0.5, section=READ)
def tokens(answer: Answer, random: Random) -> None:
    kitchen = evening(REST).follow(answer)
    if kitchen.raised:
        raise kitchen.raised
    expect(
        kitchen.tokens,
        TOKENS,
        fed="a stream of 6 token events, a start, a comment, an event without a name, and a done",
        next="Take the data of events that are called 'token', as it is, in a list.",
        cause="tokens",
    )


@exercise.check("stops at the done event", points=1, needs=("tokens",), section=TWICE)
def stops(answer: Answer, random: Random) -> None:
    fed = "the same stream; it ends properly after its done event"
    kitchen = evening(REST).done(answer, fed=fed)
    if len(kitchen.visits) != 1:
        kitchen.blame(
            "1 connection",
            f"{len(kitchen.visits)}",
            fed=fed,
            next="An end of the connection does not tell you to stop, but an event called 'done' "
            "does: return what you have. (This kitchen keeps ids. Another one would cook again.)",
            cause="after done",
        )


@exercise.check(
    "comes back after a drop, and after a proper end without done", points=1, needs=("stops",),
    section=BACK, patience=SHORT,
)  # fmt: skip
def comes_back(answer: Answer, random: Random) -> None:
    fed = "a connection that breaks off after plate 2, one that ends properly after plate 4"
    kitchen = evening(drop("2"), drop("4", end="proper end"), REST).done(answer, fed=fed)
    if len(kitchen.visits) != 3:
        kitchen.blame(
            "3 connections, since the done event comes in the third",
            f"{len(kitchen.visits)}, and {kitchen.tokens!r}",
            fed=fed,
            next="Only two things end it well: a done event, and status 204. After everything "
            "else that was a stream, come back.",
            cause="stays away",
        )


@exercise.check(
    "says the last id, and so loses nothing and repeats nothing", points=1.5, needs=("comes_back",),
    section=BACK,
)  # fmt: skip
def says_id(answer: Answer, random: Random) -> None:
    fed = "three drops: after plates 2, 3 and 5"
    kitchen = evening(drop("2"), drop("3"), drop("5"), REST).done(answer, fed=fed)
    if kitchen.said != ["none", "2", "3", "5"]:
        kitchen.blame(
            "Last-Event-ID: none, 2, 3, 5",
            ", ".join(kitchen.said),
            fed=fed,
            next="Keep the id of the last event, and send it as a header with each request after "
            "the first; as often as the connection drops.",
            cause="id",
        )
    whole(kitchen, fed, "The kitchen goes on after the id that you say: take all that it sends.")


@exercise.check(
    "throws half an event away, with its id", points=1, needs=("says_id",), section=BACK
)  # fmt: skip
def half(answer: Answer, random: Random) -> None:
    fed = "a drop in the middle of plate 3, and one before the blank line of plate 5"
    kitchen = evening(drop("3", short=3), drop("5", short=1), REST).done(answer, fed=fed)
    if kitchen.said != ["none", "2", "4"]:
        kitchen.blame(
            "Last-Event-ID: none, 2, 4",
            ", ".join(kitchen.said),
            fed=fed,
            next="An event counts when its blank line has come, and its id too. Take the id from "
            "whole events, not from lines.",
            cause="half id",
        )
    whole(
        kitchen,
        fed,
        "Forget what is unfinished when a connection ends: a new decoder for each connection.",
    )


def whole(kitchen: Kitchen, fed: str, next: str) -> None:
    """Fail unless all tokens are there, once each."""
    if kitchen.tokens != TOKENS:
        kitchen.blame(repr(TOKENS), repr(kitchen.tokens), fed=fed, next=next, cause="lost or twice")


@exercise.check("waits as long as retry says", points=1.5, needs=("comes_back",), section=BACK)
def waits(answer: Answer, random: Random) -> None:
    first, second = drop("2", first=b"retry: 200\n\n"), drop("4", end="proper end", first=b"")
    fed = "retry: 200, then a drop; no retry, then a proper end"
    kitchen = evening(first, second, REST).done(answer, fed=fed)
    if any(wait < SOON * 0.2 for wait in kitchen.waits):
        kitchen.blame(
            "no connection before 200 ms are over",
            " and ".join(f"{wait * 1000:.0f} ms" for wait in kitchen.waits),
            fed=fed,
            next="Wait `retry` milliseconds before each new connection, whatever ended the last, "
            "and also when that one said no `retry`. A kitchen that restarts cannot open its door "
            "for guests who never stop to knock.",
            cause="retry",
        )


@exercise.check("takes 204 for the end", points=0.5, needs=("comes_back",), section=STOPS)
def no_more(answer: Answer, random: Random) -> None:
    fed = "a drop after plate 6, before the done event; then status 204"
    kitchen = evening(drop("6"), Trip(status=204))
    if kitchen.follow(answer, fed=fed).raised or len(kitchen.visits) != 2:
        kitchen.blame(
            "the tokens, after 2 connections",
            f"{kitchen.raised and kitchen.raised.got or kitchen.tokens}, {len(kitchen.visits)}",
            fed=fed,
            next="204 says: there is nothing more, do not come back. Return what you have.",
            cause="204",
        )
    whole(kitchen, fed, "Return what came before the 204.")


@exercise.check(
    "gives up on 404, with an error that names it", points=1, needs=("tokens",), section=STOPS,
    patience=SHORT,
)  # fmt: skip
def gives_up(answer: Answer, random: Random) -> None:
    refused(evening(Trip(status=404)), answer, "404", visits=1, fed="status 404")


NO = (
    "Who is told no does not ask again: a slip in the address stays one. Look at what your "
    "`except` catches; an error about the status may be among it."
)


def refused(
    kitchen: Kitchen, answer: Answer, word: str, *, visits: int, fed: str, next: str = NO
) -> None:
    """Fail unless the answer raises at this visit, and its error has this word."""
    raised = kitchen.follow(answer, fed=fed, endless=next).raised
    if len(kitchen.visits) != visits:
        kitchen.blame(
            f"{visits} connections" if visits > 1 else "1 connection",
            f"{len(kitchen.visits)}",
            fed=fed,
            next=next,
            cause="asks again",
        )
    said = f"{raised.type}: {raised.said}" if raised else f"returned {kitchen.tokens!r}"
    if raised is None or not re.search(rf"\b{re.escape(word)}\b", said):
        kitchen.blame(
            f"an exception whose text has {word} in it",
            said,
            fed=fed,
            next='Raise an error that says what came instead: raise RuntimeError(f"...").',
            cause="no error",
        )
