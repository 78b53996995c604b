"""OpenAI Chat Completions: data-only events, a delta each, `[DONE]` at the end.

    POST /v1/chat/completions   {"model", "messages", "stream": true,
                                 "stream_options": {"include_usage": true}}

Without `include_usage` no chunk has a `usage`; with it every chunk has `null` but the last, which
has no choices. Reasoning is counted and not shown. There is no event for a citation, and no ping:
it is a comment. Shapes: recorded streams; the error in the middle: the openai SDK's source.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from starlette.routing import Route

from ..script import Fail, Finish, Ping, Raw, Refuse, Reject, ToolCall
from .asked import Asked
from .head import compact
from .openai_wire import BLOCK, error, headers, missing, refuse, stream_options
from .parts import Answer, Fragment, Part
from .play import CREATED, Play
from .stage import EVENTS, Act, Head, Stage, reply

REASONS = {"stop": "stop", "length": "length", "tool": "tool_calls", "blocked": "content_filter"}


def routes(stage: Stage) -> list[Route]:
    """The routes of this dialect."""
    return [stage.route("/v1/chat/completions", _act, refuse)]


def _act(asked: Asked) -> Act | Reject:
    if name := asked.missing("model", "messages"):
        return missing(name)
    return as_stream if asked.body.get("stream") else as_json


async def as_stream(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """A chunk for each token."""
    yield Head(EVENTS, headers=headers(play))
    options = stream_options(play)
    counted, padded = options.get("include_usage"), options.get("include_obfuscation", True)

    same = {"id": play.name("chatcmpl-", 29), "object": "chat.completion.chunk"} | _common(play)
    before = compact(same)[:-1] + b',"choices":'  # said again in each chunk, so written once

    def chunk(choices: list[Any] | bytes, usage: Any = None) -> bytes:
        told = before + (choices if isinstance(choices, bytes) else compact(choices))
        if counted:
            told += b',"usage":' + compact(usage)
        if padded:
            letters = play.letters(-(len(told) + 1) % BLOCK)
            told += b',"obfuscation":"' + letters.encode() + b'"'
        return b"data: " + told + b"}\n\n"

    begun = False
    async for part in play:
        if isinstance(part, Fail):
            yield b"data: " + compact({"error": error(part)}) + b"\n\n"
            return
        if isinstance(part, Raw):
            yield part.data
        elif isinstance(part, Ping):
            yield b": ping\n\n"
        elif isinstance(part, Finish):
            if not begun:
                yield chunk([_choice({"role": "assistant", "content": "", "refusal": None})])
            yield chunk([_choice({}, _reason(play.answer))])
        elif begun and isinstance(part, str):
            yield chunk(compact(part).join(_AROUND))
        elif delta := _delta(part, play):
            if not begun and "tool_calls" in delta:
                delta = {"role": "assistant", "content": None, **delta}
            elif not begun:
                yield chunk([_choice({"role": "assistant", "content": "", "refusal": None})])
            begun = True
            yield chunk([_choice(delta)])
    if counted:
        yield chunk([], _usage(play))
    yield b"data: [DONE]\n\n"


async def as_json(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """The whole answer in one body."""
    async for _ in play:
        pass
    answer = play.answer
    if isinstance(answer.end, Fail):
        parts = reply(answer.end.status, {"error": error(answer.end)}, headers(play))
    else:
        message: dict[str, Any] = {"role": "assistant", "content": answer.text or None}
        message |= {"refusal": answer.refusal or None, "annotations": []}
        if answer.calls:
            message["tool_calls"] = [
                {
                    "id": play.name("call_", of=index),
                    "type": "function",
                    "function": {"name": call.name, "arguments": said},
                }
                for index, (call, said) in enumerate(answer.calls)
            ]
        choice = {"index": 0, "message": message, "logprobs": None}
        told = {"id": play.name("chatcmpl-", 29), "object": "chat.completion"} | _common(play)
        told |= {"choices": [choice | {"finish_reason": _reason(answer)}], "usage": _usage(play)}
        parts = reply(200, told, headers(play))
    for part in parts:
        yield part


def _common(play: Play) -> dict[str, Any]:
    return {
        "created": CREATED,
        "model": play.asked.model,
        "service_tier": "default",
        "system_fingerprint": play.name("fp_", 12),
    }


def _choice(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}


_AROUND = compact([_choice({"content": "?"})]).split(b'"?"')
"""What stands around the text of a token in its chunk's choices."""


def _delta(part: Part, play: Play) -> dict[str, Any] | None:
    """What is new; None for what this dialect does not show."""
    if isinstance(part, str):
        return {"content": part}
    if isinstance(part, Refuse):
        return {"refusal": part.text}
    index = len(play.answer.calls) - 1
    if isinstance(part, ToolCall):
        function = {"name": part.name, "arguments": ""}
        call = {"index": index, "id": play.name("call_", of=index), "type": "function"}
        return {"tool_calls": [call | {"function": function}]}
    if isinstance(part, Fragment):
        return {"tool_calls": [{"index": index, "function": {"arguments": part.text}}]}
    return None


def _reason(answer: Answer) -> str:
    """A refusal in words ends with `stop`; `content_filter` is the vendor's filter."""
    assert isinstance(answer.end, Finish)
    refused = answer.refusal and answer.end.reason == "blocked"
    return "stop" if refused else REASONS[answer.end.reason]


def _usage(play: Play) -> dict[str, Any]:
    """`prompt_tokens` has the cached ones in it, `completion_tokens` those of reasoning."""
    return {
        "prompt_tokens": play.input,
        "completion_tokens": play.output,
        "total_tokens": play.input + play.output,
        "prompt_tokens_details": {"cached_tokens": play.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": play.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
