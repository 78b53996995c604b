"""OpenAI Responses: named events with a sequence number, items and parts, no `[DONE]`.

    POST /v1/responses   {"model", "input", "stream": true}

Each event says its name twice, in `event:` and in `type`. The end is `response.completed`,
`response.incomplete` or `response.failed`, each with the whole response in it. An error in the
middle has three forms, see `Fail`: recorded on the wire is an object in an object, the API
reference has it flat. Shapes: recorded streams; `stream_options.include_obfuscation` is honoured.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from starlette.routing import Route

from ..script import Fail, Finish, Ping, Raw, Reject
from .asked import Asked
from .head import compact
from .openai_items import Items
from .openai_wire import error, headers, missing, refuse
from .parts import Answer
from .play import CREATED, Play
from .stage import EVENTS, Act, Head, Stage, reply


def routes(stage: Stage) -> list[Route]:
    """The routes of this dialect."""
    return [stage.route("/v1/responses", _act, refuse)]


def _act(asked: Asked) -> Act | Reject:
    if name := asked.missing("model", "input"):
        return missing(name)
    return as_stream if asked.body.get("stream") else as_json


async def as_stream(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """The events of each token."""
    yield Head(EVENTS, headers=headers(play))
    number = 0

    def say(*events: tuple[str, dict[str, Any]]) -> bytes:
        nonlocal number
        said = b""
        for name, fields in events:
            data = compact({"type": name, "sequence_number": number, **fields})
            said += f"event: {name}\n".encode() + b"data: " + data + b"\n\n"
            number += 1
        return said

    items = Items(play)
    begun = {"response": _response(play, [], "in_progress")}
    yield say(("response.created", begun), ("response.in_progress", begun))
    async for part in play:
        if isinstance(part, Raw):
            yield part.data
        elif isinstance(part, Ping):
            yield b": ping\n\n"
        elif isinstance(part, Fail):
            failed = {"response": _response(play, items.done, "failed", part)}
            told = {name: error(part)[name] for name in ("type", "code", "message", "param")}
            if part.form == "flat":
                del told["type"]  # the event's own has its place
                yield say(("error", told))
                return
            first = [("error", {"error": told})] if part.form == "nested" else []
            yield say(*first, ("response.failed", failed))
            return
        elif isinstance(part, Finish):
            status = _status(play.answer)
            closing = items.close(status)
            yield say(
                *closing, (f"response.{status}", {"response": _response(play, items.done, status)})
            )
        elif events := items.take(part):
            yield say(*events)


async def as_json(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """The whole response in one body."""
    items = Items(play)
    async for part in play:
        if not isinstance(part, Finish | Fail | Raw | Ping):
            items.take(part)
    if isinstance(end := play.answer.end, Fail):
        parts = reply(end.status, {"error": error(end)}, headers(play))
    else:
        status = _status(play.answer)
        items.close(status)
        parts = reply(200, _response(play, items.done, status), headers(play))
    for piece in parts:
        yield piece


def _status(answer: Answer) -> str:
    """A refusal in words completes; what the vendor's filter stops does not."""
    assert isinstance(answer.end, Finish)
    refused = answer.refusal and answer.end.reason == "blocked"
    return "completed" if refused or answer.end.reason in ("stop", "tool") else "incomplete"


def _response(
    play: Play, output: list[dict[str, Any]], status: str, failure: Fail | None = None
) -> dict[str, Any]:
    """The response object, as it is in the first events and in the last."""
    end, incomplete = play.answer.end, None
    if status == "incomplete" and isinstance(end, Finish):
        reason = "max_output_tokens" if end.reason == "length" else "content_filter"
        incomplete = {"reason": reason}
    told = error(failure) if failure else {}
    return {
        "id": play.name("resp_", 48),
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "background": False,
        "completed_at": CREATED + 1 if status == "completed" else None,
        "error": {"code": told["code"], "message": told["message"]} if told else None,
        "incomplete_details": incomplete,
        "instructions": play.asked.body.get("instructions"),
        "max_output_tokens": play.asked.body.get("max_output_tokens"),
        "max_tool_calls": None,
        "metadata": {},
        "model": play.asked.model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "prompt_cache_key": None,
        "reasoning": {"effort": None, "summary": None},
        "safety_identifier": None,
        "service_tier": "auto" if status == "in_progress" else "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": _usage(play) if status in ("completed", "incomplete") else None,
        "user": None,
    }


def _usage(play: Play) -> dict[str, Any]:
    """`input_tokens` has the cached ones in it, `output_tokens` those of reasoning."""
    return {
        "input_tokens": play.input,
        "input_tokens_details": {"cached_tokens": play.cached, "cache_write_tokens": 0},
        "output_tokens": play.output,
        "output_tokens_details": {"reasoning_tokens": play.reasoning},
        "total_tokens": play.input + play.output,
    }
