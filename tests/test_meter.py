"""Meter: tokens generated, delivered and wasted, and what they cost."""

from __future__ import annotations

import threading

import pytest

from labsupport.errors import BenchError, UsageError
from labsupport.provider.meter import Meter, Tally, Usage


def count(tally: Tally, generated: int, delivered: int) -> None:
    """Generate so many tokens one by one, and deliver the first of them."""
    for n in range(1, generated + 1):
        tally.generate()
        if n <= delivered:
            tally.deliver()


def test_a_meter_prints_its_counts_and_the_price_of_the_waste() -> None:
    meter = Meter(10.0)
    for generated, delivered in ((10, 10), (14, 10)):
        count(meter.begin("/stream"), generated, delivered)
    words = "Meter(2 requests: 24 tokens generated, 20 delivered, 4 wasted, $0.000040)"
    assert repr(meter) == words


def test_a_meter_of_one_says_one() -> None:
    meter = Meter(10.0)
    count(meter.begin("/stream"), 1, 1)
    assert repr(meter) == "Meter(1 request: 1 token generated, 1 delivered, 0 wasted, $0.000000)"


def test_totals_are_the_sums_of_the_requests() -> None:
    meter = Meter(2.5)
    count(meter.begin("/stream"), 3, 3)
    count(meter.begin("/json"), 5, 0)
    assert meter.requests == (Usage("/stream", 3, 3), Usage("/json", 5, 0))
    assert [usage.wasted for usage in meter.requests] == [0, 5]
    assert (meter.generated, meter.delivered, meter.wasted) == (8, 3, 5)


def test_what_is_billed_is_what_was_generated() -> None:
    meter = Meter(2.0)
    count(meter.begin("/stream"), 500, 100)
    assert meter.price == pytest.approx(0.001)
    assert meter.price_wasted == pytest.approx(0.0008)


def test_delivery_is_of_all_that_was_generated_so_far() -> None:
    tally = Meter(1).begin("/json")
    count(tally, 4, 0)
    assert tally.usage.delivered == 0
    tally.deliver()
    assert tally.usage.delivered == 4


def test_a_delivery_can_be_taken_back() -> None:
    tally = Meter(1).begin("/stream")
    count(tally, 4, 4)
    tally.deliver(3)
    assert (tally.usage.generated, tally.usage.delivered, tally.usage.wasted) == (4, 3, 1)


def test_the_first_ending_of_a_request_stays() -> None:
    tally = Meter(1).begin("/stream")
    assert tally.usage.ended == "running"
    tally.end("client left")
    tally.end("done")
    assert tally.usage.ended == "client left"


def test_a_usage_once_read_does_not_change() -> None:
    meter = Meter(1)
    tally = meter.begin("/stream")
    before = meter.requests
    tally.generate()
    assert before == (Usage("/stream"),)
    assert meter.requests == (Usage("/stream", generated=1),)


def test_settle_returns_when_the_last_request_has_ended() -> None:
    meter = Meter(1)
    tallies = [meter.begin("/stream") for _ in range(3)]
    tallies[0].end("done")
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.append(meter.settle(20.0).requests[2].ended))
    thread.start()
    tallies[1].end("done")
    assert not seen  # the third runs, so nobody can have been told
    tallies[2].end("hung up")
    thread.join(20.0)
    assert seen == ["hung up"]


def test_settle_says_how_many_requests_still_run() -> None:
    meter = Meter(1)
    meter.begin("/stream")
    with pytest.raises(BenchError) as caught:
        meter.settle(0.01)
    assert str(caught.value) == (
        "expected every request to end within 0.01 s, got 1 still running. "
        "Next: Give settle() more time, or see who still holds a connection."
    )


def test_a_meter_without_requests_is_settled() -> None:
    assert Meter(1).settle(0.01).requests == ()


@pytest.mark.parametrize("price", [-0.01, float("nan"), float("inf"), "10", None])
def test_a_price_that_is_none_is_refused(price: object) -> None:
    with pytest.raises(UsageError, match="expected a price in US dollars .*Next: Look the price"):
        Meter(price)  # type: ignore[arg-type]


def test_counts_of_many_threads_add_up() -> None:
    meter = Meter(1)
    threads = [
        threading.Thread(target=count, args=(meter.begin("/stream"), 2000, 1500)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert all(usage.wasted >= 0 for usage in meter.requests)  # no half-made count is seen
        assert "4 requests" in repr(meter)
    assert (meter.generated, meter.delivered) == (8000, 6000)


def test_the_next_request_has_the_number_of_those_begun() -> None:
    meter = Meter(1)
    assert meter.begun == 0
    meter.begin("/stream").end("done")
    meter.begin("/stream")
    assert meter.begun == len(meter.requests) == 2
