"""The plain dialect: no vendor's, short enough to read on the wire.

    GET or POST /stream    event: token   data: Hel      one for each token
                           event: done    data: {"tokens": 2}
    GET or POST /json      {"text": "Hello", "tokens": 2}     after the same time, all at once

Other things have events of their own: `thinking`, `tool`, `citation`. A `Fail` in the script is
`event: failed` with the message as data (an event named `error` would be mixed up with the one
that `EventSource` fires itself), or status 500 with `{"error": ...}`. The stream cannot say which
line end a token used: CRLF and CR arrive as LF. JSON can.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import asdict
from typing import Any

from starlette.routing import Route

from ..script import Cite, Fail, Finish, Ping, Raw, Refuse, Reject, Think, ToolCall
from ..sse import encode
from .parts import Fragment, Part
from .play import Play
from .stage import Head, Stage


def routes(stage: Stage) -> list[Route]:
    """The routes of this dialect."""
    return [
        stage.route("/stream", lambda asked: as_stream, refuse, methods=("GET", "POST")),
        stage.route("/json", lambda asked: as_json, refuse, methods=("GET", "POST")),
    ]


async def as_stream(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """An event for each token, as it is made."""
    yield Head("text/event-stream")
    async for part in play:
        if block := _block(part, play):
            yield block


def _block(part: Part, play: Play) -> bytes:
    if isinstance(part, str):
        return encode(part, event="token")
    if isinstance(part, Refuse):
        return encode(part.text, event="token")
    if isinstance(part, Think):
        return encode(part.text, event="thinking")
    if isinstance(part, ToolCall | Cite):
        name = "tool" if isinstance(part, ToolCall) else "citation"
        return encode(json.dumps(asdict(part), ensure_ascii=False), event=name)
    if isinstance(part, Fragment):
        return b""  # the call was said whole
    if isinstance(part, Ping):
        return encode(None, comment="ping")
    if isinstance(part, Raw):
        return part.data
    if isinstance(part, Fail):
        return encode(part.message, event="failed")
    return encode(json.dumps(_told(part, play)), event="done")


async def as_json(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """Everything in one body, at the end; its head too, since only then the status is known."""
    async for _ in play:
        pass
    answer = play.answer
    if isinstance(answer.end, Fail):
        told: dict[str, Any] = {"error": answer.end.message}
    else:
        told = {"text": answer.text + answer.refusal, **_told(answer.end, play)}
    body = json.dumps(told, ensure_ascii=False).encode()
    yield Head("application/json", 500 if "error" in told else 200, len(body))
    yield body


def _told(end: Finish, play: Play) -> dict[str, Any]:
    """What is known at the end; the reason only where it is not the usual one."""
    told: dict[str, Any] = {"tokens": play.output}
    return told if end.reason == "stop" else {**told, "reason": end.reason}


def refuse(play: Play, reject: Reject) -> tuple[dict[str, str], dict[str, Any]]:
    """The headers and body of an error before the stream."""
    return {}, {"error": reject.message or f"the provider answers {reject.status}"}
