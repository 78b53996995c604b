"""Anthropic Messages: named events, content in blocks, `message_stop` at the end.

    POST /v1/messages   {"model", "max_tokens", "messages", "stream": true}

`event:` says what `type` in the data says again. The blanks before a closing brace are the
vendor's own padding. Usage comes twice and is cumulative: overwrite, never add; `input_tokens`
does not have the cached ones in it. A refusal has no text; its words are in `stop_details`.
Shapes: recorded streams, API version 2023-06-01 and later.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.routing import Route

from ..script import Fail, Finish, Ping, Raw, Reject
from .anthropic_blocks import Blocks
from .anthropic_wire import PING, ending, error, event, headers, refuse, usage, whole
from .asked import Asked
from .play import Play
from .stage import EVENTS, Act, Head, Stage, reply


def routes(stage: Stage) -> list[Route]:
    """The routes of this dialect."""
    return [stage.route("/v1/messages", _act, refuse)]


def _act(asked: Asked) -> Act | Reject:
    if name := asked.missing("model", "max_tokens", "messages"):
        return Reject(400, f"{name}: Field required")
    return as_stream if asked.body.get("stream") else as_json


async def as_stream(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """A delta for each token."""
    yield Head(EVENTS, headers=headers(play))
    yield event(play, "message_start", message=whole(play))
    blocks = Blocks(play)
    async for part in play:
        if isinstance(part, Raw):
            yield part.data
        elif isinstance(part, Ping):
            yield PING
        elif isinstance(part, Fail):
            yield event(play, "error", error=error(part), request_id=play.name("req_"))
            return
        elif isinstance(part, Finish):
            yield blocks.close()
        elif data := blocks.take(part):
            yield data
    yield event(play, "message_delta", delta=ending(play), usage=usage(play))
    yield event(play, "message_stop")


async def as_json(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """The whole message in one body."""
    blocks = Blocks(play)
    async for part in play:
        if not isinstance(part, Finish | Fail | Raw | Ping):
            blocks.take(part)
    if isinstance(end := play.answer.end, Fail):
        told = {"type": "error", "error": error(end), "request_id": play.name("req_")}
        parts = reply(end.status, told, headers(play))
    else:
        blocks.close()
        parts = reply(200, whole(play, blocks.content), headers(play))
    for piece in parts:
        yield piece
