"""Anthropic Messages, as recorded: named events, blocks one after the other, blanks as padding."""

from __future__ import annotations

import json
from typing import Any

from .fields import (
    Check,
    const,
    count,
    either,
    empty,
    nothing,
    null,
    obj,
    one_of,
    pattern,
    some,
    text,
)
from .frames import Frame, cut, same

INPUT = {
    "input_tokens": count,
    "cache_creation_input_tokens": count,
    "cache_read_input_tokens": count,
}
CACHE = obj({"ephemeral_5m_input_tokens": count, "ephemeral_1h_input_tokens": count})
BEGUN = obj(
    {
        "model": some,
        "id": pattern(r"msg_\w+", "an id that begins with msg_"),
        "type": const("message"),
        "role": const("assistant"),
        "content": nothing,
        "stop_reason": null,
        "stop_sequence": null,
        "stop_details": null,
        "usage": obj(
            INPUT
            | {
                "cache_creation": CACHE,
                "output_tokens": count,
                "service_tier": some,
                "inference_geo": some,
            }
        ),
    }
)
BLOCKS: dict[str, Check] = {
    "text": obj({"type": const("text"), "text": const("")}, {"citations": nothing}),
    "thinking": obj(
        {"type": const("thinking"), "thinking": const(""), "signature": const("")},
    ),
    "tool_use": obj(
        {
            "type": const("tool_use"),
            "id": pattern(r"toolu_\w+", "an id that begins with toolu_"),
            "name": some,
            "input": empty,
        }
    ),
}
CITATION = obj(
    {
        "type": const("char_location"),
        "cited_text": text,
        "document_index": count,
        "document_title": either(null, text),
        "start_char_index": count,
        "end_char_index": count,
        "file_id": either(null, some),
    }
)
DELTAS: dict[str, tuple[str, Check]] = {
    "text_delta": ("text", obj({"type": some, "text": text})),
    "citations_delta": ("text", obj({"type": some, "citation": CITATION})),
    "thinking_delta": ("thinking", obj({"type": some, "thinking": text})),
    "signature_delta": ("thinking", obj({"type": some, "signature": some})),
    "input_json_delta": ("tool_use", obj({"type": some, "partial_json": text})),
}
"""The block in which a delta may be, and its fields."""

REASONS = (
    "end_turn max_tokens stop_sequence tool_use pause_turn refusal model_context_window_exceeded"
)
DETAILS = obj(
    {"type": const("refusal"), "category": either(null, some), "explanation": either(null, text)},
    {"recommended_model": some},
)
DELTA = obj(
    {
        "stop_reason": one_of(*REASONS.split()),
        "stop_sequence": either(null, some),
        "stop_details": either(null, DETAILS),
    }
)
USAGE = obj(
    INPUT | {"output_tokens": count, "output_tokens_details": obj({"thinking_tokens": count})}
)
ERROR = obj({"type": some, "message": some})
EVENTS: dict[str, dict[str, Check]] = {
    "message_start": {"message": BEGUN},
    "content_block_start": {"index": count, "content_block": either(*BLOCKS.values())},
    "content_block_delta": {"index": count, "delta": either(*(one for _, one in DELTAS.values()))},
    "content_block_stop": {"index": count},
    "message_delta": {"delta": DELTA, "usage": USAGE},
    "message_stop": {},
    "ping": {},
    "error": {"error": ERROR, "request_id": either(null, some)},
}
PADDED = ("content_block_start", "content_block_delta", "content_block_stop", "message_delta")


def lint(body: bytes, found: list[str], usage: bool | None, padded: bool | None) -> None:
    """Add to `found` what is wrong."""
    frames = cut(body, found)
    events: list[dict[str, Any]] = []
    for number, frame in enumerate(frames):
        if frame.value is None:
            found.append("[DONE], which this stream does not have")
            continue
        kind = str(frame.value.get("type"))
        if frame.name != kind:
            found.append(f"event {number} is named {frame.name}, its type is {kind}")
        where = f"event {number} ({kind})"
        if kind in EVENTS:
            found.extend(obj({"type": const(kind)} | EVENTS[kind])(frame.value, where))
            _blanks(where, frame, found)
        else:
            found.append(f"{where} is a type that was never recorded")
        events.append(frame.value)
    kinds = [str(event.get("type")) for event in events]
    if kinds[:1] != ["message_start"] or kinds.count("message_start") != 1:
        found.append(f"{kinds.count('message_start')} times message_start; first is {kinds[:1]}")
    ends = [kind for kind in kinds if kind in ("message_stop", "error")]
    if len(ends) != 1:
        found.append(f"the stream has {len(ends)} endings: {ends}")
    elif kinds[-1] != ends[0]:
        found.append(f"more follows after {ends[0]}")
    well = [kind for kind in kinds if kind != "ping"][-2:] == ["message_delta", "message_stop"]
    if ends == ["message_stop"] and (not well or kinds.count("message_delta") != 1):
        found.append("message_stop does not follow on the one message_delta")
    made = _blocks(events, found)
    _end(events, made, found)
    could = [frame for frame in frames if frame.name in PADDED]
    if padded is not False and len(could) > 3 and not any(" }" in frame.data for frame in could):
        found.append("no event has blanks before its last brace")


def _blanks(where: str, frame: Frame, found: list[str]) -> None:
    """Blanks stand before the last brace and nowhere else; a ping has its own two."""
    if frame.value == {"type": "ping"}:
        if frame.data != '{"type": "ping"}':
            found.append(f"{where} is written {frame.data}")
        return
    tight = json.dumps(frame.value, ensure_ascii=False, separators=(",", ":"))
    blanks = len(frame.data) - len(tight)
    if frame.data != f"{tight[:-1]}{' ' * blanks}}}":
        found.append(f"{where} has blanks elsewhere than before its last brace")
    elif blanks and frame.name not in (*PADDED, "message_stop"):
        found.append(f"{where} has blanks before its last brace")


def _blocks(events: list[dict[str, Any]], found: list[str]) -> list[str]:
    """Blocks open and close in order, with the deltas of their kind inside. Gives their kinds."""
    made, opened, deltas = list[str](), False, list[dict[str, Any]]()
    for number, event in enumerate(events):
        kind, where = event.get("type"), f"event {number}"
        if kind == "content_block_start":
            if opened:
                found.append(f"{where} opens a block while another is open")
            if event.get("index") != len(made):
                found.append(f"{where} opens block {event.get('index')}, not {len(made)}")
            made.append(str(event["content_block"].get("type")))
            opened, deltas = True, []
        elif kind in ("content_block_delta", "content_block_stop"):
            if not opened:
                found.append(f"{where} ({kind}) belongs to no open block")
                continue
            if event.get("index") != len(made) - 1:
                found.append(f"{where} is of block {event.get('index')}, not {len(made) - 1}")
            if kind == "content_block_stop":
                _closed(made[-1], deltas, where, found, events)
                opened = False
                continue
            delta = event["delta"]
            if DELTAS.get(str(delta.get("type")), ("",))[0] != made[-1]:
                found.append(f"{where} is a {delta.get('type')} in a {made[-1]} block")
            deltas.append(delta)
        elif kind in ("message_delta", "message_stop") and opened:
            found.append(f"{where} ({kind}) while a block is open")
    return made


def _closed(
    kind: str,
    deltas: list[dict[str, Any]],
    where: str,
    found: list[str],
    events: list[dict[str, Any]],
) -> None:
    kinds = [delta.get("type") for delta in deltas]
    if kind == "thinking" and (kinds.count("signature_delta"), kinds[-1:]) != (
        1,
        ["signature_delta"],
    ):
        found.append(f"{where} closes a thinking block without one signature at its end")
    if kind == "tool_use":
        said = "".join(str(delta.get("partial_json", "")) for delta in deltas)
        full = not any(
            event.get("type") == "message_delta" and event["delta"]["stop_reason"] == "max_tokens"
            for event in events
        )
        try:
            json.loads(said or "{}")
        except ValueError:
            if full:
                found.append(f"{where} closes a tool call whose input is not JSON: {said}")


def _end(events: list[dict[str, Any]], made: list[str], found: list[str]) -> None:
    """The reason fits to what was said, the usage to what was told at the start."""
    begun = [event["message"]["usage"] for event in events if event.get("type") == "message_start"]
    for event in events:
        if event.get("type") != "message_delta":
            continue
        reason, usage = event["delta"].get("stop_reason"), event["usage"]
        if (reason == "tool_use") != ("tool_use" in made) and reason != "max_tokens":
            found.append(f"stop reason {reason}; blocks: {', '.join(made) or 'none'}")
        if (reason == "refusal") != (event["delta"].get("stop_details") is not None):
            found.append(f"stop reason {reason} with details {event['delta']['stop_details']}")
        for name in INPUT:
            same([*(one.get(name) for one in begun), usage.get(name)], f"usage.{name}", found)
        output = usage.get("output_tokens", 0)
        thought = usage.get("output_tokens_details", {}).get("thinking_tokens", 0)
        if thought > output:
            found.append(f"usage: {thought} tokens thought, more than the {output} of all output")
        if thought and "thinking" not in made:
            found.append(f"usage: {thought} tokens thought, but no thinking block")
    for one in begun:
        cache = one["cache_creation"]
        if one["cache_creation_input_tokens"] != sum(cache.values()):
            found.append("usage.cache_creation_input_tokens is not the sum of cache_creation")
