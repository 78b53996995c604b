"""What a million tokens cost: a table with a date and a source. Prices change; look again."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Price:
    """US dollars for a million tokens, by kind. Reasoning is billed as output everywhere.

    Arguments:
        input: tokens of the prompt that the model read anew.
        cached: tokens of the prompt that the vendor had kept from before; None: as `input`.
        output: tokens that the model made, those of reasoning among them.
        date: when it was read, as 2026-11-23.
        source: where it was read.

    Raises `UsageError` for a price below 0.
    """

    input: float = 0.0
    cached: float | None = None
    output: float = 10.0
    date: str = ""
    source: str = "a round figure, no vendor's price"

    def __post_init__(self) -> None:
        for value in (self.input, self.cached or 0.0, self.output):
            if not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise UsageError(
                    expected="a price in US dollars for a million tokens, 0 or more",
                    got=repr(value),
                    next="Look the price up at your vendor; 10.0 is ten dollars.",
                )
