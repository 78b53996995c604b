"""What a provider will say, as data: a lesson shows it, a test compares it, a server plays it.

>>> Script("Hel", "lo", Pause(0.4), "!", HangUp())
Script('Hel', 'lo', Pause(0.4), '!', HangUp())
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from .errors import UsageError
from .steps import (
    Cite,
    Ending,
    Fail,
    Finish,
    HangUp,
    Instead,
    Page,
    Pause,
    Ping,
    Raw,
    Reason,
    Refuse,
    Reject,
    Reset,
    Step,
    StopShort,
    Think,
    ToolCall,
)

__all__ = [
    "Cite",
    "Ending",
    "Fail",
    "Finish",
    "HangUp",
    "Instead",
    "Page",
    "Pause",
    "Ping",
    "Raw",
    "Reason",
    "Refuse",
    "Reject",
    "Reset",
    "Script",
    "Step",
    "StopShort",
    "Think",
    "ToolCall",
]


@dataclass(frozen=True, init=False, repr=False)
class Script:
    """Tokens, pauses and failures in the order in which a provider will play them.

    Arguments:
        steps: `str` is one token; the others are in `labsupport.steps`. What follows an ending
            (`Finish`, `Fail`, `HangUp`, `Reset`, `StopShort`) is never played.

    Raises `UsageError` for anything else among the steps, an empty token, a negative pause, a
    `Reject` or `Page` that does not stand before all else, or one that no request could get.
    """

    steps: tuple[Step, ...]

    def __init__(self, *steps: Step) -> None:
        begun = False
        for step in steps:
            _check(step)
            if isinstance(step, Instead) and begun:
                raise UsageError(
                    expected=f"{type(step).__name__} before all that is said",
                    got=f"{step!r} after it",
                    next="Put it first: it is the answer to a whole request. Fail(...) is an error "
                    "in the middle.",
                )
            begun = begun or not isinstance(step, Instead)
        object.__setattr__(self, "steps", steps)

    @classmethod
    def of(cls, text: str, *, every: float = 0.05) -> Script:
        """Cut `text` into words, each with the space before it, `every` seconds apart.

        Cutting at words is close enough to a model's own tokens for a lesson about their travel.
        The first pause comes before the first token: a model needs time to start.

        >>> Script.of("Soup is ready", every=0.1)
        Script(Pause(0.1), 'Soup', Pause(0.1), ' is', Pause(0.1), ' ready')
        """
        return cls(*(step for word in words(text) for step in (Pause(every), word)))

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens of text that will be played; no pauses, thoughts, calls or refusals."""
        return tuple(step for step in self if isinstance(step, str))

    @property
    def text(self) -> str:
        """The tokens joined."""
        return "".join(self.tokens)

    @property
    def seconds(self) -> float:
        """How long the pauses add up to."""
        return sum(step.seconds for step in self if isinstance(step, Pause))

    @property
    def instead(self) -> tuple[Instead, ...]:
        """What the first requests get instead of the stream."""
        return tuple(step for step in self.steps if isinstance(step, Instead))

    def __iter__(self) -> Iterator[Step]:
        """The steps of the stream: up to and with the first that ends it."""
        for step in self.steps[len(self.instead) :]:
            yield step
            if isinstance(step, Ending):
                return

    def __repr__(self) -> str:
        return f"Script({', '.join(map(repr, self.steps))})"


def words(text: str) -> list[str]:
    """`text` cut into words, each with the space before it, the last also with that after it.

    >>> words("Soup is ready ")
    ['Soup', ' is', ' ready ']
    """
    return re.findall(r"\s*\S+\s*\Z|\s*\S+", text)


def _check(step: Step) -> None:
    """Raise `UsageError` for what is no step, or one that cannot be played."""
    if not isinstance(step, Step) or step == "" or getattr(step, "text", True) == "":
        raise UsageError(
            expected="tokens (non-empty str), Pause, HangUp, Reset, Fail or another step of "
            "labsupport.script",
            got=repr(step),
            next='Write a script as Script("Hel", "lo", Pause(0.4), "!").',
        )
    if isinstance(step, Pause) and not step.seconds >= 0:
        raise UsageError(
            expected="a pause of 0 seconds or more",
            got=repr(step),
            next="Give the pause in seconds, such as Pause(0.05).",
        )
    if isinstance(step, Instead) and not step.times >= 1:
        raise UsageError(
            expected="times of 1 or more; math.inf for every request",
            got=repr(step),
            next="Leave it out if no request is to get it.",
        )
    if isinstance(step, Reject | Fail) and not (
        isinstance(step.status, int) and 400 <= step.status <= 599
    ):
        raise UsageError(
            expected="an HTTP error status, 400 to 599",
            got=repr(step),
            next="429 is too many requests, 529 (Anthropic) overloaded.",
        )
    for name, kind in (("reason", Reason), ("form", "nested flat failed".split())):
        choices = get_args(kind) or tuple(kind)  # type: ignore[arg-type]
        if isinstance(step, Finish | Fail) and getattr(step, name, choices[0]) not in choices:
            raise UsageError(
                expected=f"{name} one of {', '.join(choices)}",
                got=repr(step),
                next="Take one of these words.",
            )
