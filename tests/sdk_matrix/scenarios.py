"""The situations: what the provider plays, and what happens to its bytes on the way."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from labsupport.script import (
    Cite,
    Fail,
    Finish,
    HangUp,
    Page,
    Pause,
    Ping,
    Raw,
    Refuse,
    Reject,
    Reset,
    Script,
    StopShort,
    Think,
    ToolCall,
)

from . import twists

HELLO = ("Hel", "lo")


@dataclass(frozen=True)
class Scenario:
    """One situation.

    Arguments:
        name: a row of the table.
        script: what the provider plays.
        twist: what happens to the body on its way; None lets each block through as it comes.
        headers: response headers that are set on the way.
        limit: the most tokens that the client asks for.
        timeout: the client's, in seconds.
        deadline: seconds after which we say that the call sleeps.
        apart: seconds that the client is told to leave between its attempts.
        only: dialects; empty for all.
    """

    name: str
    script: Script
    twist: Callable[[bytes], bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    limit: int | None = None
    timeout: float = 20.0
    deadline: float = 60.0
    apart: float = 0.0
    only: tuple[str, ...] = ()


SSE = ("chat", "responses", "messages", "gemini")


def _raw(name: str, data: bytes) -> Scenario:
    """These bytes between two tokens."""
    return Scenario(name, Script("Hel", Raw(data), "lo"), only=SSE)


def _twisted(name: str, twist: Callable[[bytes], bytes], **headers: str) -> Scenario:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Scenario(name, Script(*HELLO), twist, named, only=SSE)


def _fail(form: str) -> Scenario:
    return Scenario(
        f"error mid-stream, {form}", Script("Hel", Fail(form=form)), only=("responses",)
    )  # type: ignore[arg-type]


def _reject(name: str, *rejects: Reject, deadline: float = 60.0, apart: float = 0.0) -> Scenario:
    return Scenario(name, Script(*rejects, *HELLO), deadline=deadline, apart=apart)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("ok", Script(*HELLO)),
    Scenario("tool call", Script(ToolCall("get_weather", '{"city": "Paris"}'))),
    Scenario("thinking", Script(Think("hm"), *HELLO)),
    Scenario("citation", Script(*HELLO, Cite("cited words"))),
    Scenario("refusal", Script(Refuse("I can"), Refuse(" not"))),
    Scenario("token limit", Script(*HELLO, " World"), limit=2),
    Scenario("content filter", Script("Hel", Finish("blocked"))),
    Scenario("pings", Script(Ping(), "Hel", Ping(), "lo", Ping())),
    # Failures in the middle
    Scenario("error mid-stream", Script("Hel", Fail())),
    _fail("flat"),
    _fail("failed"),
    Scenario("truncated, clean end", Script("Hel", StopShort())),
    Scenario("socket cut", Script("Hel", HangUp())),
    # The reset would overtake bytes that the client has not read yet.
    Scenario("reset", Script("Hel", Pause(1.0), Reset())),
    Scenario("stall beyond the read timeout", Script("Hel", Pause(math.inf)), timeout=4.0),
    # Failures before the stream
    _reject("400", Reject(400)),
    _reject("401", Reject(401)),
    _reject("402", Reject(402)),
    _reject("500 always", Reject(500, times=math.inf, retry_after_ms=5)),
    _reject("429 once", Reject(429, retry_after_ms=5)),
    _reject("429 once, retry-after 1", Reject(429, retry_after=1), apart=1.0),
    # Whoever reads the seconds and not the milliseconds does not come back before the deadline.
    _reject("429 once, retry-after-ms and 100 s", Reject(429, retry_after=100, retry_after_ms=20)),
    _reject("429 always", Reject(429, times=math.inf)),
    _reject("529 always", Reject(529, times=math.inf, retry_after_ms=5)),
    _reject("429, x-should-retry false", Reject(429, should_retry=False)),
    _reject("400, x-should-retry true", Reject(400, should_retry=True, retry_after_ms=5)),
    _reject("429 once, retry-after 130", Reject(429, retry_after=130), deadline=8.0),
    Scenario("HTML with status 200", Script(Page())),
    # Bytes of event streams
    _raw("comment", b": keep-alive\n\n"),
    _twisted("id lines", twists.id_lines),
    _raw("id, then a comment", b"id: 7\n: keep-alive\n\n: keep-alive\n\n"),
    _raw("lone retry block", b"retry: 3000\n\n"),
    _raw("ping without data", b"event: ping\n\n"),
    _raw("ping with {}", b"event: ping\ndata: {}\n\n"),
    _raw("unknown event type", b'event: news\ndata: {"type":"news","at":1}\n\n'),
    _twisted("no event lines", twists.no_event_lines),
    _twisted("[DONE] at the end", twists.done),
    _twisted("event: done, [DONE]", twists.named_done),
    _twisted("no [DONE]", twists.not_done),
    _twisted("no space after data:", twists.no_space),
    _twisted("last blank line missing", twists.no_last_blank),
    _twisted("leading BOM", twists.bom),
    _twisted("CRLF", twists.crlf),
    _twisted("CR", twists.cr),
    _twisted("data in two lines", twists.two_lines),
    _twisted("gzip", twists.gzipped, content_encoding="gzip"),
    _twisted("wrong content-type", bytes, content_type="text/plain"),
    _twisted("one big chunk", bytes),
)
"""All of them, in the order of the table."""
