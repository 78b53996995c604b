"""One play of a script to one client, as a dialect sees it.

A dialect gets, in order: text (str), `Think`, `ToolCall` and then its `Fragment`s, `Refuse`,
`Cite`, `Ping`, `Raw`; and last exactly one `Finish` or `Fail`, unless the script breaks off.
Pauses, gates, limits and counting happen here.
"""

from __future__ import annotations

import math
import random
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from ..clock import Clock
from ..errors import LabError
from ..faults import Abort, Hangup
from ..script import (
    Fail,
    Finish,
    HangUp,
    Pause,
    Reason,
    Refuse,
    Reset,
    Script,
    Step,
    StopShort,
    Think,
    ToolCall,
)
from .asked import Asked
from .gate import Gate
from .meter import Tally
from .parts import ENDS, TOKENS, Answer, Fragment, Part

CREATED = 1_767_225_600
"""When every answer was made, in Unix seconds: fixed, so that a lesson's bytes stay the same."""


LATE = 1.0
"""Seconds of lateness that pauses make good. Timers wake late and sending takes time; without this
a script of many pauses would take longer than they add up to, the more so on a busy machine."""


class Source(Protocol):
    """Where tokens come from if not from a `Script`: `labsupport.provider.generator`, `.vendor`."""

    def steps(self, asked: Asked) -> Iterable[Step] | AsyncIterable[Step]:
        """What is said to this request."""


class Short(LabError):
    """The script stops short: the body ends cleanly here."""


class Play:
    """Iterate it once: parts, as the module says.

    Raises `Hangup`, `Abort` or `Short` where the script says so.

    Attributes:
        asked: the request. answer: what was said so far. ended: the meter's word.
        waited: True if time has passed since the part before, and so the event loop has turned.
    """

    def __init__(
        self,
        source: Script | Source,
        clock: Clock,
        tally: Tally,
        asked: Asked | None = None,
        gate: Gate | None = None,
        seed: int = 0,
    ) -> None:
        self.asked, self.answer, self.ended = asked or Asked(), Answer(), "done"
        self._source, self._clock, self._tally, self._gate = source, clock, tally, gate
        self._seed = f"{seed} {self.asked.number}"
        self._random: random.Random | None = None
        self._names: dict[tuple[str, int, object], str] = {}
        self.waited, self._due = False, clock.now()
        self._reason: Reason = "stop"
        self._limit = math.inf if self.asked.limit is None else self.asked.limit
        self._parts = self._play()

    def __aiter__(self) -> AsyncGenerator[Part, None]:
        return self._parts

    async def aclose(self) -> None:
        """Close the source."""
        await self._parts.aclose()

    @property
    def input(self) -> int:
        """Tokens of the prompt, those from the cache among them."""
        return self._tally.input

    @property
    def cached(self) -> int:
        """Tokens of the prompt that the vendor had kept."""
        return self._tally.cached

    @property
    def output(self) -> int:
        """Tokens made so far, those of reasoning among them."""
        return self._tally.generated

    @property
    def reasoning(self) -> int:
        """Tokens thought so far."""
        return self._tally.reasoning

    def name(self, prefix: str, length: int = 24, of: object = "") -> str:
        """An id such as `msg_0a1b...`, by request, prefix and `of`; the same in every run."""
        key = prefix, length, of
        if key not in self._names:  # to seed costs as much as to send; some ids are in each event
            made = random.Random(f"{self._seed} {prefix} {of}").choices(ALPHABET, k=length)
            self._names[key] = prefix + "".join(made)
        return self._names[key]

    def padding(self, most: int = 16) -> str:
        """Random letters, 1 to `most`, against reading the length of tokens off the wire."""
        return self.letters(self._seeded().randint(1, most))

    def letters(self, count: int) -> str:
        """So many random letters, the same in every run."""
        return "".join(self._seeded().choices(ALPHABET, k=count))

    def _seeded(self) -> random.Random:
        if self._random is None:
            self._random = random.Random(self._seed)
        return self._random

    async def _play(self) -> AsyncGenerator[Part, None]:
        async with _opened(self._source, self.asked) as (now, later):
            while (step := next(now, None) if now else await anext(later, None)) is not None:
                if isinstance(step, Pause):
                    began = self._clock.now()
                    await self._clock.sleep(self._left_of(step.seconds, began))
                    self.waited = self._clock.now() > began
                    continue
                for part in (step,) if isinstance(step, str) else self._parts_of(step):
                    said = part
                    if isinstance(part, TOKENS):
                        if self._tally.generated >= self._limit:
                            said = Finish("length")
                        else:
                            if self._gate:
                                await self._pass(self._gate)
                            self._tally.generate(reasoning=isinstance(part, Think))
                    self.answer.add(said)
                    yield said
                    self.waited = False
                    if isinstance(said, ENDS):
                        return
        self.answer.add(Finish(self._reason))
        yield self.answer.end

    def _parts_of(self, step: Any) -> Iterable[Part]:
        """What a dialect is handed of a step that is no mere text; raises where it breaks off."""
        if isinstance(step, HangUp):
            raise Hangup("the script hangs up")
        if isinstance(step, Reset):
            raise Abort("the script resets")
        if isinstance(step, StopShort):
            self.ended = "stopped short"
            raise Short(expected="an ending", got="none", next="The body ends here, by the script.")
        if isinstance(step, ToolCall):
            self._reason = "tool"
            return step, *map(Fragment, step.fragments)
        if isinstance(step, Refuse):
            self._reason = "blocked"
        elif isinstance(step, Fail):
            self.ended = "failed"
        return (step,)

    async def _pass(self, gate: Gate) -> None:
        """Wait until the gate lets the next token through."""
        await gate.pass_(self.output + 1, self.asked.number)
        self._due = self._clock.now()  # it was not us who were late

    def _left_of(self, pause: float, now: float) -> float:
        """Seconds to sleep until this pause's end is due: fewer if we begin it late."""
        late = min(max(0.0, now - self._due), LATE)
        self._due = now - late + pause
        return max(0.0, pause - late)


ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@asynccontextmanager
async def _opened(
    source: Script | Source, asked: Asked
) -> AsyncGenerator[tuple[Iterator[Step] | None, Any], None]:
    """The source's steps as an iterator, or, if it has to wait for them, an asynchronous one."""
    steps = source if isinstance(source, Script) else source.steps(asked)
    if not isinstance(steps, AsyncIterable):
        yield iter(steps), None
        return
    later = aiter(steps)
    try:
        yield None, later
    finally:
        if close := getattr(steps, "aclose", None):
            await close()
