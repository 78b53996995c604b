"""The table of prices: dated, sourced, and found by name."""

from __future__ import annotations

import datetime

import pytest

from labsupport.errors import UsageError
from labsupport.provider import Provider
from labsupport.provider.prices import PRICES, Price, price
from labsupport.script import Script

NAMES = [one.model for one in PRICES]


def test_three_vendors_and_this_machine_are_in_the_table() -> None:
    assert {one.vendor for one in PRICES} == {"OpenAI", "Anthropic", "Google", "this machine"}
    assert len(NAMES) == len({*NAMES}) >= 12


@pytest.mark.parametrize("row", PRICES, ids=NAMES)
def test_a_row_says_when_it_was_read_and_where(row: Price) -> None:
    assert datetime.date.fromisoformat(row.date) >= datetime.date(2026, 10, 1)
    assert row.source.startswith("https://") or row.vendor == "this machine"
    assert row.vendor


@pytest.mark.parametrize("row", [one for one in PRICES if one.output], ids=lambda row: row.model)
def test_output_costs_most_and_what_was_cached_least(row: Price) -> None:
    assert row.cached is not None
    assert 0 < row.cached < row.input < row.output
    assert row.cache_write is None or row.input < row.cache_write < row.output


def test_a_local_model_costs_nothing() -> None:
    local = price("local")
    assert (local.input, local.cached, local.output) == (0, 0, 0)


def test_a_model_is_found_by_its_name() -> None:
    found = price("gpt-4o-mini")
    assert (found.input, found.cached, found.output) == (0.15, 0.075, 0.6)
    assert [price(name) for name in NAMES] == [*PRICES]


def test_an_unknown_model_is_refused_with_names_like_it() -> None:
    with pytest.raises(UsageError) as caught:
        price("gpt4o-mini")
    assert str(caught.value) == (
        "expected a model with a known price, such as gpt-4o-mini, got 'gpt4o-mini'. Next: Take "
        "one of those, price('local') for a model on this machine, or write "
        "Price(input=..., output=...) yourself."
    )
    with pytest.raises(UsageError, match="such as claude-sonnet-5-5, "):
        price("claude-sonnet-5")


def test_a_model_like_none_is_refused_with_the_first_names() -> None:
    with pytest.raises(UsageError, match=f"such as {', '.join(NAMES[:3])}, got 'zzz'"):
        price("zzz")


def test_a_provider_takes_a_price_from_the_table() -> None:
    provider = Provider(Script("a"), price=price("claude-haiku-4-5"))
    assert provider.meter.prices is price("claude-haiku-4-5")


@pytest.mark.parametrize("name", ["input", "cached", "output", "cache_write"])
@pytest.mark.parametrize("value", [-0.01, float("nan"), float("inf"), "10"])
def test_a_price_that_is_none_is_refused(name: str, value: object) -> None:
    with pytest.raises(UsageError, match="expected a price in US dollars .*Next: Look the price"):
        Price(**{name: value})  # type: ignore[arg-type]
