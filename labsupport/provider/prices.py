"""What a million tokens cost: a table with dates and sources.

    Provider(script, price=price("gpt-4o-mini"))

Prices change, twice within a month for some of these models. Each row says when its vendor's page
was last known to say so; nobody looks it up again for you. Before you trust a sum, open `source`.
The rows were read from stored copies of those pages, or from the package genai-prices 0.2.3 and
release notes of other price tables, which name the same page and the day on which they looked.
What the rows leave out: surcharges for long prompts (OpenAI above 272,000 tokens, Gemini Pro above
200,000, Claude Haiku 5.5 above 100,000), discounts for batches, tools, images and sound.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, field

from ..errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Price:
    """US dollars for a million tokens, by kind. Reasoning is billed as output everywhere.

    Arguments:
        model: the name that a request asks for.
        input: tokens of the prompt that the model read anew.
        cached: tokens of the prompt that the vendor had kept from before; None: as `input`.
        output: tokens that the model made, those of reasoning among them.
        cache_write: tokens of the prompt put into the cache for the shortest time on sale; None
            where that costs no more than `input`. The meter counts no such writes.
        date: when `source` was last known to say so, as 2026-11-23.
        source: where it can be read.
        vendor: who sends the bill.

    Raises `UsageError` for a price below 0.
    """

    model: str = ""
    input: float = 0.0
    cached: float | None = None
    output: float = 10.0
    cache_write: float | None = None
    date: str = ""
    source: str = field(default="a round figure, no vendor's price", repr=False)
    vendor: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for value in (self.input, self.cached or 0.0, self.output, self.cache_write or 0.0):
            if not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise UsageError(
                    expected="a price in US dollars for a million tokens, 0 or more",
                    got=repr(value),
                    next="Look the price up at your vendor; 10.0 is ten dollars.",
                )


_Row = tuple[str, float, float, float, float | None, str]


def _rows(vendor: str, source: str, *rows: _Row) -> tuple[Price, ...]:
    return tuple(
        Price(
            model=model,
            input=read,
            cached=cached,
            output=made,
            cache_write=written,
            date=date,
            source=source,
            vendor=vendor,
        )
        for model, read, cached, made, written, date in rows
    )


# model, input, cached, output, cache write, date
PRICES: tuple[Price, ...] = (
    *_rows(
        "OpenAI",
        "https://developers.openai.com/api/docs/pricing",
        ("gpt-6.2-sol", 2.00, 0.10, 10.00, 2.50, "2026-11-17"),
        ("gpt-6.1-terra", 1.00, 0.05, 5.00, 1.25, "2026-10-26"),
        ("gpt-6-luna", 0.10, 0.01, 0.50, 0.125, "2026-10-12"),
        ("gpt-4o-mini", 0.15, 0.075, 0.60, None, "2026-10-12"),
    ),
    *_rows(
        "Anthropic",
        "https://platform.claude.com/docs/en/about-claude/pricing",
        ("claude-fable-5-1", 10.00, 0.25, 50.00, 12.50, "2026-10-24"),
        ("claude-opus-5-5", 4.00, 0.20, 20.00, 5.00, "2026-10-24"),
        ("claude-sonnet-5-5", 2.00, 0.10, 10.00, 2.50, "2026-10-24"),
        ("claude-haiku-5-5", 0.10, 0.01, 0.50, 0.125, "2026-10-24"),
        ("claude-haiku-4-5", 1.00, 0.10, 5.00, 1.25, "2026-10-24"),
    ),
    *_rows(
        "Google",
        "https://ai.google.dev/gemini-api/docs/pricing",
        ("gemini-3.1-pro-preview", 2.00, 0.20, 12.00, None, "2026-10-14"),
        # Half price until the end of 2026; then 1.50, 0.15 and 7.50.
        ("gemini-3.8-flash", 0.75, 0.075, 3.75, None, "2026-10-14"),
        ("gemini-2.5-flash", 0.30, 0.03, 2.50, None, "2026-10-14"),
    ),
    *_rows(
        "this machine",
        "nobody sends a bill; the machine and its power are yours",
        ("local", 0.0, 0.0, 0.0, None, "2026-11-23"),
    ),
)
"""All prices there are to `price`."""


def price(model: str) -> Price:
    """The price of this model, from `PRICES`.

    Raises `UsageError` for a model that is not there, and names those with a name like it.

    >>> price("gpt-4o-mini")
    Price(model='gpt-4o-mini', input=0.15, cached=0.075, output=0.6, cache_write=None, \
date='2026-10-12')
    """
    table = {one.model: one for one in PRICES}
    if model in table:
        return table[model]
    near = difflib.get_close_matches(str(model), table, n=3)
    raise UsageError(
        expected=f"a model with a known price, such as {', '.join(near or [*table][:3])}",
        got=repr(model),
        next="Take one of those, price('local') for a model on this machine, or write "
        "Price(input=..., output=...) yourself.",
    )
