"""Guests who leave an app in their own way, and what its provider makes of it.

No clock decides: the provider makes token k+1 only when it is told that token k was seen, so that
while a guest leaves the model is silent, for as long as it takes. What was wasted is in the
provider's own books. Deadlines are only for those who never notice.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from labsupport import Capture, Event, LabError, Script, record, serve
from labsupport.grading import Answer, Value, fail
from labsupport.provider import Gate, Provider, Usage
from labsupport.wire import Chunk

PLATES = [f" plate {number}" for number in range(20)]
NOTICE = 2.5
"""Seconds in which a leaving must be noticed. It takes some milliseconds."""


@dataclass
class Tasting:
    """Counts the tokens that come to a guest, and tells the gate of each, so that the next is made.

    Attributes:
        number: which of the provider's requests is the guest's, from 0.
        at: called with each token's number, from 1, before the gate hears of it.
        stop: the token of which the gate does not hear, since the guest leaves then.
        come: how many tokens have come.
    """

    gate: Gate
    number: int
    at: Callable[[int], object]
    stop: int | None = None
    come: int = 0

    def __call__(self, chunk: Chunk, events: list[Event]) -> None:
        for event in events:
            if event.event == "token":
                self.come += 1
                self.at(self.come)
        if self.stop is None or self.come < self.stop:
            self.gate.observed(self.come, request=self.number)


@dataclass
class Kitchen:
    """A provider, its gate, and the answer's app in front of it."""

    url: str
    provider: Provider
    gate: Gate

    def visit(
        self,
        *,
        stop: int | None = None,
        leave: str = "close",
        number: int = 0,
        at: Callable[[int], object] = lambda token: None,
        deadline: float = NOTICE + 1,
    ) -> Capture:
        """A guest who tells the gate of each token, and leaves after `stop` of them.

        Arguments:
            number: which of the provider's requests is the guest's, from 0.
            at: called with each token's number, from 1, before the gate hears of it.
            deadline: seconds after which to leave anyway.
        """
        tasting = Tasting(self.gate, number, at, stop)
        ask = partial(record, self.url + "/stream", deadline=deadline, on_chunk=tasting)
        return asked(partial(ask, stop_after_events=stop, leave=leave))

    def guests(self) -> Any:
        """What the app says of how many are there."""
        capture = asked(lambda: record(self.url + "/guests", deadline=NOTICE, max_bytes=1000))
        try:
            return json.loads(capture.body)
        except ValueError:
            return fail(
                "a number, as JSON",
                Value(capture.body),
                fed="GET /guests",
                next="Return the number from the endpoint; FastAPI makes JSON of it.",
                cause="guests",
            )

    def usage(self, number: int = 0, *, ends: float = NOTICE) -> Usage:
        """The provider's books for a request: when it has ended, or after `ends` seconds."""
        wait(lambda: self.begun > number, ends)
        if self.begun <= number:
            fail(
                f"{number + 1} requests to the provider",
                f"{self.begun}",
                next="Each guest is one request to provider_url + '/stream'.",
                cause="no request",
            )
        wait(lambda: self.provider.meter.requests[number].ended != "running", ends)
        return self.provider.meter.requests[number]

    @property
    def begun(self) -> int:
        """How many requests the provider got."""
        return self.provider.meter.begun

    def hung_up(self, way: str, *, seen: int, number: int = 0) -> None:
        """Fail unless the app has left the provider, with at most one token more than seen."""
        usage = self.usage(number)
        if usage.ended != "client left":
            self._blame(way, seen, number, usage.ended)
        if usage.generated - seen > 1:
            fail(
                "at most one token for nobody",
                f"{usage.generated - seen}",
                fed=f"{way} after {seen} tokens",
                next="Take the next token from the provider when the one before is sent.",
                cause="wasted",
            )

    def _blame(self, way: str, seen: int, number: int, ended: str) -> None:
        """Say what a leaving that was not noticed would have cost."""
        next = "The bell rings as CancelledError at the await in your generator. Let it pass, and "
        next += "let `async with` close the provider's stream on the way out."
        got = "your app still listened to the provider, for nobody"
        self.gate.observed(seen, request=number)
        if ended == "running" and self.usage(number, ends=0.5).ended == "client left":
            got += ", and left it when the next token came"
            next = "Asking after each token is too late: a model may be silent for a minute. "
            next += "Wait where you can be cancelled."
        self.gate.open()
        usage = self.usage(number, ends=0.8)
        fail(
            "the provider to be left while the model is silent",
            f"{got}: {usage.generated - seen} tokens wasted, in its books: {usage.ended}",
            fed=f"{way} after {seen} tokens",
            next=next,
            cause="not noticed",
        )


@contextmanager
def kitchen(answer: Answer, *steps: Any, gated: bool = True) -> Iterator[Kitchen]:
    """The answer's app in front of a provider that says this; twenty plates, if nothing."""
    gate = Gate()
    provider = Provider(Script(*(steps or PLATES)), gate=gate if gated else None)
    with serve(provider.app) as far_away, answer.served("create_app", far_away.url) as url:
        yield Kitchen(url, provider, gate)


def asked(ask: Callable[[], Capture]) -> Capture:
    """What `ask()` brings; fails the check if it is no HTTP."""
    try:
        return ask()
    except LabError as error:
        return fail(
            "an HTTP answer",
            error.got or str(error),
            next="Return a FastAPI app with /stream and /guests.",
            cause="no answer",
        )


def wait(done: Callable[[], bool], seconds: float) -> bool:
    """Wait until it is so; False if it is not in time."""
    until = time.monotonic() + seconds
    while not (so := done()) and time.monotonic() < until:
        time.sleep(0.004)
    return so


@contextmanager
def raw_guest(url: str, *, window: int | None = None) -> Iterator[socket.socket]:
    """A guest who has asked for /stream and reads when you say so; gone when the block ends."""
    with socket.socket() as guest:
        if window:
            guest.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        guest.settimeout(NOTICE)
        guest.connect(("127.0.0.1", int(url.rpartition(":")[2])))
        guest.sendall(b"GET /stream HTTP/1.1\r\nHost: kitchen\r\n\r\n")
        yield guest
