"""Anthropic Messages: named events, content in blocks, `message_stop` at the end.

    POST /v1/messages   {"model", "max_tokens", "messages", "stream": true}

`event:` says what `type` in the data says again. The blanks before a closing brace are the
vendor's own padding. Usage comes twice and is cumulative: overwrite, never add; `input_tokens`
does not have the cached ones in it. A refusal has no text; its words are in `stop_details`.
Shapes: recorded streams, API version 2023-06-01 and later.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from starlette.routing import Route

from ..script import Cite, Fail, Finish, Ping, Raw, Refuse, Reject, Think, ToolCall
from .anthropic_wire import REASONS, block, error, event, headers, refuse, usage, whole
from .asked import Asked
from .play import Fragment, Part, Play
from .stage import EVENTS, Act, Head, Stage, reply

PING = b'event: ping\ndata: {"type": "ping"}\n\n'


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
    yield event(play, "message_start", message=whole(play, begun=True))
    blocks = _Blocks(play)
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
    assert isinstance(play.answer.end, Finish)
    refused = play.answer.end.reason == "blocked"
    detail = {"type": "refusal", "category": None, "explanation": play.answer.refusal or None}
    delta = {
        "stop_reason": REASONS[play.answer.end.reason],
        "stop_sequence": None,
        "stop_details": detail if refused else None,
    }
    yield event(play, "message_delta", delta=delta, usage=usage(play))
    yield event(play, "message_stop")


class _Blocks:
    """The block that is open, and what opens, fills and closes it."""

    def __init__(self, play: Play) -> None:
        self._play, self._index, self._kind = play, -1, ""

    def take(self, part: Part) -> bytes:
        """The events of one part; empty for what is not shown."""
        if isinstance(part, str):
            return self._open("text") + self._delta("text_delta", text=part)
        if isinstance(part, Think):
            return self._open("thinking") + self._delta("thinking_delta", thinking=part.text)
        if isinstance(part, ToolCall):
            begin = self.close() + self._open("tool_use")
            return begin + self._delta("input_json_delta", partial_json="")
        if isinstance(part, Fragment):
            return self._delta("input_json_delta", partial_json=part.text)
        if isinstance(part, Cite):
            place = {
                "type": "char_location",
                "cited_text": part.quote,
                "document_index": 0,
                "document_title": part.title,
                "start_char_index": 0,
                "end_char_index": len(part.quote),
                "file_id": None,
            }
            return self._open("text") + self._delta("citations_delta", citation=place)
        assert isinstance(part, Refuse)
        return b""

    def close(self) -> bytes:
        """The end of the open block, if there is one."""
        if not self._kind:
            return b""
        end = b""
        if self._kind == "thinking":
            signature = self._play.name("", 64, of=f"signature {self._index}")
            end = self._delta("signature_delta", signature=signature)
        self._kind = ""
        return end + event(self._play, "content_block_stop", index=self._index)

    def _open(self, kind: str) -> bytes:
        if kind == self._kind:
            return b""
        end = self.close()
        self._kind, self._index = kind, self._index + 1
        empty = block(self._play, kind)
        begin = event(self._play, "content_block_start", index=self._index, content_block=empty)
        return end + begin + (PING if self._index == 0 else b"")

    def _delta(self, kind: str, **fields: Any) -> bytes:
        delta = {"type": kind, **fields}
        return event(self._play, "content_block_delta", index=self._index, delta=delta)


async def as_json(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """The whole message in one body."""
    async for _ in play:
        pass
    if isinstance(end := play.answer.end, Fail):
        told = {"type": "error", "error": error(end), "request_id": play.name("req_")}
        parts = reply(end.status, told, headers(play))
    else:
        parts = reply(200, whole(play), headers(play))
    for part in parts:
        yield part
