"""What a meter says of money: input, cached, output and reasoning apart, by request and in all."""

from __future__ import annotations

from typing import Any

import pytest

from labsupport.provider import Provider, Usage
from labsupport.provider.meter import Cost, Meter, Tally
from labsupport.provider.prices import Price, price
from labsupport.recorder import record
from labsupport.script import Script, Think, ToolCall
from labsupport.server import serve

PRICE = Price(model="soup-1", input=1.0, cached=0.1, output=10.0)


def count(tally: Tally, said: int = 0, thought: int = 0, delivered: int = 0) -> Usage:
    """Think, then speak; of all these tokens the first so many are delivered."""
    for number in range(1, thought + said + 1):
        tally.generate(reasoning=number <= thought)
        if number <= delivered:
            tally.deliver()
    return tally.usage


def dollars(cost: Cost) -> tuple[float, ...]:
    """Input, cached, output, reasoning and wasted, in millionths of a dollar."""
    kinds = (cost.input, cost.cached, cost.output, cost.reasoning, cost.wasted)
    return tuple(round(kind * 1e6, 6) for kind in kinds)


def test_what_was_cached_is_taken_out_of_the_input() -> None:
    meter = Meter(PRICE)
    usage = count(meter.begin("/", input=1000, cached=400), said=5, delivered=5)
    assert dollars(meter.cost(usage)) == (600, 40, 50, 0, 0)


def test_reasoning_is_a_part_of_the_output_and_not_added_to_it() -> None:
    meter = Meter(PRICE)
    usage = count(meter.begin("/"), said=2, thought=30, delivered=32)
    assert (usage.generated, usage.reasoning) == (32, 30)
    assert dollars(meter.cost(usage)) == (0, 0, 320, 300, 0)
    assert meter.cost(usage).total == pytest.approx(320e-6)


def test_what_was_wasted_was_billed_all_the_same() -> None:
    meter = Meter(PRICE)
    usage = count(meter.begin("/", input=100), said=10, delivered=4)
    assert dollars(meter.cost(usage)) == (100, 0, 100, 0, 60)
    assert meter.cost(usage).total == pytest.approx(200e-6)


def test_a_vendor_without_a_price_for_the_cache_bills_it_as_input() -> None:
    meter = Meter(Price(input=1.0, output=10.0))
    usage = count(meter.begin("/", input=1000, cached=400))
    assert dollars(meter.cost(usage)) == (600, 400, 0, 0, 0)


def test_a_cache_that_is_free_costs_nothing() -> None:
    meter = Meter(Price(input=1.0, cached=0.0, output=10.0))
    assert dollars(meter.cost(meter.begin("/", input=1000, cached=400).usage))[:2] == (600, 0)


def test_totals_are_the_sums_of_the_requests() -> None:
    meter = Meter(PRICE)
    count(meter.begin("/", input=1000, cached=400), said=5, thought=5, delivered=8)
    count(meter.begin("/", input=10), said=1, delivered=1)
    costs = [meter.cost(usage) for usage in meter.requests]
    assert [round(cost.total * 1e6) for cost in costs] == [740, 20]
    assert meter.price == pytest.approx(760e-6)
    assert meter.price_wasted == pytest.approx(20e-6)
    assert repr(meter).endswith("11 tokens generated, 9 delivered, 2 wasted, $0.000020)")


def test_a_number_is_the_price_of_output_alone() -> None:
    meter = Meter(10)
    count(meter.begin("/", input=10**6), said=1)
    assert meter.price == pytest.approx(10e-6)


@pytest.mark.parametrize(
    ("name", "cents"),
    [("gpt-4o-mini", 0.072), ("claude-haiku-4-5", 0.564), ("gemini-2.5-flash", 0.2692)],
)
def test_a_known_request_costs_what_the_table_says(name: str, cents: float) -> None:
    # 1,000 tokens in, 400 of them cached; 1,000 out: a sum made by hand.
    meter = Meter(price(name))
    count(meter.begin("/", input=1000, cached=400), said=1000)
    assert meter.price * 100 == pytest.approx(cents, abs=0.00005)


def test_a_usage_prints_the_kinds_that_there_are() -> None:
    assert repr(Usage("/", 1, 1, "done")) == (
        "Usage(path='/', generated=1, delivered=1, ended='done')"
    )
    assert repr(Usage("/", 2, 1, "done", input=9, cached=4, reasoning=1)) == (
        "Usage(path='/', generated=2, delivered=1, ended='done', input=9, cached=4, reasoning=1)"
    )


SCRIPT = Script(Think("hm"), Think("so"), "Soup", ToolCall("order", "{}"))
PROMPT = "What is in the pot today?"  # six words, six tokens
SPOKEN = {"messages": [{"role": "user", "content": PROMPT}]}
ASKED: dict[str, Any] = {
    "/stream": {"prompt": PROMPT},
    "/json": {"prompt": PROMPT},
    "/v1/chat/completions": {"model": "m", "stream": True, **SPOKEN},
    "/v1/responses": {"model": "m", "stream": True, "input": PROMPT},
    "/v1/messages": {"model": "m", "stream": True, "max_tokens": 99, **SPOKEN},
}


@pytest.mark.usefixtures("no_leaks")
@pytest.mark.parametrize("path", ASKED)
def test_every_dialect_is_counted_alike(path: str) -> None:
    provider = Provider(SCRIPT, price=PRICE, cached=2)
    with serve(provider.app) as server:
        assert record(server.url + path, json=ASKED[path]).status == 200
        (usage,) = provider.meter.settle().requests
    assert usage == Usage(path, 4, 4, "done", input=6, cached=2, reasoning=2)
    assert dollars(provider.meter.cost(usage)) == (4, 0.2, 40, 20, 0)


@pytest.mark.usefixtures("no_leaks")
def test_more_cannot_be_cached_than_was_sent() -> None:
    provider = Provider(Script("a"), cached=1000)
    with serve(provider.app) as server:
        record(server.url + "/stream", json={"prompt": PROMPT})
        record(server.url + "/stream")
        usages = provider.meter.settle().requests
    assert [(usage.input, usage.cached) for usage in usages] == [(6, 6), (0, 0)]
