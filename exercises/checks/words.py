"""The words of exercise 8 as JSON, as events and as what an answer makes of them; and its guard."""

from __future__ import annotations

import json
from typing import Any

from labsupport import Event
from labsupport.grading import Answer, Feed, Raised, Value, expect, fail
from labsupport.grading.values import Thing

LEFT_OUT = {"usage": {"estimated": False}, "failed": {"retryable": False}}
"""Fields that may be left out, and what they are then."""

BROKEN = Thing("Failed", {"type": "failed", "code": "broken_upstream", "retryable": False})
"""What drift becomes."""

Said = dict[str, Any]
"""The JSON of an event."""


def token(number: int, text: str) -> Said:
    """A token."""
    return {"type": "token", "i": number, "text": text}


START: Said = {"type": "start", "id": "a1", "model": "soup-1"}
TOKENS = [token(number, text) for number, text in enumerate(["You", " should", " not"])]
CITATION: Said = {"type": "citation", "title": "Nuts", "url": "https://example.com/nuts"}
USAGE: Said = {"type": "usage", "input": 10, "output": 3}
FAILED: Said = {"type": "failed", "code": "overloaded", "retryable": True}
DONE: Said = {"type": "done", "reason": "stop"}
THINKING: Said = {"type": "thinking", "text": "nuts?"}


def event(said: Said, name: str | None = None) -> Event:
    """The event that says this, under its type's name or another one."""
    return Event(json.dumps(said, ensure_ascii=False), name or said["type"])


def known(said: Said) -> Thing:
    """What a known word is to be made into."""
    name = said["type"]
    return Thing(name.capitalize(), {**LEFT_OUT.get(name, {}), **said})


def unknown(name: str) -> Thing:
    """What any other word is to be made into."""
    return Thing("Unknown", {"type": name})


def parsed(answer: Answer, one: Event, expected: Thing, *, next: str, cause: str) -> None:
    """Fail unless `parse` makes this of an event."""
    try:
        got = answer.call("parse", one)
    except Raised as raised:
        where = f" It came from {raised.where[-1]}." if raised.where else ""
        fail(Value(expected), raised.got, fed=Value(one), next=next + where, cause=cause)
    expect(got, expected, fed=one, next=next, cause=cause)


def refused(answer: Answer, one: Event, *, next: str, cause: str) -> None:
    """Fail unless `parse` raises."""
    try:
        got = answer.call("parse", one)
    except Raised as raised:
        if raised.type == "NotImplementedError":
            raise
        return
    fail("ValueError", Value(got), fed=one, next=next, cause=cause)


def guarded(answer: Answer, *events: Event, cut: str = "", fed: str) -> list[Any]:
    """What comes out of the guard for these events; then the source ends, or fails with `cut`."""
    out: list[Any] = []
    try:
        with answer.talk("guarded", Feed(is_async=True)) as talk:
            out = talk.outs
            for one in events:
                talk.give(one)
            if cut:
                talk.fail(cut)
            else:
                talk.end()
    except Raised as raised:
        if raised.type == "NotImplementedError":
            raise
        fail(
            "no exception",
            f"{raised.got}, after {names(out)}",
            fed=fed,
            next="An exception in a stream is a cut connection to the guest. Catch it in guarded, "
            "whatever it is, around the whole loop; yield one Failed, and return.",
            cause="raises",
        )
    return out


def names(out: list[Any]) -> str:
    """What came out, in short."""
    found = [one.type if isinstance(one, Thing) else repr(one) for one in out]
    return " ".join(found) or "nothing"


def fails(answer: Answer, *said: Said, cut: str = "", fed: str, next: str, cause: str) -> None:
    """Fail unless these words end in one Failed: the last that comes out, and the only ending."""
    out = guarded(answer, *map(event, said), cut=cut, fed=fed)
    ends = [one.type for one in out if getattr(one, "type", "") in ("Done", "Failed")]
    last = getattr(out[-1], "type", "") if out else ""
    if ends != ["Failed"] or last != "Failed":
        fail("one Failed, and nothing after it", names(out), fed=fed, next=next, cause=cause)
