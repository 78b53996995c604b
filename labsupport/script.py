"""What a provider will say, as data: a lesson shows it, a test compares it, a server plays it.

>>> Script("Hel", "lo", Pause(0.4), "!", HangUp())
Script('Hel', 'lo', Pause(0.4), '!', HangUp())
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import UsageError


@dataclass(frozen=True, slots=True)
class Pause:
    """Say nothing for `seconds`."""

    seconds: float

    def __repr__(self) -> str:
        return f"Pause({self.seconds})"


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the connection here, with no ending: the reader sees a truncated body."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Abort the connection here: the reader sees a TCP reset (RST)."""


@dataclass(frozen=True, slots=True)
class Fail:
    """Report `message` as the stream's error event, then end cleanly."""

    message: str = "the model is overloaded"


Step = str | Pause | HangUp | Reset | Fail


@dataclass(frozen=True, init=False, repr=False)
class Script:
    """Tokens, pauses and failures in the order in which a provider will play them.

    Arguments:
        steps: `str` is one token; `Pause`, `HangUp`, `Reset` and `Fail` say what they are.
            What follows a `HangUp`, `Reset` or `Fail` is never played.

    Raises `UsageError` for anything else among the steps, an empty token, or a negative pause.
    """

    steps: tuple[Step, ...]

    def __init__(self, *steps: Step) -> None:
        for step in steps:
            if not isinstance(step, Step) or step == "":
                raise UsageError(
                    expected="tokens (non-empty str), Pause, HangUp, Reset or Fail",
                    got=repr(step),
                    next='Write a script as Script("Hel", "lo", Pause(0.4), "!").',
                )
            if isinstance(step, Pause) and not step.seconds >= 0:
                raise UsageError(
                    expected="a pause of 0 seconds or more",
                    got=repr(step),
                    next="Give the pause in seconds, such as Pause(0.05).",
                )
        object.__setattr__(self, "steps", steps)

    @classmethod
    def of(cls, text: str, *, every: float = 0.05) -> Script:
        """Cut `text` into words, each with the space before it, `every` seconds apart.

        Cutting at words is close enough to a model's own tokens for a lesson about their travel.
        The first pause comes before the first token: a model needs time to start.

        >>> Script.of("Soup is ready", every=0.1)
        Script(Pause(0.1), 'Soup', Pause(0.1), ' is', Pause(0.1), ' ready')
        """
        words = re.findall(r"\s*\S+\s*\Z|\s*\S+", text)
        return cls(*(step for word in words for step in (Pause(every), word)))

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens that will be played, pauses left out."""
        return tuple(step for step in self if isinstance(step, str))

    @property
    def text(self) -> str:
        """The tokens joined."""
        return "".join(self.tokens)

    @property
    def seconds(self) -> float:
        """How long the pauses add up to."""
        return sum(step.seconds for step in self if isinstance(step, Pause))

    def __iter__(self) -> Iterator[Step]:
        """The steps that will be played: up to and with the first that ends the stream."""
        for step in self.steps:
            yield step
            if isinstance(step, HangUp | Reset | Fail):
                return

    def __repr__(self) -> str:
        return f"Script({', '.join(map(repr, self.steps))})"
