"""One reader a dialect: what a program's own loop takes from each event of a stream.

They are written as the SDKs' documentation has it, so they trip where such a loop trips.
"""

from __future__ import annotations

import json
from typing import Any

from .heard import Heard


def chat(heard: Heard, chunk: Any) -> None:
    """A chunk of OpenAI Chat."""
    for choice in chunk.choices:
        delta = choice.delta
        heard.text += delta.content or ""
        heard.refusal += delta.refusal or ""
        for call in delta.tool_calls or []:
            if call.function.name:
                heard.calls[call.function.name] = ""
            name = list(heard.calls)[call.index]
            heard.calls[name] += call.function.arguments or ""
        heard.end = choice.finish_reason or heard.end
    if chunk.usage:
        heard.tokens = chunk.usage.prompt_tokens, chunk.usage.completion_tokens


def chat_final(heard: Heard, final: Any) -> None:
    """What `get_final_completion()` gives."""
    choice = final.choices[0]
    heard.text = choice.message.content or ""
    heard.refusal = choice.message.refusal or ""
    heard.calls = {
        one.function.name: one.function.arguments for one in choice.message.tool_calls or []
    }
    heard.end = choice.finish_reason
    heard.tokens = None
    if final.usage:
        heard.tokens = final.usage.prompt_tokens, final.usage.completion_tokens


def responses(heard: Heard, event: Any) -> None:
    """An event of OpenAI Responses."""
    kind = event.type
    if kind == "response.output_text.delta":
        heard.text += event.delta
    elif kind == "response.refusal.delta":
        heard.refusal += event.delta
    elif kind == "response.reasoning_summary_text.delta":
        heard.thought += event.delta
    elif kind == "response.output_text.annotation.added":
        heard.cited += 1
    elif kind == "response.output_item.done" and event.item.type == "function_call":
        heard.calls[event.item.name] = event.item.arguments
    elif kind in ("response.completed", "response.incomplete", "response.failed"):
        response = event.response
        heard.end = response.status
        if details := response.incomplete_details:
            heard.end += f"/{details.reason}"
        if response.usage:
            heard.tokens = response.usage.input_tokens, response.usage.output_tokens
    elif kind == "error":
        heard.end = "an event 'error'"
    elif not (kind or "").startswith("response."):
        heard.odd.append(f"{type(event).__name__} of type {kind}")


def responses_final(heard: Heard, final: Any) -> None:
    """What `get_final_response()` gives."""
    heard.text, heard.end = final.output_text, final.status
    heard.calls = {one.name: one.arguments for one in final.output if one.type == "function_call"}
    heard.tokens = (final.usage.input_tokens, final.usage.output_tokens) if final.usage else None


def messages(heard: Heard, event: Any) -> None:
    """An event of Anthropic Messages; those that the helper adds pass."""
    if event.type == "message_start":
        _anthropic_tokens(heard, event.message.usage)
    elif event.type == "content_block_start" and event.content_block.type == "tool_use":
        heard.calls[event.content_block.name] = ""
    elif event.type == "content_block_delta":
        delta = event.delta
        if delta.type == "text_delta":
            heard.text += delta.text
        elif delta.type == "thinking_delta":
            heard.thought += delta.thinking
        elif delta.type == "citations_delta":
            heard.cited += 1
        elif delta.type == "input_json_delta":
            heard.calls[list(heard.calls)[-1]] += delta.partial_json
    elif event.type == "message_delta":
        heard.end = f"{event.delta.stop_reason}{UNSTOPPED}"
        if details := event.delta.stop_details:
            heard.refusal = details.explanation or ""
        _anthropic_tokens(heard, event.usage)
    elif event.type == "message_stop":
        heard.end = heard.end and heard.end.removesuffix(UNSTOPPED)
    elif event.type not in KNOWN:
        heard.odd.append(f"{type(event).__name__} of type {event.type}")


UNSTOPPED = " without message_stop"
KNOWN = {"content_block_start", "content_block_stop"}
KNOWN |= {"text", "thinking", "citation", "signature", "input_json"}


def messages_final(heard: Heard, final: Any) -> None:
    """What `get_final_message()` gives."""
    blocks = final.content
    heard.text = "".join(one.text for one in blocks if one.type == "text")
    heard.thought = "".join(one.thinking for one in blocks if one.type == "thinking")
    heard.cited = sum(len(one.citations or []) for one in blocks if one.type == "text")
    heard.calls = {one.name: json.dumps(one.input) for one in blocks if one.type == "tool_use"}
    heard.end = final.stop_reason
    heard.refusal = final.stop_details.explanation or "" if final.stop_details else ""
    _anthropic_tokens(heard, final.usage)


def _anthropic_tokens(heard: Heard, usage: Any) -> None:
    known = heard.tokens or (0, 0)
    heard.tokens = usage.input_tokens or known[0], usage.output_tokens


def gemini(heard: Heard, chunk: Any) -> None:
    """A chunk of Gemini: each a whole response."""
    for candidate in chunk.candidates or []:
        for part in (candidate.content and candidate.content.parts) or []:
            if part.function_call:
                heard.calls[part.function_call.name] = json.dumps(part.function_call.args)
            elif part.thought:
                heard.thought += part.text or ""
            else:
                heard.text += part.text or ""
        if candidate.citation_metadata:
            heard.cited = len(candidate.citation_metadata.citations or [])
        if candidate.grounding_metadata:
            heard.cited = len(candidate.grounding_metadata.grounding_chunks or [])
        if candidate.finish_reason:
            heard.end = candidate.finish_reason.value
    if chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
        heard.end = f"prompt blocked: {chunk.prompt_feedback.block_reason.value}"
    if usage := chunk.usage_metadata:
        made = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
        heard.tokens = usage.prompt_token_count or 0, made


def ollama(heard: Heard, chunk: Any) -> None:
    """A line of Ollama."""
    heard.text += chunk.message.content or ""
    heard.thought += chunk.message.thinking or ""
    for call in chunk.message.tool_calls or []:
        heard.calls[call.function.name] = json.dumps(dict(call.function.arguments))
    if chunk.done:
        heard.end = chunk.done_reason
        heard.tokens = chunk.prompt_eval_count or 0, chunk.eval_count or 0
