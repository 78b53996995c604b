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

import math
import threading
from dataclasses import dataclass, replace

from ..errors import BenchError, UsageError
from ..wire import plural


@dataclass(frozen=True, slots=True)
class Usage:
    """One request's count, as it was when you asked.

    `ended` is one of `running`, `done` (the script's end), `failed` (a `Fail`), `hung up`, `reset`,
    `client left` and `stopped` (the server was, or it could not go on).
    """

    path: str
    generated: int = 0
    delivered: int = 0
    ended: str = "running"

    @property
    def wasted(self) -> int:
        """Tokens generated and not delivered."""
        return self.generated - self.delivered


class Meter:
    """The counts of all requests to one provider; read it from any thread.

    Arguments:
        usd_per_million: US dollars for a million generated (output) tokens.

    Its `repr` ends in the dollars that were wasted.

    >>> meter = Meter(usd_per_million=10.0)
    >>> tally = meter.begin("/stream")
    >>> for _ in range(24):
    ...     tally.generate()
    ...     if tally.usage.generated <= 20:
    ...         tally.deliver()
    >>> tally.end("client left")
    >>> meter
    Meter(1 request: 24 tokens generated, 20 delivered, 4 wasted, $0.000040)
    """

    def __init__(self, usd_per_million: float) -> None:
        if not isinstance(usd_per_million, int | float) or not 0 <= usd_per_million < math.inf:
            raise UsageError(
                expected="a price in US dollars for a million tokens, 0 or more",
                got=repr(usd_per_million),
                next="Look the price up at your vendor; 10.0 is ten dollars.",
            )
        self.usd_per_million = usd_per_million
        self._changed = threading.Condition()
        self._usages: list[Usage] = []

    @property
    def requests(self) -> tuple[Usage, ...]:
        """One `Usage` for each request, in the order in which they began."""
        with self._changed:
            return tuple(self._usages)

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
        """US dollars for all that was generated: what a provider bills."""
        return self.generated * self.usd_per_million / 1e6

    @property
    def price_wasted(self) -> float:
        """US dollars for what was generated and not delivered."""
        return self.wasted * self.usd_per_million / 1e6

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

    def begin(self, path: str) -> Tally:
        """A new request's counter."""
        with self._changed:
            self._usages.append(Usage(path))
            return Tally(self, len(self._usages) - 1)

    def _running(self) -> int:
        return sum(usage.ended == "running" for usage in self._usages)

    def __repr__(self) -> str:
        made = self.requests  # one look, so that the numbers agree
        generated, wasted = sum(u.generated for u in made), sum(u.wasted for u in made)
        return (
            f"Meter({plural(len(made), 'request')}: {plural(generated, 'token')} generated, "
            f"{generated - wasted} delivered, {wasted} wasted, "
            f"${wasted * self.usd_per_million / 1e6:.6f})"
        )


class Tally:
    """The counter of one request; `Meter.begin` makes it."""

    def __init__(self, meter: Meter, place: int) -> None:
        self._meter, self._place = meter, place

    @property
    def usage(self) -> Usage:
        """The count so far."""
        return self._meter._usages[self._place]

    def generate(self) -> None:
        """One more token was handed out."""
        with self._meter._changed:
            self._become(replace(self.usage, generated=self.usage.generated + 1))

    def deliver(self) -> None:
        """All that was generated so far is being sent, and the client is there."""
        self.delivered(self.usage.generated)

    def delivered(self, tokens: int) -> None:
        """So many tokens were delivered; fewer than before if the last block was not sent."""
        with self._meter._changed:
            self._become(replace(self.usage, delivered=tokens))

    def end(self, how: str) -> None:
        """It is over. The first reason given stays."""
        with self._meter._changed:
            if self.usage.ended == "running":
                self._become(replace(self.usage, ended=how))
                self._meter._changed.notify_all()

    def _become(self, usage: Usage) -> None:
        self._meter._usages[self._place] = usage
