"""OpenAI Chat Completions, as recorded: data-only chunks, `[DONE]` at the end."""

from __future__ import annotations

from typing import Any

from .fields import array, const, count, either, empty, null, obj, one_of, pattern, some, text
from .frames import Frame, cut, same, sums, within

FUNCTION = obj({"name": some, "arguments": const("")})
BEGIN = obj({"index": count, "id": some, "type": const("function"), "function": FUNCTION})
MORE = obj({"index": count, "function": obj({"arguments": text})})
ROLE = {"role": const("assistant")}
FIRST = either(
    obj(ROLE | {"content": const(""), "refusal": null}),
    obj(ROLE | {"content": null, "tool_calls": array(BEGIN, 1, 1)}),
)
DELTA = either(
    obj({"content": text}),
    obj({"refusal": text}),
    obj({"tool_calls": array(either(BEGIN, MORE), 1, 1)}),
)
REASON = one_of("stop", "length", "tool_calls", "content_filter")
USAGE = obj(
    {
        "prompt_tokens": count,
        "completion_tokens": count,
        "total_tokens": count,
        "prompt_tokens_details": obj({"cached_tokens": count, "audio_tokens": count}),
        "completion_tokens_details": obj(
            {
                "reasoning_tokens": count,
                "audio_tokens": count,
                "accepted_prediction_tokens": count,
                "rejected_prediction_tokens": count,
            }
        ),
    }
)
ERROR = obj(
    {
        "error": obj(
            {
                "message": some,
                "type": some,
                "param": either(null, text),
                "code": either(null, text),
            }
        )
    }
)
COMMON = {
    "id": pattern(r"chatcmpl-\w+", "an id that begins with chatcmpl-"),
    "object": const("chat.completion.chunk"),
    "created": count,
    "model": some,
    "service_tier": some,
    "system_fingerprint": pattern(r"fp_\w+", "a fingerprint that begins with fp_"),
}


def lint(body: bytes, found: list[str], usage: bool | None, padded: bool | None) -> None:
    """Add to `found` what is wrong."""
    frames = cut(body, found)
    for number, frame in enumerate(frames):
        if frame.name is not None:
            found.append(f"event {number} has a name, {frame.name}")
    *chunks, last = frames or [Frame(None, "", {})]
    if last.value and "error" in last.value:
        found.extend(ERROR(last.value, "the error"))
    elif last.data != "[DONE]":
        found.append("the stream ends without [DONE] and without an error")
        chunks = frames
    for number, frame in enumerate(chunks):
        if frame.value is None or "error" in frame.value:
            found.append(f"event {number} ends the stream, but more follows")
    values = [frame.value for frame in chunks if frame.value and "error" not in frame.value]
    for name in COMMON:
        same([value.get(name) for value in values], name, found)
    _choices(values, found, ended=last.data == "[DONE]")
    _usage(values, found, usage, ended=last.data == "[DONE]")
    _padding(values, found, padded)
    for number, frame in enumerate(chunks):
        if frame.value and "obfuscation" in frame.value:
            bare = len(frame.data.encode()) - len(',"obfuscation":""')
            if bare % 16:
                found.append(f"chunk {number} is not filled up to a multiple of 16")


def _choices(values: list[dict[str, Any]], found: list[str], *, ended: bool) -> None:
    reasons, calls = list[str](), list[int]()
    for number, value in enumerate(values):
        where = f"chunk {number}"
        if value.get("choices") == [] and reasons:
            continue  # the chunk of the usage
        delta = FIRST if number == 0 else DELTA
        choices = value.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else {}
        if choice.get("finish_reason") is not None and number:
            delta = empty
        check = {"index": const(0), "delta": delta, "logprobs": null}
        check["finish_reason"] = REASON if delta is empty else null
        shape = obj(
            COMMON | {"choices": array(obj(check), 1, 1)},
            {"usage": either(null, USAGE), "obfuscation": text},
        )
        found.extend(shape(value, where))
        if reasons:
            found.append(f"{where} says more after the finish reason")
        if choice.get("finish_reason") is not None:
            reasons.append(choice["finish_reason"])
        for call in (choice.get("delta") or {}).get("tool_calls") or []:
            _call(call, calls, where, found)
    if ended and len(reasons) != 1:
        found.append(f"{len(reasons)} finish reasons, not one")
    if (reasons == ["tool_calls"]) != bool(calls) and reasons not in (["length"], []):
        found.append(f"finish reason {reasons[0]} after {len(set(calls))} tool calls")


def _call(call: dict[str, Any], calls: list[int], where: str, found: list[str]) -> None:
    """A new call takes the next index; a fragment belongs to the last one."""
    wanted = len(set(calls)) if "id" in call else max(calls, default=-1)
    if call.get("index") != wanted:
        found.append(f"{where}: tool call {call.get('index')} where {wanted} was due")
    if isinstance(call.get("index"), int):
        calls.append(call["index"])


def _usage(
    values: list[dict[str, Any]], found: list[str], usage: bool | None, *, ended: bool
) -> None:
    have = ["usage" in value for value in values]
    if have and any(have) != all(have):
        found.append("some chunks have a usage field and some have none")
    if usage is not None and values and any(have) != usage:
        found.append(f"usage was {'asked for' if usage else 'not asked for'}")
    counted = [number for number, value in enumerate(values) if value.get("usage") is not None]
    if not any(have):
        if [] in [value.get("choices") for value in values]:
            found.append("a chunk without choices, but no usage was asked for")
        return
    if ended and counted != [len(values) - 1]:
        found.append(f"usage in chunks {counted}, not only in the last")
    for number in counted:
        value = values[number]
        shape = COMMON | {"choices": const([]), "usage": USAGE}
        found.extend(obj(shape, {"obfuscation": text})(value, "the usage chunk"))
        one, where = value["usage"], "usage"
        sums(one, found, where, "total_tokens", "prompt_tokens", "completion_tokens")
        within(one, found, where, "prompt_tokens_details", "cached_tokens", "prompt_tokens")
        details = ("completion_tokens_details", "reasoning_tokens", "completion_tokens")
        within(one, found, where, *details)


def _padding(values: list[dict[str, Any]], found: list[str], padded: bool | None) -> None:
    """Every chunk has it, or none."""
    said = list(enumerate(values))
    have = [number for number, value in said if "obfuscation" in value]
    if padded and said and not have:
        found.append("no chunk has obfuscation")
    for number, _ in said:
        if have and number not in have:
            found.append(f"chunk {number} has no obfuscation, others have")
    if padded is False and any("obfuscation" in value for value in values):
        found.append("obfuscation, though it was turned off")
