"""Count the tokens of each request: generated, delivered, wasted, and their price.

*Generated*: the script handed the token out. A real provider bills from here on.
*Delivered*: all bytes made of it were handed to the socket, and the server did not know of the
client having left. Tokens of one JSON body are delivered together, or wasted together.
*Wasted*: generated and not delivered.

What cannot be known on this side: bytes handed to a socket may wait in buffers (the server's,
64 KiB or so, and the kernels' of both sides), and the client may leave before it reads them. So
`delivered` is the most that the client can have read, and `wasted` the least that was lost.

A block's tokens count as delivered just before it is sent, and no more if the sending fails: what
a client has seen is already counted when it asks. While a client does not read, that is one block
too many; once a request has ended, its numbers are exact.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields

from ..errors import BenchError
from ..wire import plural
from .prices import Price


@dataclass(frozen=True, slots=True, repr=False)
class Usage:
    """One request's count, as it was when you asked.

    `ended` is one of `running`, `done` (the script's end), `failed` (a `Fail`), `hung up`, `reset`,
    `stopped short`, `rejected` (a `Reject` or `Page`), `client left` and `stopped` (the server was,
    or it could not go on). `input` are the prompt's tokens, `cached` those of them that the vendor
    had kept; `reasoning` are those of `generated` that the model thought and did not say.
    """

    path: str
    generated: int = 0
    delivered: int = 0
    ended: str = "running"
    input: int = 0
    cached: int = 0
    reasoning: int = 0

    @property
    def wasted(self) -> int:
        """Tokens generated and not delivered."""
        return self.generated - self.delivered

    def __repr__(self) -> str:
        always = ("path", "generated", "delivered", "ended")
        shown = [
            f"{field.name}={value!r}"
            for field in fields(self)
            if (value := getattr(self, field.name)) or field.name in always
        ]
        return f"Usage({', '.join(shown)})"


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars by kind. `output` has `reasoning` in it, and of it `wasted` was for nobody."""

    input: float
    cached: float
    output: float
    reasoning: float
    wasted: float

    @property
    def total(self) -> float:
        """What the vendor bills."""
        return self.input + self.cached + self.output


class Meter:
    """The counts of all requests to one provider; read it from any thread.

    Arguments:
        price: a `Price`, or US dollars for a million generated (output) tokens alone.

    Its `repr` ends in the dollars that were wasted.

    >>> meter = Meter(10.0)
    >>> tally = meter.begin("/stream")
    >>> for _ in range(24):
    ...     tally.generate()
    ...     if tally.usage.generated <= 20:
    ...         tally.deliver()
    >>> tally.end("client left")
    >>> meter
    Meter(1 request: 24 tokens generated, 20 delivered, 4 wasted, $0.000040)
    """

    def __init__(self, price: Price | float) -> None:
        self.prices = price if isinstance(price, Price) else Price(output=price)
        self._changed = threading.Condition()
        self._tallies: list[Tally] = []

    @property
    def requests(self) -> tuple[Usage, ...]:
        """One `Usage` for each request, in the order in which they began."""
        with self._changed:
            return tuple(tally.usage for tally in self._tallies)

    @property
    def begun(self) -> int:
        """How many requests there are; also the number of the next, since they count from 0."""
        return len(self._tallies)

    @property
    def generated(self) -> int:
        """Tokens that the script handed out."""
        return sum(usage.generated for usage in self.requests)

    @property
    def delivered(self) -> int:
        """Tokens that were handed to a socket while the client was there."""
        return sum(usage.delivered for usage in self.requests)

    @property
    def wasted(self) -> int:
        """Tokens generated and not delivered."""
        return sum(usage.wasted for usage in self.requests)

    @property
    def price(self) -> float:
        """US dollars for all that was read and generated: what a provider bills."""
        return sum(self.cost(usage).total for usage in self.requests)

    @property
    def price_wasted(self) -> float:
        """US dollars for what was generated and not delivered."""
        return sum(self.cost(usage).wasted for usage in self.requests)

    def cost(self, usage: Usage) -> Cost:
        """What one request cost, by kind."""
        prices = self.prices
        cached = prices.input if prices.cached is None else prices.cached
        return Cost(
            input=(usage.input - usage.cached) * prices.input / 1e6,
            cached=usage.cached * cached / 1e6,
            output=usage.generated * prices.output / 1e6,
            reasoning=usage.reasoning * prices.output / 1e6,
            wasted=usage.wasted * prices.output / 1e6,
        )

    def settle(self, deadline: float = 5.0) -> Meter:
        """Wait until no request is running, and return this meter, to read the final counts.

        A server notices some milliseconds later that its client has left. Raises `BenchError` if
        a request still runs after `deadline` seconds.
        """
        with self._changed:
            if self._changed.wait_for(lambda: not self._running(), deadline):
                return self
            raise BenchError(
                expected=f"every request to end within {deadline:g} s",
                got=f"{self._running()} still running",
                next="Give settle() more time, or see who still holds a connection.",
            )

    def begin(self, path: str, *, input: int = 0, cached: int = 0) -> Tally:
        """A new request's counter."""
        with self._changed:
            self._tallies.append(Tally(self._changed, path, input, cached))
            return self._tallies[-1]

    def _running(self) -> int:
        return sum(tally.ended == "running" for tally in self._tallies)

    def __repr__(self) -> str:
        made = self.requests  # one look, so that the numbers agree
        generated, wasted = sum(u.generated for u in made), sum(u.wasted for u in made)
        return (
            f"Meter({plural(len(made), 'request')}: {plural(generated, 'token')} generated, "
            f"{generated - wasted} delivered, {wasted} wasted, "
            f"${wasted * self.prices.output / 1e6:.6f})"
        )


class Tally:
    """The counter of one request; `Meter.begin` makes it.

    Attributes: as in `Usage`, which is this at one moment.
    """

    __slots__ = ("_changed", "cached", "delivered", "ended", "generated", "input", "path",
                 "reasoning")  # fmt: skip

    def __init__(
        self, changed: threading.Condition, path: str, input: int = 0, cached: int = 0
    ) -> None:
        self._changed, self.path, self.input, self.cached = changed, path, input, cached
        self.generated = self.delivered = self.reasoning = 0
        self.ended = "running"

    @property
    def usage(self) -> Usage:
        """The count so far."""
        with self._changed:
            return Usage(
                path=self.path,
                generated=self.generated,
                delivered=self.delivered,
                ended=self.ended,
                input=self.input,
                cached=self.cached,
                reasoning=self.reasoning,
            )

    def generate(self, *, reasoning: bool = False) -> None:
        """One more token was handed out, said or thought."""
        with self._changed:
            self.generated += 1
            self.reasoning += reasoning

    def deliver(self, tokens: int | None = None) -> None:
        """All that was generated so far is being sent, and the client is there.

        With `tokens`, so many were delivered: fewer than before if the last block was not sent.
        """
        with self._changed:
            self.delivered = self.generated if tokens is None else tokens

    def end(self, how: str) -> None:
        """It is over. The first reason given stays."""
        with self._changed:
            if self.ended == "running":
                self.ended = how
                self._changed.notify_all()
