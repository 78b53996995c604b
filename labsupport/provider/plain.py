"""The plain dialect: no vendor's, short enough to read on the wire.

    GET or POST /stream    event: token   data: Hel      one for each token
                           event: done    data: {"tokens": 2}
    GET or POST /json      {"text": "Hello", "tokens": 2}     after the same time, all at once

A `Fail` in the script is `event: failed` with the message as data (an event named `error` would
be mixed up with the one that `EventSource` fires itself), or status 500 with `{"error": ...}`.
The stream cannot say which line end a token used: CRLF and CR arrive as LF. JSON can.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..script import Fail
from ..sse import encode
from .stage import Act, Head, Play, Stage


def routes(stage: Stage) -> list[Route]:
    """The routes of this dialect."""
    return [_route(stage, "/stream", as_stream), _route(stage, "/json", as_json)]


def _route(stage: Stage, path: str, act: Act) -> Route:
    async def endpoint(request: Request) -> Response:
        return stage.perform(act)

    return Route(path, endpoint, methods=["GET", "POST"])


async def as_stream(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """An event for each token, as it is made."""
    yield Head("text/event-stream")
    tokens = 0
    async for step in play:
        if isinstance(step, Fail):
            yield encode(step.message, event="failed")
            return
        tokens += 1
        yield encode(step, event="token")
    yield encode(json.dumps({"tokens": tokens}), event="done")


async def as_json(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """Everything in one body, at the end; its head too, since only then the status is known."""
    said: list[str] = []
    answer: dict[str, Any] = {}
    async for step in play:
        if isinstance(step, Fail):
            answer = {"error": step.message}
        else:
            said.append(step)
    answer = answer or {"text": "".join(said), "tokens": len(said)}
    body = json.dumps(answer, ensure_ascii=False).encode()
    yield Head("application/json", 500 if "error" in answer else 200, len(body))
    yield body
