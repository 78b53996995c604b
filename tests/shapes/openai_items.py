"""The events of OpenAI Responses, field by field."""

from __future__ import annotations

from .fields import (
    Check,
    anything,
    array,
    const,
    count,
    either,
    flag,
    mapping,
    nothing,
    null,
    number,
    obj,
    one_of,
    pattern,
    some,
    text,
)

DELTAS = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.function_call_arguments.delta": "arguments",
    "response.reasoning_summary_text.delta": "text",
}
"""Each event that carries words, and the field in which its `.done` says them all again."""

TERMINAL = ("error", "response.completed", "response.incomplete", "response.failed")

CITATION = obj(
    {
        "type": const("url_citation"),
        "url": some,
        "title": text,
        "start_index": count,
        "end_index": count,
    }
)
TEXT = {"type": const("output_text"), "annotations": array(CITATION), "logprobs": nothing}
REFUSAL = {"type": const("refusal")}
SUMMARY = {"type": const("summary_text")}
PART = either(obj(TEXT | {"text": text}), obj(REFUSAL | {"refusal": text}))
PART_BEGUN = either(
    obj(TEXT | {"text": const(""), "annotations": nothing}),
    obj(REFUSAL | {"refusal": const("")}),
)


def _item(state: Check, content: Check, summary: Check, arguments: Check) -> Check:
    message = {
        "id": pattern(r"msg_\w+", "an id that begins with msg_"),
        "type": const("message"),
        "status": state,
        "content": content,
        "role": const("assistant"),
    }
    call = {
        "id": pattern(r"fc_\w+", "an id that begins with fc_"),
        "type": const("function_call"),
        "status": state,
        "arguments": arguments,
        "call_id": pattern(r"call_\w+", "an id that begins with call_"),
        "name": some,
    }
    thought = {
        "id": pattern(r"rs_\w+", "an id that begins with rs_"),
        "type": const("reasoning"),
        "summary": summary,
    }
    newer = {"content": nothing, "encrypted_content": some}
    return either(obj(message), obj(call), obj(thought, newer))


DONE = one_of("completed", "incomplete")
ITEM = _item(DONE, array(PART), array(obj(SUMMARY | {"text": text})), text)
ITEM_BEGUN = _item(const("in_progress"), nothing, nothing, const(""))

PLACE = {"item_id": some, "output_index": count}
IN_PART = PLACE | {"content_index": count}
IN_SUMMARY = PLACE | {"summary_index": count}
EVENTS: dict[str, dict[str, Check]] = {
    "response.output_item.added": {"output_index": count, "item": ITEM_BEGUN},
    "response.output_item.done": {"output_index": count, "item": ITEM},
    "response.content_part.added": IN_PART | {"part": PART_BEGUN},
    "response.content_part.done": IN_PART | {"part": PART},
    "response.output_text.delta": IN_PART | {"delta": text, "logprobs": nothing},
    "response.output_text.done": IN_PART | {"text": text, "logprobs": nothing},
    "response.output_text.annotation.added": IN_PART
    | {"annotation_index": count, "annotation": CITATION},
    "response.refusal.delta": IN_PART | {"delta": text},
    "response.refusal.done": IN_PART | {"refusal": text},
    "response.function_call_arguments.delta": PLACE | {"delta": text},
    "response.function_call_arguments.done": PLACE | {"arguments": text},
    "response.reasoning_summary_part.added": IN_SUMMARY
    | {"part": obj(SUMMARY | {"text": const("")})},
    "response.reasoning_summary_part.done": IN_SUMMARY | {"part": obj(SUMMARY | {"text": text})},
    "response.reasoning_summary_text.delta": IN_SUMMARY | {"delta": text},
    "response.reasoning_summary_text.done": IN_SUMMARY | {"text": text},
}

CODE = either(null, text)
ERROR = obj({"type": some, "code": CODE, "message": some, "param": CODE})
ERROR_FLAT = {"code": CODE, "message": some, "param": CODE}

USAGE = obj(
    {
        "input_tokens": count,
        "input_tokens_details": obj({"cached_tokens": count}, {"cache_write_tokens": count}),
        "output_tokens": count,
        "output_tokens_details": obj({"reasoning_tokens": count}),
        "total_tokens": count,
    }
)
FIRST = {
    "id": pattern(r"resp_\w+", "an id that begins with resp_"),
    "object": const("response"),
    "created_at": count,
    "model": some,
}
"""What stays the same from the first event to the last."""

RESPONSE = obj(
    FIRST
    | {
        "status": one_of("in_progress", "completed", "incomplete", "failed"),
        "background": flag,
        "error": either(null, obj({"code": some, "message": some})),
        "incomplete_details": either(
            null, obj({"reason": one_of("max_output_tokens", "content_filter")})
        ),
        "instructions": either(null, text),
        "max_output_tokens": either(null, count),
        "max_tool_calls": either(null, count),
        "output": array(ITEM),
        "parallel_tool_calls": flag,
        "previous_response_id": either(null, some),
        "prompt_cache_key": either(null, some),
        "reasoning": obj(
            {"effort": either(null, text), "summary": either(null, text)},
            {"context": some, "mode": some},
        ),
        "safety_identifier": either(null, some),
        "service_tier": some,
        "store": flag,
        "temperature": number,
        "text": obj({"format": obj({"type": some}), "verbosity": some}),
        "tool_choice": either(some, obj({"type": some}, {"name": some})),
        "tools": array(anything),
        "top_logprobs": count,
        "top_p": number,
        "truncation": some,
        "usage": either(null, USAGE),
        "user": either(null, some),
        "metadata": mapping,
    },
    # Recorded in some months and not in others.
    {
        "access_programs": anything,
        "completed_at": either(null, count),
        "frequency_penalty": number,
        "moderation": anything,
        "presence_penalty": number,
        "prompt_cache_retention": either(null, some),
        "tool_usage": anything,
    },
)
