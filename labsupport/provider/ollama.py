"""Ollama: no events but lines, a JSON object each (NDJSON); the last one has `"done": true`.

    POST /api/chat       {"model", "messages"}     streams unless "stream": false
    POST /api/generate   {"model", "prompt"}

Thinking is shown unless `"think": false`, and counted with the answer. A tool call comes whole;
arguments that are no JSON object come as text. A refusal is text like any other: nothing filters
here. There is no ping and no citation. An error is a line with nothing but `error`; as the first
line it is a whole response with its status. Durations are nanoseconds, and here always the same.
Shapes: Ollama's source, as of August 2026, and its Python client.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.routing import Route

from ..script import Fail, Finish, Raw, Refuse, Reject, Think
from .asked import Asked
from .calls import arguments, finished
from .parts import Part
from .play import CREATED, Play, Short
from .stage import Act, Head, Stage, reply

LINES = "application/x-ndjson"
TOKEN = 20_000_000
"""Nanoseconds in which a token is said to be made."""

WORDS = {
    400: "invalid request",
    401: "unauthorized",
    402: "this model requires a subscription",
    404: "model not found, try pulling it first",
    429: "too many requests",
    503: "server busy, please try again. maximum pending requests exceeded",
}
# Go's encoder writes these so, for JSON inside HTML and JavaScript.
ESCAPES = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


def routes(stage: Stage) -> list[Route]:
    """The routes of this dialect."""
    return [stage.route(path, _act, refuse) for path in ("/api/chat", "/api/generate")]


def _act(asked: Asked) -> Act | Reject:
    if asked.missing("model"):
        return Reject(400, "model is required")
    return as_json if asked.body.get("stream") is False else as_stream


async def as_stream(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """A line for each token. The head waits for the first of them: an error can have a status."""
    begun = False
    try:
        async for part in play:
            if isinstance(part, Fail) and not begun:
                for block in reply(_status(part), refuse(play, part)[1], {}):
                    yield block
            elif line := _line(play, part):
                if not begun:
                    begun = True
                    yield Head(LINES)
                yield line
    except Short:
        if not begun:
            yield Head(LINES)
        raise


async def as_json(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """The whole answer in one body."""
    async for _ in play:
        pass
    answer, told = play.answer, dict[str, Any]()
    if isinstance(answer.end, Fail):
        whole = reply(_status(answer.end), refuse(play, answer.end)[1], {})
    else:
        if answer.thought and _thinks(play):
            told["thinking"] = answer.thought
        told["content"] = answer.text + answer.refusal
        calls = [_call(play, index) for index in range(len(answer.calls))]
        if known := [call for call in calls if call]:
            told["tool_calls"] = known
        whole = reply(200, _told(play, told, _metrics(play)), {})
    for block in whole:
        yield block


def _line(play: Play, part: Part) -> bytes:
    """The line of one part; empty for what is not shown, or not yet."""
    if isinstance(part, Raw):
        return part.data
    if isinstance(part, Fail):
        return _encoded({"error": part.message})
    if isinstance(part, Finish):
        return _encoded(_told(play, {"content": ""}, _metrics(play)))
    if isinstance(part, str | Refuse):
        said: dict[str, Any] = {"content": part if isinstance(part, str) else part.text}
    elif isinstance(part, Think):
        if not _thinks(play):
            return b""
        said = {"content": "", "thinking": part.text}
    elif finished(play, part):
        index = len(play.answer.calls) - 1
        call = _call(play, index)
        text = play.answer.calls[index][1]
        said = {"content": "", "tool_calls": [call]} if call else {"content": text}
    else:
        return b""
    return _encoded(_told(play, said, {"done": False}))


def _told(play: Play, said: dict[str, Any], rest: dict[str, Any]) -> dict[str, Any]:
    """One response: the same for both paths, but for where the words are."""
    told: dict[str, Any] = {"model": play.asked.model, "created_at": _when(play)}
    if play.asked.path.endswith("/generate"):
        told["response"] = said["content"]
        if "thinking" in said:
            told["thinking"] = said["thinking"]
        calls = {"tool_calls": said["tool_calls"]} if "tool_calls" in said else {}
        return told | rest | calls
    names = ("content", "thinking", "tool_calls")
    message = {name: said[name] for name in names if name in said}
    return told | {"message": {"role": "assistant"} | message} | rest


def _call(play: Play, index: int) -> dict[str, Any] | None:
    call, said = play.answer.calls[index]
    if (value := arguments(said)) is None:
        return None
    function = {"index": index, "name": call.name, "arguments": value}
    return {"id": play.name("call_", 8, of=index).lower(), "function": function}


def _thinks(play: Play) -> bool:
    return play.asked.body.get("think") is not False


def _metrics(play: Play) -> dict[str, Any]:
    """How it ended, and the counts; `eval_count` has the thoughts in it. A 0 is left out."""
    assert isinstance(play.answer.end, Finish)
    reading, making = play.input * TOKEN // 20, play.output * TOKEN
    counts = {
        "total_duration": TOKEN + reading + making,
        "load_duration": TOKEN,
        "prompt_eval_count": play.input,
        "prompt_eval_duration": reading,
        "eval_count": play.output,
        "eval_duration": making,
    }
    reason = "length" if play.answer.end.reason == "length" else "stop"
    return {"done": True, "done_reason": reason} | {k: v for k, v in counts.items() if v}


def _when(play: Play) -> str:
    """RFC 3339, as Go writes it: no zeros at the end of the fraction."""
    made = datetime.fromtimestamp(CREATED, UTC) + timedelta(seconds=play.output * TOKEN / 1e9)
    fraction = f".{made.microsecond:06d}".rstrip("0.")
    return f"{made:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _encoded(told: dict[str, Any]) -> bytes:
    line = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return line.translate(ESCAPES).encode() + b"\n"


def _status(failure: Fail | Reject) -> int:
    """Ollama has no number 529; it says the same with 503."""
    return 503 if failure.status == 529 else failure.status


def refuse(play: Play, failure: Reject | Fail) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and body of an error before the stream."""
    message = failure.message or WORDS.get(_status(failure), "an error was encountered")
    return {}, {"error": message}
