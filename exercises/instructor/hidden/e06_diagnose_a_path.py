"""Exercise 6, the hidden checks: captures and paths that nobody has seen."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from checks.captures import (
    SSE,
    Bursts,
    captured,
    corked,
    events,
    flowing,
    held,
    packed,
    trays,
)
from checks.e06_diagnose_a_path import FOLKLORE, HOLD, PRODUCTION, SIZES, kind_is, shows
from checks.paths import through

from labsupport import Capture, Ending, presets
from labsupport.grading import Answer, Checks
from labsupport.wire import Chunk

checks = Checks()

PATHS: tuple[Any, ...] = (
    presets.nginx(version="1.22", gzip="on", gzip_types=SSE),
    presets.nginx(proxy_http_version="1.0", proxy_buffer_size="16k"),
    presets.haproxy(http_no_delay="on", compression="gzip"),
    presets.caddy(encode="gzip"),
    presets.traefik(compress=True),
    presets.envoy(gzip=True, gzip_types=SSE),
    presets.apache(deflate=True),
    presets.varnish(),
    presets.squid(),
    presets.heroku(),
)
"""Paths that hold nothing of an app that does what it can."""

WORDS = ["Hot", " soup", " is", "漬物", "data: x", ": no", "süß\nund", "🍜"]
BLANK = ["\n\n", " ", "\n"]


def source(random: Random) -> Bursts:
    """A stream as some model may make it: quick or slow, one event at a time or two."""
    gap, wait = random.choice([0.01, 0.03, 0.2, 0.7]), random.choice([0.05, 0.4, 6.0, 20.0])
    made, bursts = events(random, random.randint(14, 60)), []
    while made:
        take = random.choice([1, 1, 1, 2])
        wait += random.uniform(0.6, 1.4) * gap
        bursts.append((wait, [b"".join(made[:take])]))
        made = made[take:]
    return bursts


def examples(random: Random) -> list[tuple[str, Capture]]:
    """One of each kind, in any order."""
    size = random.choice([1024, 2048, 8192, 16384])
    many = flowing(events(random, 5 * size // 100), gap=random.choice([0.01, 0.03]))
    quick = flowing(events(random, random.randint(90, 140)), gap=random.uniform(0.012, 0.025))
    found = [
        ("streamed", captured(source(random), head_at=0.01)),
        ("streamed", captured(source(random), head_at=0.01, ending=Ending.STOPPED)),
        ("held", captured(held(source(random)))),
        ("tray", captured(trays(many, size, size - random.randint(90, 300)))),
        ("cork", captured(corked(quick))),
        ("cut", captured(source(random), ending=Ending.RESET)),
        ("cut", captured(trays(many, size)[:2], ending=Ending.TRUNCATED)),
    ]
    return random.sample(found, len(found))


@checks.check("is right about captures that it has not seen", points=1, section=SIZES)
def unseen(answer: Answer, random: Random) -> None:
    for _ in range(3):
        for kind, capture in examples(random):
            shows(answer, kind, capture)


@checks.check("believes bytes and times, not headers", points=0.5, section=FOLKLORE)
def headers(answer: Answer, random: Random) -> None:
    made = flowing(events(random, 40))
    for kind, bursts, told in (
        ("streamed", made, {"server": "nginx/1.22.1", "x_accel_buffering": "yes"}),
        ("streamed", made, {"via": "1.1 varnish (Varnish/7.1)", "age": "40"}),
        ("held", held(made), {"server": "uvicorn", "x_accel_buffering": "no"}),
        ("held", held(made), {"cache_control": "no-cache, no-transform"}),
        ("cork", corked(flowing(events(random, 90), gap=0.02)), {"server": "nginx"}),
    ):
        kind_is(
            answer,
            kind,
            captured(bursts, **told),
            next="A header says what somebody wrote. Who held what shows in how the bytes came.",
            cause="headers",
        )


@checks.check("looks into what is compressed", points=0.5, section=FOLKLORE)
def compressed(answer: Answer, random: Random) -> None:
    made = flowing(events(random, 40))
    for kind, flush in (("streamed", True), ("held", False)):
        kind_is(
            answer,
            kind,
            captured(packed(made, flush=flush), head_at=0.01, content_encoding="gzip"),
            next="Ask when events came, not bytes: capture.arrivals decompresses. A compressor "
            "that is flushed streams; one that is not sends its first ten bytes, and no event.",
            cause="compressed",
        )


@checks.check("takes reads that came together for one burst", points=0.5, section=HOLD)
def reads(answer: Answer, random: Random) -> None:
    made = flowing(events(random, 120), gap=0.02)
    for kind, bursts in (("held", held(made)), ("tray", trays(made, 4096)), ("cork", corked(made))):
        capture, parts = captured(bursts), []
        for read in capture.reads:
            at = random.randint(1, len(read.data))
            parts += [Chunk(read.at, read.data[:at]), Chunk(read.at + 0.0005, read.data[at:])]
        kind_is(
            answer,
            kind,
            replace(capture, reads=tuple(part for part in parts if part.data)),
            next="The network may cut one burst into several reads, a millisecond apart or less. "
            "observe(capture).bursts joins them again.",
            cause="reads",
        )


@checks.check(
    "streams through every path on which an app can win", points=1, needs=("nginx", "beats"),
    section=PRODUCTION,
)  # fmt: skip
def every_path(answer: Answer, random: Random) -> None:
    with answer.served("app") as url:
        tokens = [random.choice(WORDS), random.choice(BLANK), random.choice(WORDS)]
        through(url, tokens, *PATHS, beats=1)
