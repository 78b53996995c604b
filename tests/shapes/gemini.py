"""Gemini, as recorded: data-only events with CRLF, each a whole response; nothing at the end."""

from __future__ import annotations

import json
from typing import Any

from .fields import anything, array, const, count, either, mapping, obj, one_of, pattern, some, text
from .frames import cut, same

SIGNED = {"thoughtSignature": pattern(r"[\w+/=-]+", "base64")}
CALL = obj({"name": some, "args": mapping}, {"id": some})
PART = either(
    obj({"text": text}, SIGNED),
    obj({"text": text, "thought": const(True)}, SIGNED),
    obj({"functionCall": CALL}, SIGNED),
)
CONTENT = obj({"parts": array(PART, 1), "role": const("model")})
SOURCE = obj(
    {"startIndex": count, "endIndex": count, "uri": text}, {"title": text, "license": text}
)
SOURCES = {"citationMetadata": obj({"citationSources": array(SOURCE, 1)})}
REASON = one_of(
    "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT",
    "SPII", "LANGUAGE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL",
)  # fmt: skip
LAST = {"finishReason": REASON, "index": const(0)}
CANDIDATE = either(
    obj({"content": CONTENT, "index": const(0)}, SOURCES),
    obj(LAST | {"content": CONTENT}, SOURCES),
    obj(LAST, {"safetyRatings": array(anything)}),  # the filter leaves no content
)
DETAILS = array(obj({"modality": const("TEXT"), "tokenCount": count}), 1, 1)
USAGE = obj(
    {"totalTokenCount": count},
    {
        "promptTokenCount": count,
        "cachedContentTokenCount": count,
        "candidatesTokenCount": count,
        "promptTokensDetails": DETAILS,
        "thoughtsTokenCount": count,
        "serviceTier": const("standard"),
    },
)
COMMON = {"usageMetadata": USAGE, "modelVersion": some, "responseId": some}
RESPONSE = obj(COMMON | {"candidates": array(CANDIDATE, 1, 1)})
BLOCKED = obj(COMMON | {"promptFeedback": obj({"blockReason": some})})
ERROR = obj(
    {"error": obj({"code": count, "message": some, "status": pattern("[A-Z_]+", "a WORD")})}
)


def lint(body: bytes, found: list[str], usage: bool | None, padded: bool | None) -> None:
    """Add to `found` what is wrong."""
    body, told = _tail(body, found)
    values = []
    for number, frame in enumerate(cut(body, found, end=b"\r\n")):
        if frame.name is not None:
            found.append(f"event {number} has a name, {frame.name}")
        if frame.value is None:
            found.append("[DONE], which this stream does not have")
            continue
        spaced = json.dumps(frame.value, ensure_ascii=False, separators=(",", ": "))
        if frame.data != spaced:
            found.append(f"event {number} has not its blanks after colons and only there")
        blocked = "promptFeedback" in frame.value
        found.extend((BLOCKED if blocked else RESPONSE)(frame.value, f"event {number}"))
        values.append(frame.value)
    if b"\r\n:" in body or body.startswith(b":"):
        found.append("a comment, which the vendor's own SDK can not read")
    for name in ("modelVersion", "responseId"):
        same([value.get(name) for value in values], name, found)
    ends = [number for number, value in enumerate(values) if _reason(value)]
    if told:
        if ends:
            found.append(f"an error after the end in event {ends[0]}")
    elif ends != [len(values) - 1]:
        found.append(f"the end is in events {ends}, not only in the last of {len(values)}")
    _calls(values, found)
    _usage(values, found)


def _tail(body: bytes, found: list[str]) -> tuple[bytes, bool]:
    """The events, and whether there is an error after them: lines of JSON, in no event."""
    at = body.find(b'{\n  "error"')
    if at < 0 or (at and body[at - 4 : at] != b"\r\n\r\n"):
        return body, False
    tail = body[at:]
    value = json.loads(tail)
    found.extend(ERROR(value, "the error"))
    if tail != json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n":
        found.append("the error is not laid out in lines, two blanks a level")
    return body[:at], True


def _reason(value: dict[str, Any]) -> str | None:
    if "promptFeedback" in value:
        return "blocked"
    candidates = value.get("candidates") or [{}]
    reason: str | None = candidates[0].get("finishReason")
    return reason


def _calls(values: list[dict[str, Any]], found: list[str]) -> None:
    """Each call has an id of its own, and the signature of the thoughts comes once."""
    parts = [
        (number, part)
        for number, value in enumerate(values)
        for part in value.get("candidates", [{}])[0].get("content", {}).get("parts", [])
    ]
    signed = [number for number, part in parts if "thoughtSignature" in part]
    if len(signed) > 1:
        found.append(f"{len(signed)} thought signatures, in events {signed}")
    ids = [part["functionCall"].get("id") for _, part in parts if "functionCall" in part]
    if len(set(ids)) != len(ids) and ids[0] is not None:
        found.append(f"two tool calls with one id: {ids}")


def _usage(values: list[dict[str, Any]], found: list[str]) -> None:
    """Counts of nothing are left out, the others only grow, and the total is their sum."""
    before: dict[str, int] = {}
    for number, value in enumerate(values):
        usage, where = value.get("usageMetadata"), f"event {number}: usageMetadata"
        if not isinstance(usage, dict):
            continue
        counts = {name: one for name, one in usage.items() if isinstance(one, int)}
        found.extend(f"{where}.{name} is 0, not left out" for name in counts if not counts[name])
        parts = ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
        made = sum(counts.get(name, 0) for name in parts)
        if counts.get("totalTokenCount") != made:
            found.append(f"{where}.totalTokenCount is {counts.get('totalTokenCount')}, not {made}")
        details = usage.get("promptTokensDetails", [])
        if sum(one["tokenCount"] for one in details) != counts.get("promptTokenCount", 0):
            found.append(f"{where}.promptTokensDetails do not add up to promptTokenCount")
        if counts.get("cachedContentTokenCount", 0) > counts.get("promptTokenCount", 0):
            found.append(f"{where}.cachedContentTokenCount is more than promptTokenCount")
        for name in before:
            if counts.get(name, 0) < before[name]:
                found.append(f"{where}.{name} shrinks from {before[name]}")
        before = counts
