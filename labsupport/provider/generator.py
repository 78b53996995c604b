"""Tokens nobody wrote down: drawn words, at the times that real models keep.

Rule: the seed and the number of the request decide everything. The words and the times are drawn
apart, so that another speed says the same words.

How fast real models are, per model and hour: medians of 0.3 to 4.2 s to the first token and 44 to
235 tokens a second (https://www.jonathanwrede.de/en/blog/ttft-varies-13x-across-llm-providers/,
2026, hourly from one place); a 95th percentile of two to three times the median
(https://deploybase.ai/articles/llm-api-latency-comparison-time-to-first-token, March 2026). Our
defaults are one model of the first source (0.9 s, then 45 tokens a second) with such a spread,
played five times as fast, for lessons are short.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, fields

from ..errors import UsageError
from ..script import Pause, Script, words
from .asked import Asked

Z95 = 1.6448536269514722
"""The 95th percentile of the normal distribution with mean 0 and deviation 1."""

WORDS = (
    "soup bread rice broth salt pepper onion garlic basil thyme butter lemon stock dumpling noodle "
    "pan pot ladle oven plate bowl spoon knife pass window order ticket table cook bell apron "
    "is and with then stir taste simmer fold pour wait serve chop slice warm hot fresh slow ready"
).split()


@dataclass(frozen=True)
class Lognormal:
    """A length of time whose logarithm is spread normally: never below 0, with a long tail.

    Arguments:
        median: seconds; half of the draws are shorter.
        p95: seconds; 95 of 100 draws are shorter. The same as `median` for no spread.

    Raises `UsageError` unless 0 < median <= p95.

    >>> round(Lognormal(0.9, 2.4).draw(random.Random(7)), 6)
    0.727902
    """

    median: float
    p95: float

    def __post_init__(self) -> None:
        if not 0 < self.median <= self.p95 < math.inf:
            raise UsageError(
                expected="a median above 0 s, and a 95th percentile that is not below it",
                got=repr(self),
                next="Write Lognormal(0.9, 2.4): half of the times under 0.9 s, 95 in 100 under "
                "2.4 s.",
            )

    def draw(self, chance: random.Random) -> float:
        """One length of time, in seconds."""
        deviation = math.log(self.p95 / self.median) / Z95
        return self.median * math.exp(deviation * chance.normalvariate())


@dataclass(frozen=True, kw_only=True, repr=False)
class Generator:
    """A `Source` of scripts, another one for each request: `Provider(Generator(seed=7))`.

    Arguments:
        seed: the same seed gives the same scripts, in every run and on every machine.
        first: seconds to the first token.
        between: seconds from one token to the next.
        tokens: the least and the most tokens of an answer.
        text: what to say every time, cut into words; None draws words from a kitchen.
        speed: how many times as fast as drawn; 1 is real life, `math.inf` has no pauses.

    Raises `UsageError` for a range that has nothing in it, a text without words or a speed that
    is not above 0.

    >>> Generator(seed=7, tokens=(3, 3), speed=1).script(0)
    Script(Pause(0.989762), 'With', Pause(0.028823), ' serve', Pause(0.011461), ' soup.')
    """

    seed: int = 0
    first: Lognormal = Lognormal(0.9, 2.4)
    between: Lognormal = Lognormal(0.022, 0.055)
    tokens: tuple[int, int] = (20, 60)
    text: str | None = None
    speed: float = 5.0

    def __post_init__(self) -> None:
        low, high = self.tokens
        if not 1 <= low <= high:
            raise UsageError(
                expected="the least and the most tokens of an answer, 1 or more",
                got=f"tokens={self.tokens!r}",
                next="Write tokens=(20, 60).",
            )
        if self.text is not None and not words(self.text):
            raise UsageError(
                expected="a text with at least one word",
                got=f"text={self.text!r}",
                next="Leave it out to have words drawn.",
            )
        if not self.speed > 0:
            raise UsageError(
                expected="a speed above 0",
                got=f"speed={self.speed!r}",
                next="1 is real life, 5 is five times as fast.",
            )

    def script(self, number: int = 0) -> Script:
        """What request `number` (from 0) gets."""
        times = random.Random(f"{self.seed} {number} times")
        steps: list[str | Pause] = []
        for place, word in enumerate(self._words(number)):
            wait = (self.between if place else self.first).draw(times) / self.speed
            # To the microsecond, so that no machine's logarithm can show.
            steps += [Pause(round(wait, 6)), word] if self.speed < math.inf else [word]
        return Script(*steps)

    def steps(self, asked: Asked) -> Script:
        """What is said to this request; the provider calls it."""
        return self.script(asked.number)

    def __repr__(self) -> str:
        shown = [
            f"{field.name}={value!r}"
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default or field.name == "seed"
        ]
        return f"Generator({', '.join(shown)})"

    def _words(self, number: int) -> list[str]:
        if self.text is not None:
            return words(self.text)
        chance = random.Random(f"{self.seed} {number} words")
        low, high = self.tokens
        drawn = chance.choices(WORDS, k=low + int(chance.random() * (high - low + 1)))
        drawn[-1] += "."
        return [drawn[0].capitalize(), *(f" {word}" for word in drawn[1:])]
