"""A language-model provider that plays a script, and a meter of what that costs.

    provider = Provider(Script.of("Soup is ready"))
    with serve(provider.app) as server:
        record(server.url + "/stream")
    provider.meter

One dialect a file: a function that makes routes for a `Stage`. All of them are in `DIALECTS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from ..clock import Clock, RealClock
from ..errors import LabError, UsageError
from ..script import Instead, Script
from . import anthropic, gemini, ollama, openai_chat, openai_responses, plain
from .gate import Gate
from .meter import Meter, Usage
from .play import Source
from .prices import Price
from .stage import Stage

__all__ = ["DIALECTS", "Gate", "Meter", "Price", "Provider", "Source", "Usage"]

DIALECTS: tuple[Callable[[Stage], list[Route]], ...] = (
    plain.routes,
    openai_chat.routes,
    openai_responses.routes,
    anthropic.routes,
    gemini.routes,
    ollama.routes,
)


class Provider:
    """Serve a script in every dialect, to any number of clients at once.

    Arguments:
        script: what it says to each of them; or another `Source` of what to say.
        price: a `Price` for the meter, or US dollars for a million generated (output) tokens alone.
            The default of 10 is a round figure and no vendor's price.
        seed: of the ids and the padding in what it sends, which are the same in every run.
        cached: how many of a prompt's tokens (words) it claims to have kept from before.
        gate: a `Gate`, to release each token only when the one before was observed.
        deaf: True goes on generating when the client has left, as many do.
        clock: the time that pauses are slept in; the machine's, unless you bring another.

    Attributes:
        app: the ASGI app, for `serve`. Paths: see the dialects, first of all `plain`.
        meter: the `Meter` of all its requests.

    Raises `UsageError` for a script that is none or that UTF-8 cannot carry, or a price below 0.
    A `Reset` in the script needs a server that lets an app reset its connection, as uvicorn does.

    >>> Provider(Script("Hel", "lo"))
    Provider(Script('Hel', 'lo'), Meter(0 requests: 0 tokens generated, 0 delivered, 0 wasted, \
$0.000000))
    """

    def __init__(
        self,
        script: Script | Source,
        *,
        price: Price | float | None = None,
        usd_per_million: float = 10.0,
        seed: int = 0,
        cached: int = 0,
        gate: Gate | None = None,
        deaf: bool = False,
        clock: Clock | None = None,
    ) -> None:
        _check(script)
        self.script, self.deaf = script, deaf
        self.meter = Meter(usd_per_million if price is None else price)
        due = _spread(script.instead) if isinstance(script, Script) else []
        stage = Stage(
            script, self.meter, clock or RealClock(), deaf, gate, seed, max(0, cached), due
        )
        routes = [route for dialect in DIALECTS for route in dialect(stage)]
        for route in routes:  # HEAD would cost as much as GET and deliver nothing
            route.methods = (route.methods or set()) - {"HEAD"}
        self.app = _app(routes)

    def __repr__(self) -> str:
        deaf = ", deaf" if self.deaf else ""
        return f"Provider({self.script!r}{deaf}, {self.meter!r})"


def _spread(instead: tuple[Instead, ...]) -> list[Instead]:
    """One entry a request; one that is for all stays one."""
    return [one for one in instead for _ in range(1 if one.times == math.inf else int(one.times))]


def _check(script: object) -> None:
    """Raise `UsageError` for what is no script, or cannot be sent."""
    if not isinstance(script, Script):
        if callable(getattr(script, "steps", None)):
            return
        raise UsageError(
            expected="a Script",
            got=repr(script),
            next='Write Provider(Script("Hel", "lo")), or Script.of(text) to cut up a text.',
        )
    for step in script.steps:
        said = [step] if isinstance(step, str) else asdict(step).values()
        try:
            for text in said:
                if isinstance(text, str):
                    text.encode()
        except UnicodeEncodeError as error:
            raise UsageError(
                expected="text that UTF-8 can carry",
                got=f"a lone surrogate in {step!r}",
                next="Join the two halves of the character first.",
            ) from error


def _app(routes: list[Route]) -> ASGIApp:
    """These routes; 404 and 405 in our words. A `Starlette` would stand in the way of each send."""
    router = Router(routes, redirect_slashes=False)
    refuse = _refusal([route.path for route in routes])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await router({**scope, "app": app}, receive, send)  # so that it raises 404 and 405
        except HTTPException as error:
            await refuse(Request(scope), error)(scope, receive, send)

    return app


def _refusal(paths: list[str]) -> Callable[[Request, HTTPException], Response]:
    """What answers 404 and 405 in our words. `paths` are those there are."""

    def refuse(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        if allow := headers.get("Allow"):  # made from a set, in any order
            headers["Allow"] = ", ".join(sorted(allow.split(", ")))
        words = LabError(
            expected=f"{headers['Allow'].replace(', ', ' or ')} of this path"
            if "Allow" in headers
            else f"one of {', '.join(paths)}",
            got=f"{request.method} {request.url.path}",
            next="Look at the address and the method.",
        )
        return PlainTextResponse(f"{words}\n", error.status_code, headers=headers)

    return refuse
