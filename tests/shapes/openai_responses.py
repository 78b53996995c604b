"""OpenAI Responses, as recorded: named, numbered events; items and parts; no `[DONE]`."""

from __future__ import annotations

from typing import Any

from .fields import const, either, obj, text
from .frames import cut, same, sums, within
from .openai_items import DELTAS, ERROR, ERROR_FLAT, EVENTS, FIRST, RESPONSE, TERMINAL

STATES = {
    "response.created": "in_progress",
    "response.in_progress": "in_progress",
    "response.completed": "completed",
    "response.incomplete": "incomplete",
    "response.failed": "failed",
}


def lint(body: bytes, found: list[str], usage: bool | None, padded: bool | None) -> None:
    """Add to `found` what is wrong."""
    events: list[dict[str, Any]] = []
    for number, frame in enumerate(cut(body, found)):
        if frame.value is None:
            found.append("[DONE], which this stream does not have")
            continue
        kind = frame.value.get("type")
        if frame.name != kind:
            found.append(f"event {number} is named {frame.name}, its type is {kind}")
        if frame.value.get("sequence_number") != number:
            told = frame.value.get("sequence_number")
            found.append(f"event {number} has sequence number {told}")
        _shape(number, frame.value, found, padded)
        events.append(frame.value)
    kinds = [event.get("type") for event in events]
    if kinds[:2] != ["response.created", "response.in_progress"]:
        found.append(f"the stream begins with {kinds[:2]}")
    ends = [kind for kind in kinds if kind in TERMINAL]
    failed = ends in (["error"], ["error", "response.failed"])
    if len(ends) != 1 and not failed:
        found.append(f"the stream has {len(ends)} endings: {ends}")
    if ends and kinds[-len(ends) :] != ends:
        found.append(f"more follows after {ends[0]}")
    _responses([event for event in events if "response" in event], found)
    _items(events, found)
    said = [event for event in events if event.get("type") in DELTAS]
    if padded and said and not any("obfuscation" in event for event in said):
        found.append("no delta has obfuscation")
    for event in said:
        if "obfuscation" in event and len(event["delta"] + event["obfuscation"]) % 16:
            found.append(f"delta {event['delta']!r} is not filled up to a multiple of 16")


def _shape(number: int, event: dict[str, Any], found: list[str], padded: bool | None) -> None:
    kind = str(event.get("type"))
    where = f"event {number} ({kind})"
    common = {"type": const(kind), "sequence_number": const(number)}
    if kind in STATES:
        found.extend(obj(common | {"response": RESPONSE})(event, where))
    elif kind == "error":
        flat = obj(common | ERROR_FLAT)
        found.extend(either(obj(common | {"error": ERROR}), flat)(event, where))
    elif kind not in EVENTS:
        found.append(f"{where} is a type that was never recorded")
    else:
        padding = {"obfuscation": text} if kind in DELTAS else {}
        fields = common | EVENTS[kind] | (padding if padded else {})
        found.extend(obj(fields, padding if padded is None else {})(event, where))


def _responses(events: list[dict[str, Any]], found: list[str]) -> None:
    """The response, as it is at the beginning and at the end."""
    told = [event["response"] for event in events]
    for name in FIRST:
        same([one.get(name) for one in told], f"response.{name}", found)
    for event, one in zip(events, told, strict=True):
        kind = event["type"]
        state = STATES.get(kind, "")
        found.extend(const(state)(one.get("status"), f"{kind}: status"))
        if state == "in_progress":
            found.extend(const([])(one.get("output"), f"{kind}: output"))
        counted = state in ("completed", "incomplete")
        if (one.get("usage") is not None) != counted:
            found.append(f"{kind}: usage is {one.get('usage')}")
        if (one.get("incomplete_details") is not None) != (state == "incomplete"):
            found.append(f"{kind}: incomplete_details is {one.get('incomplete_details')}")
        if (one.get("error") is not None) != (state == "failed"):
            found.append(f"{kind}: error is {one.get('error')}")
        sums(one.get("usage"), found, "usage", "total_tokens", "input_tokens", "output_tokens")
        usage = one.get("usage")
        within(usage, found, "usage", "input_tokens_details", "cached_tokens", "input_tokens")
        details = ("output_tokens_details", "reasoning_tokens", "output_tokens")
        within(usage, found, "usage", *details)


class _Open:
    """An item or part that is open: where it is, and what was said in it."""

    def __init__(self, event: dict[str, Any], what: str) -> None:
        self.what, self.index, self.said = what, event.get("output_index"), ""
        self.id = event.get("item_id") or event.get("item", {}).get("id")
        self.kind, self.finished = "", False


def _items(events: list[dict[str, Any]], found: list[str]) -> None:
    """Everything that is added is done, in order, and says in the end what its deltas said."""
    item: _Open | None = None
    part: _Open | None = None
    done: list[Any] = []
    for number, event in enumerate(events):
        kind, where = str(event.get("type")), f"event {number}"
        if kind == "response.output_item.added":
            if item:
                found.append(f"{where} adds an item while another is open")
            item = _Open(event, "item")
            if item.index != len(done):
                found.append(f"{where} has output index {item.index}, not {len(done)}")
            if event["item"].get("type") == "function_call":
                part = _Open(event, "part")
        elif kind in TERMINAL or kind in STATES:
            if kind in ("response.completed", "response.incomplete"):
                if item or part:
                    found.append(f"the stream ends while an {(item or part).what} is open")  # type: ignore[union-attr]
                if event.get("response", {}).get("output") != done:
                    found.append("the last response lists other items than were done")
            continue
        elif item is None:
            found.append(f"{where} ({kind}) belongs to no open item")
            continue
        elif (event.get("item_id") or event.get("item", {}).get("id")) != item.id:
            found.append(f"{where} names another item than the one that is open")
        elif event.get("output_index") != item.index:
            found.append(f"{where} has output index {event.get('output_index')}, not {item.index}")
        if kind.endswith("part.added"):
            if part:
                found.append(f"{where} adds a part while another is open")
            part = _Open(event, "part")
        elif kind in DELTAS:
            if part is None or part.finished:
                found.append(f"{where}: a delta outside of any part")
            else:
                part.said += str(event.get("delta"))
        elif kind.removesuffix(".done") + ".delta" in DELTAS:
            told = event.get(DELTAS[kind.removesuffix(".done") + ".delta"])
            if part is None or told != part.said:
                found.append(f"{where} says {told!r}; its deltas said another thing")
            if part:
                part.finished = True
                part = None if "function_call" in kind else part
        elif kind.endswith("part.done"):
            if part is None or not part.finished:
                found.append(f"{where} closes a part that is not finished")
            part = None
        elif kind == "response.output_item.done":
            if part:
                found.append(f"{where} closes an item with a part open")
            done.append(event.get("item"))
            item = None
