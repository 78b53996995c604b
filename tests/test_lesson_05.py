"""The bridge of lesson 05: every good answer comes whole, every bad one is said."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from lesson_bridge import DIALECTS, LONG, SHORT, Make, keeps_the_contract, order, take

from labsupport import Script
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
    StopShort,
    Think,
    ToolCall,
)


@pytest.fixture(scope="module")
def bridge() -> Make:
    return take()


GOOD = {
    "text": (Script("Hel", "lo"), "Hello", "stop"),
    "citations": (Script("Hel", Cite("Hel"), "lo", Cite("lo")), "Hello", "stop"),
    "thoughts": (Script(Think("Hm."), "Hel", "lo"), "Hello", "stop"),
    "a tool": (Script("Hel", ToolCall("weather", '{"city": "Paris"}')), "Hel", "tool"),
    "a tool alone": (Script(ToolCall("weather")), "", "tool"),
    "a limit": (Script("Hel", Finish("length")), "Hel", "length"),
    "a filter": (Script("Hel", Finish("blocked")), "Hel", "blocked"),
    "pings": (Script("Hel", Ping(), "lo", Ping()), "Hello", "stop"),
    "a comment": (Script("Hel", Raw(b": here\n\n"), "lo"), "Hello", "stop"),
    "a line break": (Script("Hel\n\nevent: done\ndata: {}\n\n", "lo"), None, "stop"),
    "nothing": (Script(), "", "stop"),
}


@pytest.mark.parametrize(("script", "text", "reason"), GOOD.values(), ids=GOOD)
def test_a_good_answer_comes_whole_and_is_counted_as_the_meter_counts(
    bridge: Make, script: Script, text: str | None, reason: str
) -> None:
    for served in order(bridge, script, cached=1):
        keeps_the_contract(served)
        assert served.text == (script.text if text is None else text)
        assert served.end == ("done", reason)
        meter = served.usage
        assert meter and served.bill == {
            "input": meter.input,
            "cached": meter.cached,
            "output": meter.generated,
            "reasoning": meter.reasoning,
            "estimated": False,
        }
        assert (meter.input, meter.cached) == (3, 1)


def test_a_refusal_is_blocked_and_its_words_are_passed_on_where_they_are_text(bridge: Make) -> None:
    texts = []
    for served in order(bridge, Script(Refuse("I can"), Refuse(" not"))):
        keeps_the_contract(served)
        assert served.end == ("done", "blocked")
        texts.append(served.text)
    assert texts == ["I can not", "I can not", ""]


def test_a_citation_stands_where_it_was_said(bridge: Make) -> None:
    _, responses, messages = order(bridge, Script("Hel", Cite("Hel", title="Menu"), "lo"))
    for served in (responses, messages):
        assert [name for name, _ in served.said][1:4] == ["token", "citation", "token"]
    where = "https://example.org/menu"
    assert responses.said[2][1] == {"title": "Menu", "url": where, "quote": None}
    assert messages.said[2][1] == {"title": "Menu", "url": None, "quote": "Hel"}


SECRET = "rack 12 of customer 4711"
IN_THE_MIDDLE = {
    "error event": (Script("Hel", Fail(SECRET)), None),
    "error event, flat": (Script("Hel", Fail(SECRET, form="flat")), None),
    "response.failed": (Script("Hel", Fail(SECRET, form="failed")), None),
    "an error at once": (Script(Fail(SECRET)), None),
    "a limit of requests": (Script("Hel", Fail(SECRET, status=429)), "rate_limited"),
    "stops short": (Script("Hel", StopShort()), "upstream_truncated"),
    "stops at once": (Script(StopShort()), "upstream_truncated"),
    "socket closed": (Script("Hel", HangUp()), "upstream_cut"),
    "socket reset": (Script("Hel", Reset()), "upstream_cut"),
    "stalls": (Script("Hel", Pause(math.inf)), "upstream_stalled"),
    "no JSON": (Script("Hel", Raw(b"event: token\ndata: {oops\n\n"), "lo"), "upstream_failed"),
    "no UTF-8": (Script("Hel", Raw(b"event: token\ndata: \xff\n\n"), "lo"), "upstream_failed"),
}


@pytest.mark.parametrize(("script", "code"), IN_THE_MIDDLE.values(), ids=IN_THE_MIDDLE)
def test_a_failure_in_the_middle_is_said_and_never_tried_again(
    bridge: Make, script: Script, code: str | None
) -> None:
    patience = SHORT if code == "upstream_stalled" else LONG
    all_served = order(bridge, script, patience=patience)
    for served, dialect in zip(all_served, DIALECTS, strict=True):
        keeps_the_contract(served)
        named = code or ("overloaded" if dialect == "messages" else "upstream_failed")
        assert served.end == ("failed", named)
        assert served.said[-1][1]["retryable"] == (named != "upstream_failed")
        assert served.text == script.text[: len(served.text)] and len(served.text) in (0, 3)
        assert served.bill and served.bill["estimated"] is True
        assert served.bill["output"] == bool(served.text)
        assert SECRET.encode() not in served.capture.body
        known = dialect == "messages"  # Anthropic says first what went in
        assert served.bill["input"] == (3 if known else None)


def reject(status: int, **options: Any) -> Script:
    return Script(Reject(status, SECRET, times=math.inf, **options), "Hel")


BEFORE = {
    "400": (reject(400), 502, "upstream_failed", None),
    "401": (reject(401), 502, "upstream_failed", None),
    "429": (reject(429), 429, "rate_limited", None),
    "429, come again": (reject(429, retry_after=7), 429, "rate_limited", "7"),
    "500": (reject(500), 502, "upstream_failed", None),
    "529": (reject(529, retry_after=3), 503, "overloaded", "3"),
    "a page": (Script(Page()), 502, "upstream_failed", None),
    "a page, 503": (Script(Page(status=503)), 503, "overloaded", None),
}


@pytest.mark.parametrize(("script", "status", "code", "after"), BEFORE.values(), ids=BEFORE)
def test_a_failure_before_the_stream_is_a_status(
    bridge: Make, script: Script, status: int, code: str, after: str | None
) -> None:
    for served in order(bridge, script):
        capture = served.capture
        assert (capture.status, capture.headers.get("retry-after")) == (status, after)
        assert json.loads(capture.body)["detail"]["code"] == code
        assert SECRET.encode() not in capture.body
        assert served.bill is None
