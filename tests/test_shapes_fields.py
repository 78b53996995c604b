"""The linter misses no field: each one in turn is left out, renamed, and given another type."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.shapes import lint
from tests.shapes.scenarios import expected, stream

SPEAKING = ("tools", "thinking", "citations", "refusal", "length", "error", "cached", "usage")
"""Between them they have every kind of event."""

OPTIONAL = {
    "openai_chat": set[str](),
    # Both are younger than the oldest recordings.
    "openai_responses": {
        "response.completed_at",
        "response.usage.input_tokens_details.cache_write_tokens",
    },
    "anthropic": set[str](),
    # There when there is something to say; to leave one out says something else, and well.
    "gemini": {
        "usageMetadata.cachedContentTokenCount",
        "usageMetadata.serviceTier",
        "candidates.0.citationMetadata",
        "candidates.0.citationMetadata.citationSources.0.title",
        "candidates.0.content.parts.0.functionCall.id",
        "candidates.0.content.parts.0.thought",
        "candidates.0.content.parts.0.thoughtSignature",
    },
    "ollama": {"load_duration"},
}
"""What may be left out of an event, and the linter finds nothing."""

OURS = {
    "gemini": {"candidates.0.content.parts.0.functionCall.args.city"},
    "ollama": {"message.tool_calls.0.function.arguments.city"},
}
"""The arguments of a tool call may be anything."""

Path = tuple[str | int, ...]


def split(vendor: str, body: bytes) -> list[tuple[str, Any, str]]:
    """Each event as what stands before its JSON, the JSON, and what stands after."""
    if vendor == "ollama":
        return [("", json.loads(line), "\n") for line in body.decode().split("\n")[:-1]]
    end = "\r\n\r\n" if vendor == "gemini" else "\n\n"
    made = []
    for block in body.decode().split(end)[:-1]:
        before, data, text = block.partition("data: ")
        made.append((before + data, None if text == "[DONE]" else json.loads(text), end))
    return made


def join(vendor: str, events: list[tuple[str, Any, str]]) -> bytes:
    def written(value: Any) -> str:
        if value is None:
            return "[DONE]"
        if value == {"type": "ping"}:
            return '{"type": "ping"}'
        colon = ": " if vendor == "gemini" else ":"
        text = json.dumps(value, ensure_ascii=False, separators=(",", colon))
        padded = vendor == "anthropic" and str(value.get("type")).startswith("content_block")
        return f"{text[:-1]}  }}" if padded else text

    return "".join(before + written(value) + end for before, value, end in events).encode()


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where every field of every object in a value is."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield (*path, name)
            yield from places(one, (*path, name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from places(one, (*path, index))


def changed(value: Any, path: Path, how: str) -> Any:
    made = copy.deepcopy(value)
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    name = path[-1]
    if how == "left out":
        del inner[name]
    elif how == "renamed":
        inner[f"{name}_"] = inner.pop(name)
    else:
        inner[name] = {"what": 1} if isinstance(inner[name], list | str) else [1]
    return made


def mutants(vendor: str, how: str) -> Iterator[tuple[str, list[str]]]:
    """For each field of each event: where it is, and what is found when it is changed."""
    seen: set[tuple[Any, ...]] = set()
    for name in SPEAKING:
        if name == "usage" and vendor != "openai_chat":
            continue
        body = stream(name, vendor)
        if vendor == "gemini":
            body = body.partition(b'{\n  "error"')[0]
        events = split(vendor, body)
        for number, (before, value, end) in enumerate(events):
            for path in places(value):
                key = (number in (0, len(events) - 1), value.get("type"), path)
                if key in seen:
                    continue
                seen.add(key)
                broken = list(events)
                broken[number] = (before, changed(value, path, how), end)
                where = ".".join(str(step) for step in path)
                yield where, lint(vendor, join(vendor, broken), **expected(name, vendor))


@pytest.mark.parametrize("vendor", OPTIONAL)
@pytest.mark.parametrize("how", ["left out", "renamed", "of another type"])
def test_no_field_is_missed_but_those_that_are_free(vendor: str, how: str) -> None:
    tried, missed = set(), set()
    for where, found in mutants(vendor, how):
        tried.add(where)
        if not found:
            missed.add(where)
    free = OURS.get(vendor, set()) | (OPTIONAL[vendor] if how == "left out" else set())
    assert missed == free
    assert len(tried) > 15  # and there was something to miss
