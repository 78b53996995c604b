"""What a dialect makes its routes from, and what a request gets instead of a stream.

Rule: a dialect turns a `Play` into a `Head` and then blocks of body; it neither sends nor counts.
"""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ..clock import Clock
from ..script import Instead, Page, Reject, Script
from .asked import Asked, read
from .gate import Gate
from .head import EVENTS, Act, Head, Refusal, reply
from .meter import Meter
from .performance import Performance
from .play import Play, Source

__all__ = ["EVENTS", "Act", "Head", "Stage", "reply"]


@dataclass(frozen=True)
class Stage:
    """What a dialect is given to make its routes from."""

    script: Script | Source
    meter: Meter
    clock: Clock
    deaf: bool = False
    gate: Gate | None = None
    seed: int = 0
    cached: int = 0
    due: list[Instead] = field(default_factory=list)
    """What the next requests get instead of a stream, one each; the last may be for all."""

    def route(
        self,
        path: str,
        act: Callable[[Asked], Act | Reject],
        refuse: Refusal,
        *,
        methods: tuple[str, ...] = ("POST",),
    ) -> Route:
        """A route that plays to each request, by the act that `act` picks for it.

        `act` may give a `Reject` for a request that the vendor would not take.
        """

        async def answer(request: Request) -> Response:
            try:
                asked = await read(request)
            except ClientDisconnect:
                return Response(status_code=499)  # nobody is there to read it
            # From here to the meter's `begin` nothing waits, so no other request gets this number.
            asked = replace(asked, number=self.meter.begun)
            chosen = self._instead() or (
                Reject(400, asked.trouble) if asked.trouble else act(asked)
            )
            count = 0 if isinstance(chosen, Instead) else asked.tokens
            tally = self.meter.begin(asked.path, input=count, cached=min(self.cached, count))
            play = Play(self.script, self.clock, tally, asked, self.gate, self.seed)
            if isinstance(chosen, Instead):
                play.ended = "rejected"
                chosen = _instead(chosen, refuse)
            return Performance(play, tally, chosen, self.deaf)

        class Endpoint:
            """Starlette calls an endpoint that is no function as an app, with nothing between."""

            async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
                response = await answer(Request(scope, receive))
                await response(scope, receive, send)

        return Route(path, Endpoint(), methods=list(methods))

    def _instead(self) -> Instead | None:
        if not self.due:
            return None
        return self.due[0] if self.due[0].times == math.inf else self.due.pop(0)


def _instead(instead: Instead, refuse: Refusal) -> Act:
    async def act(play: Play) -> AsyncGenerator[Head | bytes, None]:
        if isinstance(instead, Page):
            data = instead.html.encode()
            yield Head("text/html; charset=utf-8", instead.status, len(data))
            yield data
            return
        headers, body = refuse(play, instead)
        for name, value in (
            ("retry-after", instead.retry_after),
            ("retry-after-ms", instead.retry_after_ms),
            ("x-should-retry", instead.should_retry),
        ):
            if value is not None:
                headers[name] = str(value).lower()
        head, data = reply(instead.status, body, headers)
        yield head
        yield data

    return act
