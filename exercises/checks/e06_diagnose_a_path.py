"""Exercise 6: say from one capture what the path did, and serve what no path holds back."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import NamedTuple
from urllib.parse import urlencode

from checks.captures import CORK, SSE, captured, corked, events, flowing, held, trays
from checks.paths import through

from labsupport import Capture, Ending, LabError, Proxy, Script, presets, record, serve
from labsupport.grading import Answer, Exercise, Value, expect, fail
from labsupport.provider import Provider
from labsupport.timeline import timeline

exercise = Exercise(
    6,
    "Diagnose a path",
    answers=("diagnose", "app"),
    lesson="06_watch_a_proxy_hide_your_tokens.ipynb",
)

KINDS = ("streamed", "held", "tray", "cork", "cut")

HOLD, SIZES = "Hold plates by hand", "Count the bytes of a burst"
CORKED, SILENT, CACHED = "Tell a cork from a buffer", "Fall silent", "Get somebody else's answer"
FOLKLORE, PRODUCTION = "Test the folklore", "In production"
"""Headings of the lesson."""


class Said(NamedTuple):
    """A diagnosis, its types checked."""

    kind: str
    evidence: float


def diagnosed(answer: Answer, capture: Capture) -> Said:
    """What the answer says of this capture."""
    said = answer.call("diagnose", capture)
    kind, evidence = getattr(said, "kind", None), getattr(said, "evidence", None)
    number = isinstance(evidence, int | float) and not isinstance(evidence, bool)
    number = number and abs(evidence) < 1e12
    if kind not in KINDS or not number:
        fail(
            f"Diagnosis(kind, evidence): one of {', '.join(KINDS)}, and a number",
            Value(said),
            fed=seen(capture),
            next="Return a Diagnosis for every capture; the table says which number goes with it.",
            cause="no diagnosis",
        )
    return Said(str(kind), float(evidence or 0))


def seen(capture: Capture) -> str:
    """A capture in a line."""
    sizes = ", ".join(str(len(chunk.data)) for chunk in capture.chunks[:4])
    more = ", ..." if len(capture.chunks) > 4 else ""
    return f"{timeline(capture)}; bursts of {sizes or 'no'}{more} bytes"


def kind_is(answer: Answer, expected: str, capture: Capture, *, next: str, cause: str) -> None:
    """Fail unless the answer calls it so."""
    got = diagnosed(answer, capture).kind
    expect(got, expected, fed=seen(capture), next=next, cause=cause)


@exercise.check("tells a stream from one that was held to the end", points=0.5, section=HOLD)
def held_or_not(answer: Answer, random: Random) -> None:
    made = flowing(events(random, 30))
    for kind, bursts in {"streamed": made, "held": held(made)}.items():
        kind_is(
            answer,
            kind,
            captured(bursts),
            next="A stream's events come one after the other. If all of them come in one burst, "
            "somebody held them.",
            cause="held",
        )


@exercise.check(
    "calls a slow model streamed", points=1, needs=("held_or_not",), section=CORKED,
)  # fmt: skip
def slow(answer: Answer, random: Random) -> None:
    for wait, gap, count in ((9.0, 0.04, 30), (0.3, 1.5, 12), (0.2, 0.2, 20)):
        kind_is(
            answer,
            "streamed",
            captured(flowing(events(random, count), wait=wait, gap=gap), head_at=0.01),
            next="Neither a late first token nor a long total is the path's doing, nor is one "
            "event every 200 ms. Ask how many events came together.",
            cause="slow model",
        )


@exercise.check("knows a tray by bursts that end inside an event", points=0.5, section=SIZES)
def tray(answer: Answer, random: Random) -> None:
    kind_is(
        answer,
        "tray",
        captured(trays(flowing(events(random, 120)), 4096)),
        next="A buffer knows bytes, not events: its bursts have its size, and end anywhere.",
        cause="tray",
    )


@exercise.check("knows a cork by whole events, about every 200 ms", points=0.5, section=CORKED)
def cork(answer: Answer, random: Random) -> None:
    kind_is(
        answer,
        "cork",
        captured(corked(flowing(events(random, 60), gap=0.02))),
        next="Several events in each burst, none of them cut, and a burst about every 200 ms: "
        "that waits for time, and not for bytes.",
        cause="cork",
    )


@exercise.check("says that a stream was cut", points=0.5, section=SILENT)
def cut(answer: Answer, random: Random) -> None:
    for bursts in (flowing(events(random, 12)), []):
        kind_is(
            answer,
            "cut",
            captured(bursts, head_at=0.05, ending=Ending.TRUNCATED),
            next="The status is 200 either way; capture.ending says how it ended. Look at it "
            "first: a cut stream may have brought no event at all.",
            cause="cut",
        )


@exercise.check(
    "gives the number that shows it", points=1, needs=("held_or_not", "tray", "cork", "cut"),
    section=SIZES,
)  # fmt: skip
def evidence(answer: Answer, random: Random) -> None:
    made = flowing(events(random, 120), gap=0.02)
    for kind, bursts in {
        "streamed": made,
        "held": held(made),
        "tray": trays(made, 4096),
        "cork": corked(made),
    }.items():
        shows(answer, kind, captured(bursts))
    shows(answer, "cut", captured(made, ending=Ending.RESET))


def shows(answer: Answer, kind: str, capture: Capture) -> None:
    """Fail unless the answer calls it so, with the number that goes with it."""
    number, what = {
        "tray": (max(len(chunk.data) for chunk in capture.chunks), "bytes of the largest burst"),
        "cork": (CORK, "seconds from one burst to the next, usually"),
        "cut": (len(capture.events), "how many events came whole"),
    }.get(kind) or (capture.arrivals[0][0], "seconds to the first event")
    kind_is(answer, kind, capture, next=f"This one is {kind!r}: see the table.", cause=kind)
    got = diagnosed(answer, capture).evidence
    if abs(got - number) > (0.04 if isinstance(number, float) else 0):
        fail(
            f"{what}: {number:g}",
            f"{got:g}",
            fed=seen(capture),
            next=f"For {kind!r}, the number to give is: {what}.",
            cause="evidence",
        )


@exercise.check("hands each token on at once", points=0.5, section=HOLD)
def at_once(answer: Answer, random: Random) -> None:
    with answer.served("app") as url:
        through(url, ["Hot", " soup", "\nand bread", "!"], None)


@exercise.check("is not held by nginx", points=0.5, needs=("at_once",), section=FOLKLORE)
def nginx(answer: Answer, random: Random) -> None:
    with answer.served("app") as url:
        through(
            url,
            ["Hot", " soup", "!"],
            presets.nginx(version="1.22"),
            presets.nginx(gzip="on", gzip_types=SSE),
        )


@exercise.check("is kept in no cache", points=0.5, needs=("at_once",), section=CACHED)
def uncached(answer: Answer, random: Random) -> None:
    provider = Provider(Script("Hot", " soup"))
    with serve(provider.app) as source, answer.served("app") as url:
        with Proxy(url, presets.varnish()) as path:
            asked = f"{path.url}/stream?" + urlencode({"source": source.url + "/stream"})
            for _ in range(2):
                with suppress(LabError):
                    record(asked, deadline=3)
    expect(
        provider.meter.begun,
        2,
        fed="two guests, one after the other, through Varnish; how often the source was asked",
        next="The second guest got the first one's answer. Cache-Control: no-cache keeps caches "
        "away.",
        cause="cached",
    )


@exercise.check(
    "calls out while the source is silent", points=1, needs=("at_once",), section=SILENT
)  # fmt: skip
def beats(answer: Answer, random: Random) -> None:
    with answer.served("app") as url:
        through(url, ["Hot", " soup", "!"], None, beats=2)
