"""One play of a script to one client, as a dialect sees it.

A dialect gets, in order: text (str), `Think`, `ToolCall` and then its `Fragment`s, `Refuse`,
`Cite`, `Ping`, `Raw`; and last exactly one `Finish` or `Fail`, unless the script breaks off.
Pauses, gates, limits and counting happen here.
"""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..clock import Clock
from ..errors import LabError
from ..faults import Abort, Hangup
from ..script import (
    Cite,
    Fail,
    Finish,
    HangUp,
    Pause,
    Ping,
    Raw,
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

CREATED = 1_767_225_600
"""When every answer was made, in Unix seconds: fixed, so that a lesson's bytes stay the same."""


LATE = 1.0
"""Seconds of lateness that pauses make good. Timers wake late and sending takes time; without this
a script of many pauses would take longer than they add up to, the more so on a busy machine."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a tool call's arguments: one token."""

    text: str


TOKENS = (str, Think, Refuse, Fragment)
"""Each of these is one token."""

Part = str | Think | ToolCall | Fragment | Refuse | Cite | Ping | Raw | Finish | Fail


class Source(Protocol):
    """Where tokens come from if not from a `Script`: `labsupport.provider.generator`, `.vendor`."""

    def steps(self, asked: Asked) -> Iterable[Step] | AsyncIterable[Step]:
        """What is said to this request."""


class Short(LabError):
    """The script stops short: the body ends cleanly here."""


@dataclass
class Answer:
    """What was said so far, put together: what a dialect says at the end, or in one body."""

    text: str = ""
    thought: str = ""
    refusal: str = ""
    calls: list[tuple[ToolCall, str]] = field(default_factory=list)
    citations: list[Cite] = field(default_factory=list)
    end: Finish | Fail = field(default_factory=Finish)

    def add(self, part: Part) -> None:
        """Take in one part."""
        if isinstance(part, str):
            self.text += part
        elif isinstance(part, Think):
            self.thought += part.text
        elif isinstance(part, Refuse):
            self.refusal += part.text
        elif isinstance(part, ToolCall):
            self.calls.append((part, ""))
        elif isinstance(part, Fragment):
            call, said = self.calls[-1]
            self.calls[-1] = (call, said + part.text)
        elif isinstance(part, Cite):
            self.citations.append(part)
        elif isinstance(part, Finish | Fail):
            self.end = part


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
        reason: Reason = "stop"
        limit = self.asked.limit
        async with aclosing(_each(self._source, self.asked)) as steps:
            async for step in steps:
                if isinstance(step, Pause):
                    await self._pause(step.seconds)
                    continue
                if isinstance(step, HangUp):
                    raise Hangup("the script hangs up")
                if isinstance(step, Reset):
                    raise Abort("the script resets")
                if isinstance(step, StopShort):
                    self.ended = "stopped short"
                    raise Short(
                        expected="an ending", got="none", next="The body ends here, by the script."
                    )
                parts: list[Any] = [step]
                if isinstance(step, ToolCall):
                    reason = "tool"
                    parts += map(Fragment, step.fragments)
                elif isinstance(step, Refuse):
                    reason = "blocked"
                for part in parts:
                    if isinstance(part, TOKENS):
                        if limit is not None and self.output >= limit:
                            step = part = Finish("length")
                        else:
                            if self._gate:
                                await self._gate.pass_(self.output + 1, self.asked.number)
                                self._due = self._clock.now()  # it was not us who were late
                            self._tally.generate(reasoning=isinstance(part, Think))
                    self.answer.add(part)
                    if isinstance(part, Fail):
                        self.ended = "failed"
                    yield part
                    self.waited = False
                    if isinstance(part, (Finish, Fail)):
                        return
        self.answer.add(Finish(reason))
        yield self.answer.end

    async def _pause(self, seconds: float) -> None:
        """Sleep until this pause's end is due, which is sooner if we began it late."""
        now = self._clock.now()
        late = min(max(0.0, now - self._due), LATE)
        self._due = now - late + seconds
        await self._clock.sleep(max(0.0, seconds - late))
        self.waited = self._clock.now() > now


ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


async def _each(source: Script | Source, asked: Asked) -> AsyncGenerator[Step, None]:
    steps = source if isinstance(source, Script) else source.steps(asked)
    if isinstance(steps, AsyncIterable):
        try:
            async for step in steps:
                yield step
        finally:
            if close := getattr(steps, "aclose", None):
                await close()
    else:
        for step in steps:
            yield step
