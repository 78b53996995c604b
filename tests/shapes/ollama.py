"""Ollama, by its source: a JSON object a line, the last one `"done": true`."""

from __future__ import annotations

import json
from typing import Any

from .fields import Check, array, const, count, mapping, obj, one_of, pattern, some, text
from .frames import same

STAMP = pattern(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?(Z|[+-]\d\d:\d\d)", "a time as Go writes it"
)

FUNCTION = obj({"index": count, "name": some, "arguments": mapping})
CALLS = {"tool_calls": array(obj({"id": some, "function": FUNCTION}), 1)}
COMMON = {"model": some, "created_at": STAMP}
METRICS = {
    "total_duration": count,
    "load_duration": count,
    "prompt_eval_count": count,
    "prompt_eval_duration": count,
    "eval_count": count,
    "eval_duration": count,
}
ERROR = obj({"error": some})


def _line(done: bool, generate: bool) -> Check:
    words = {"response" if generate else "content": const("") if done else text}
    more = {"thinking": some} | CALLS
    end = {"done": const(done)} | ({"done_reason": one_of("stop", "length")} if done else {})
    counts: dict[str, Check] = METRICS if done else {}
    if generate:
        return obj(COMMON | words | end, ({} if done else more) | counts)
    message = obj({"role": const("assistant")} | words, {} if done else more)
    return obj(COMMON | {"message": message} | end, counts)


def lint(body: bytes, found: list[str], usage: bool | None, padded: bool | None) -> None:
    """Add to `found` what is wrong."""
    if b"\r" in body:
        found.append("a carriage return, which no line ends with")
    *lines, rest = body.split(b"\n")
    if rest:
        found.append(f"the last line has no end: {rest[-40:]!r}")
        lines.append(rest)
    values: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        where = f"line {number}"
        try:
            value = json.loads(line)
        except ValueError:
            found.append(f"{where} is not JSON: {line[:40]!r}")
            continue
        if not isinstance(value, dict):
            found.append(f"{where} is JSON, but no object: {line[:40]!r}")
            continue
        values.append(value)
        if _written(value) != line:
            found.append(f"{where} is not written as Go writes it")
        if "error" in value:
            found.extend(ERROR(value, where))
            continue
        found.extend(_line(value.get("done") is True, "response" in value)(value, where))
    ends = [number for number, value in enumerate(values) if "error" in value or value.get("done")]
    if ends != [len(values) - 1]:
        found.append(f"the end is in lines {ends}, not only in the last of {len(values)}")
    said = [value for value in values if "error" not in value]
    same([value.get("model") for value in said], "model", found)
    same(["response" in value for value in said], "the shape", found)
    stamps = [str(value.get("created_at")).rstrip("Z") for value in said]
    if stamps != sorted(stamps):
        found.append("created_at goes back in time")
    _calls(said, found)
    for number, value in enumerate(said):
        words = value.get("message") or value
        spoken = any(words.get(name) for name in ("content", "response", "thinking", "tool_calls"))
        if value.get("done"):
            _metrics(value, found)
        elif not spoken:
            found.append(f"line {number} says nothing")


def _written(value: dict[str, Any]) -> bytes:
    """Without blanks; what could end a script or a line of JavaScript is escaped."""
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for one in "<>&\u2028\u2029":
        data = data.replace(one, f"\\u{ord(one):04x}")
    return data.encode()


def _calls(values: list[dict[str, Any]], found: list[str]) -> None:
    calls = [
        call for value in values for call in (value.get("message") or value).get("tool_calls") or []
    ]
    indices = [call["function"]["index"] for call in calls]
    if indices != list(range(len(calls))):
        found.append(f"tool calls have indices {indices}")
    ids = [call["id"] for call in calls]
    if len(set(ids)) != len(ids):
        found.append(f"two tool calls with one id: {ids}")


def _metrics(value: dict[str, Any], found: list[str]) -> None:
    found.extend(f"{name} is 0, not left out" for name in METRICS if value.get(name) == 0)
    parts = ("load_duration", "prompt_eval_duration", "eval_duration")
    if sum(value.get(name, 0) for name in parts) > value.get("total_duration", 0):
        found.append(f"total_duration is less than {' + '.join(parts)}")
    for kind in ("prompt_eval", "eval"):
        if (f"{kind}_count" in value) != (f"{kind}_duration" in value):
            found.append(f"of {kind}_count and {kind}_duration there is only one")
