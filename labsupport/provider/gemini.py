"""Gemini: data-only events with CRLF, each of them a whole response; nothing marks the end.

    POST /v1/models/{model}:streamGenerateContent?alt=sse      {"contents": [...]}
    POST /v1/models/{model}:generateContent                    also under /v1beta

The last event is the one with a `finishReason`; every event has the usage up to here. Thoughts are
shown only if `thinkingConfig.includeThoughts` asks for them, and counted apart from the answer.
A tool call comes whole. A refusal is no text: nothing said before, the prompt counts as blocked.
An error in the middle is no event: the stream ends in bare lines of JSON, which a decoder that
follows the standard ignores. There is no ping. Without `alt=sse` the vendor sends one JSON array;
here it is an event stream all the same.
Shapes: recorded streams; the error: python-genai's source and a gateway's report of the bytes.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

from starlette.routing import Route

from ..script import Cite, Fail, Finish, Raw, Reject, Think
from .asked import Asked
from .calls import arguments, finished
from .parts import Part
from .play import Play
from .stage import Act, Head, Stage, reply

REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "tool": "STOP", "blocked": "SAFETY"}
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    529: "UNAVAILABLE",
}
WORDS = {
    400: "Request contains an invalid argument.",
    401: "API keys are not supported by this API.",
    402: "Enable billing on the project to go on.",
    403: "The caller does not have permission.",
    429: "You exceeded your current quota, please check your plan and billing details.",
    500: "An internal error has occurred.",
    503: "The model is overloaded. Please try again later.",
    529: "The model is overloaded. Please try again later.",
}
HEADERS = {
    "vary": "Origin, X-Origin, Referer",
    "content-disposition": "attachment",
    "server-timing": "gfet4t7; dur=42",
}


def routes(stage: Stage) -> list[Route]:
    """The routes of this dialect."""
    return [
        stage.route(f"/{version}/models/{{model}}:{verb}", act, refuse)
        for version in ("v1", "v1beta")
        for verb, act in (("streamGenerateContent", _stream), ("generateContent", _json))
    ]


def _stream(asked: Asked) -> Act | Reject:
    return _missing(asked) or as_stream


def _json(asked: Asked) -> Act | Reject:
    return _missing(asked) or as_json


def _missing(asked: Asked) -> Reject | None:
    if asked.missing("contents"):
        return Reject(400, "* GenerateContentRequest.contents: contents is not specified\n")
    return None


async def as_stream(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """A response for each token."""
    yield Head("text/event-stream", headers=dict(HEADERS))
    answer = _Answer(play)
    async for part in play:
        if isinstance(part, Raw):
            yield part.data
        elif isinstance(part, Fail):
            # The vendor has no number 529; it says the same with 503.
            status = 503 if part.status == 529 else part.status
            told = {"error": _error(status, part.message)}
            yield json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"
        elif isinstance(part, Finish):
            yield _event(answer.last(part))
        elif piece := answer.piece(part):
            yield _event(answer.response(piece))


async def as_json(play: Play) -> AsyncGenerator[Head | bytes, None]:
    """The whole answer in one body."""
    answer = _Answer(play)
    pieces: list[dict[str, Any]] = []
    async for part in play:
        if not isinstance(part, Finish | Fail | Raw) and (piece := answer.piece(part)):
            answer.response(piece)  # so that it is known what was said
            pieces.append(piece)
    if isinstance(end := play.answer.end, Fail):
        status = 503 if end.status == 529 else end.status
        whole = reply(status, {"error": _error(status, end.message)}, dict(HEADERS))
    else:
        whole = reply(200, _joined(pieces, answer.last(end)), dict(HEADERS))
    for block in whole:
        yield block


def _joined(pieces: list[dict[str, Any]], told: dict[str, Any]) -> dict[str, Any]:
    """The last response, with the parts and the sources of those before it."""
    parts: list[dict[str, Any]] = []
    for part in [one for piece in pieces for one in piece["content"]["parts"]]:
        same = parts and "text" in part and "text" in parts[-1]
        if same and part.get("thought") == parts[-1].get("thought"):
            parts[-1] = parts[-1] | {"text": parts[-1]["text"] + part["text"]}
        elif part != {"text": ""}:
            parts.append(part)
    sources = [
        source
        for piece in pieces
        for source in piece.get("citationMetadata", {}).get("citationSources", [])
    ]
    for candidate in told.get("candidates", []):
        if parts:
            candidate["content"] = {"parts": parts, "role": "model"}
        if sources:
            candidate["citationMetadata"] = {"citationSources": sources}
    return told


class _Answer:
    """What was said so far, and the responses to say it in."""

    def __init__(self, play: Play) -> None:
        self._play, self._begun, self._signed, self._cited = play, False, False, 0
        settings = play.asked.body.get("generationConfig")
        thinking = settings.get("thinkingConfig") if isinstance(settings, dict) else None
        # Google's JSON takes both spellings of a name; its own SDK sends the second.
        names = ("includeThoughts", "include_thoughts")
        self._shown = isinstance(thinking, dict) and any(map(thinking.get, names))

    def piece(self, part: Part) -> dict[str, Any] | None:
        """The candidate that says this part; None for what is not shown, or not yet."""
        if isinstance(part, str):
            return _candidate({"text": part})
        if isinstance(part, Think):
            return _candidate({"text": part.text, "thought": True}) if self._shown else None
        if isinstance(part, Cite):
            # The places are counted in bytes of UTF-8, says the API reference.
            begin, self._cited = self._cited, len(self._play.answer.text.encode())
            place = {"startIndex": begin, "endIndex": self._cited}
            source = place | {"uri": part.url, "title": part.title}
            return _candidate({"text": ""}) | {"citationMetadata": {"citationSources": [source]}}
        if finished(self._play, part):
            index = len(self._play.answer.calls) - 1
            call, said = self._play.answer.calls[index]
            if (value := arguments(said)) is not None:
                name = self._play.name("call_", 8, of=index)
                told = {"functionCall": {"name": call.name, "args": value, "id": name}}
                return _candidate(told | self._signature())
        return None

    def response(self, candidate: dict[str, Any] | None) -> dict[str, Any]:
        """A response with this candidate; None says that the prompt was blocked."""
        self._begun = True
        told: dict[str, Any] = {"promptFeedback": {"blockReason": "SAFETY"}}
        if candidate:
            told = {"candidates": [candidate]}
        return told | {
            "usageMetadata": _usage(self._play, blocked=candidate is None),
            "modelVersion": self._play.asked.model,
            "responseId": self._play.name("", 23),
        }

    def last(self, end: Finish) -> dict[str, Any]:
        """The response with the reason why it ended."""
        calls = self._play.answer.calls
        if end.reason == "blocked":
            return self.response({"finishReason": "SAFETY", "index": 0} if self._begun else None)
        reason = REASONS[end.reason]
        if reason == "STOP" and any(arguments(said) is None for _, said in calls):
            reason = "MALFORMED_FUNCTION_CALL"
        candidate = _candidate({"text": ""} | self._signature())
        return self.response({"content": candidate["content"], "finishReason": reason, "index": 0})

    def _signature(self) -> dict[str, str]:
        """Goes out once, if there were thoughts: the client sends it back, to go on from them."""
        if self._signed or not self._play.reasoning:
            return {}
        self._signed = True
        return {"thoughtSignature": self._play.name("", 64, of="signature")}


def _candidate(part: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"parts": [part], "role": "model"}, "index": 0}


def _usage(play: Play, *, blocked: bool = False) -> dict[str, Any]:
    """Up to here. `candidatesTokenCount` has no thoughts in it; a count of 0 is left out.

    Where the prompt was blocked nothing counts but the prompt.
    """
    thought = 0 if blocked else play.reasoning
    said = 0 if blocked else play.output - play.reasoning
    counts: dict[str, Any] = {
        "promptTokenCount": play.input,
        "cachedContentTokenCount": play.cached,
        "candidatesTokenCount": said,
        "totalTokenCount": play.input + said + thought,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": play.input}],
        "thoughtsTokenCount": thought,
    }
    if not play.input:
        counts["promptTokensDetails"] = 0
    return {name: count for name, count in counts.items() if count} | {"serviceTier": "standard"}


def _event(told: dict[str, Any]) -> bytes:
    data = json.dumps(told, ensure_ascii=False, separators=(",", ": "))
    return f"data: {data}\r\n\r\n".encode()


def _error(status: int, message: str | None) -> dict[str, Any]:
    word = STATUSES.get(status, "INTERNAL" if status >= 500 else "INVALID_ARGUMENT")
    return {"code": status, "message": message or WORDS.get(status, WORDS[500]), "status": word}


def refuse(play: Play, reject: Reject) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and body of an error before the stream."""
    return dict(HEADERS), {"error": _error(reject.status, reject.message)}
