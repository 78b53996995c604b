"""The bridge of lesson 05: it holds nothing back, and hangs up when its guest does."""

from __future__ import annotations

import asyncio
import gc
import json
import math
import time
from typing import Any

import pytest
from lesson_bridge import DIALECTS, ORDER, SHORT, Make, keeps_the_contract, order, take
from raw_client import connected, posted

from labsupport import Event, Script, race, record, serve
from labsupport.provider import Gate, Provider
from labsupport.script import HangUp, Pause, Raw
from labsupport.wire import Chunk


@pytest.fixture(scope="module")
def bridge() -> Make:
    return take()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_token_is_with_the_guest_before_the_next_is_made(bridge: Make, dialect: str) -> None:
    gate, seen = Gate(), 0

    def on_chunk(chunk: Chunk, events: list[Event]) -> None:
        nonlocal seen
        seen += sum(event.event == "token" for event in events)
        gate.observed(seen)

    provider = Provider(Script(*"soup!"), gate=gate)
    with serve(provider.app) as far, serve(bridge(far.url)) as app:
        capture = record(f"{app.url}/{dialect}", json=ORDER, on_chunk=on_chunk, deadline=20)
    assert seen == 5 and capture.events[-1].event == "done"


@pytest.mark.parametrize("leave", ["close", "reset"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_guest_who_leaves_ends_the_order_and_has_a_bill(
    bridge: Make, dialect: str, leave: str
) -> None:
    provider = Provider(Script("Hot", " soup", Pause(math.inf), " is"))
    with serve(provider.app) as far, serve(bridge(far.url, 60)) as app:
        record(f"{app.url}/{dialect}", json=ORDER, stop_after_events=3, leave=leave)
        (usage,) = provider.meter.settle().requests
        (bill,) = app.app.state.book
    assert (usage.generated, usage.ended) == (2, "client left")
    assert (bill["output"], bill["estimated"]) == (2, True)
    assert bill["input"] == (3 if dialect == "messages" else None)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_guest_who_leaves_before_the_first_token_ends_the_order(
    bridge: Make, dialect: str
) -> None:
    provider = Provider(Script(Pause(math.inf), "Hot"))
    with serve(provider.app) as far, serve(bridge(far.url, 60)) as app:
        with connected(app.url, posted(f"/{dialect}", ORDER)):
            while not provider.meter.begun:
                time.sleep(0.01)
        assert provider.meter.settle().requests[-1].ended == "client left"


def test_the_order_ends_when_a_guest_leaves_whose_line_is_backed_up(bridge: Make) -> None:
    """Without the garbage collector, whose help the bridge must not need."""
    page = "x" * 200_000
    provider = Provider(Script(page, *[Pause(0.01), page] * 1000))
    slow: dict[str, Any] = {"receive_window": 65_536, "leave": "silent", "stay": 0.5}
    with serve(provider.app) as far, serve(bridge(far.url, 60)) as app:
        gc.disable()
        try:
            record(app.url + "/chat", json=ORDER, stop_after_events=2, **slow)
            usage = provider.meter.settle().requests[-1]
        finally:
            gc.enable()
    assert usage.ended == "client left" and usage.generated < 1000


def test_a_provider_that_goes_on_after_its_own_error_is_hung_up_on(bridge: Make) -> None:
    """Without the garbage collector again."""
    flat = raw("error", {"type": "error", "code": "server_error", "message": "sorry"})
    provider = Provider(Script("Hel", flat, Pause(math.inf)))
    with serve(provider.app) as far, serve(bridge(far.url, 60)) as app:
        gc.disable()
        try:
            capture = record(app.url + "/responses", json=ORDER)
            assert provider.meter.settle().requests[-1].ended == "client left"
        finally:
            gc.enable()
    assert capture.events[-1].event == "failed"


def test_twenty_guests_at_once_get_an_answer_and_a_bill_each(bridge: Make) -> None:
    provider = Provider(Script("Hot", Pause(0.05), " soup"))
    with serve(provider.app) as far, serve(bridge(far.url)) as app:
        lanes = {str(n): f"{app.url}/{DIALECTS[n % 3]}" for n in range(20)}
        guests = race(lanes, json=ORDER)
        bills = app.app.state.book
    assert all(guest.events[-1].event == "done" for guest in guests.values())
    assert [bill["output"] for bill in bills] == [2] * 20


def test_nothing_is_left_when_some_stay_and_some_leave(bridge: Make, no_leaks: None) -> None:
    provider = Provider(Script("Hot", Pause(0.05), " soup"))
    with serve(provider.app) as far, serve(bridge(far.url)) as app:
        for dialect in DIALECTS:
            record(f"{app.url}/{dialect}", json=ORDER, stop_after_events=2)
            record(f"{app.url}/{dialect}", json=ORDER)
        provider.meter.settle()


@pytest.mark.parametrize(
    ("path", "body"), [("/chat", {}), ("/chat", {"question": 7}), ("/other", ORDER)]
)
def test_a_bad_order_is_refused_before_the_provider_hears_of_it(
    bridge: Make, path: str, body: dict[str, Any]
) -> None:
    provider = Provider(Script("Hot"))
    with serve(provider.app) as far, serve(bridge(far.url)) as app:
        assert record(app.url + path, json=body).status == 422
    assert provider.meter.begun == 0


def test_a_provider_that_is_not_there_is_a_502(bridge: Make) -> None:
    with serve(Provider(Script("Hot")).app) as far:
        gone = far.url
    with serve(bridge(gone)) as app:
        for dialect in DIALECTS:
            capture = record(f"{app.url}/{dialect}", json=ORDER)
            assert (capture.status, b"upstream_cut" in capture.body) == (502, True)


def test_a_provider_without_an_answer_is_a_504(bridge: Make) -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await asyncio.sleep(60)

    with serve(silent) as far, serve(bridge(far.url, SHORT)) as app:
        for dialect in DIALECTS:
            capture = record(f"{app.url}/{dialect}", json=ORDER)
            assert (capture.status, b"upstream_stalled" in capture.body) == (504, True)


def raw(event: str, data: dict[str, Any]) -> Raw:
    return Raw(f"event: {event}\ndata: {json.dumps(data)}\n\n".encode())


def finish(reason: str) -> Raw:
    return raw("chunk", {"id": "1", "choices": [{"delta": {}, "finish_reason": reason}]})


def test_a_cut_after_the_reason_costs_the_usage_and_not_the_answer(bridge: Make) -> None:
    served = next(order(bridge, Script("Hel", "lo", finish("stop"), HangUp())))
    keeps_the_contract(served)
    assert (served.text, served.end) == ("Hello", ("done", "stop"))
    assert served.bill and (served.bill["output"], served.bill["estimated"]) == (2, True)


def test_a_reason_that_nobody_knows_yet_is_another_one(bridge: Make) -> None:
    served = next(order(bridge, Script("Hel", finish("moonlight"), HangUp())))
    keeps_the_contract(served)
    assert served.end == ("done", "other")


def test_usage_that_comes_often_is_not_added_up_and_ends_nothing(bridge: Make) -> None:
    early = raw(
        "message_delta",
        {
            "type": "message_delta",
            "delta": {"stop_reason": None},
            "usage": {"output_tokens": 1},
        },
    )
    *_, served = order(bridge, Script("Hel", early, early, "lo"))
    keeps_the_contract(served)
    assert (served.text, served.end) == ("Hello", ("done", "stop"))
    assert served.bill and served.bill["output"] == 2
