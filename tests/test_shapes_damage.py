"""The linter can fail: each kind of damage done to a clean stream is found, and named."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import pytest

from tests.shapes import lint
from tests.shapes.scenarios import expected, stream

Damage = Callable[[bytes], bytes]


@functools.cache
def clean(name: str, vendor: str) -> bytes:
    return stream(name, vendor)


def swap(old: str, new: str, times: int = 1) -> Damage:
    """Replace the first so many matches of a pattern."""

    def damage(body: bytes) -> bytes:
        made, found = re.subn(old.encode(), new.encode(), body, count=times, flags=re.DOTALL)
        assert found, f"{old} is not in the stream"
        return made

    return damage


def drop(*numbers: int) -> Damage:
    """Leave out these events (or lines)."""

    def damage(body: bytes) -> bytes:
        parts = pieces(body)
        gone = [number % len(parts) for number in numbers]
        return b"".join(part for number, part in enumerate(parts) if number not in gone)

    return damage


def again(number: int) -> Damage:
    """Send one event (or line) twice."""

    def damage(body: bytes) -> bytes:
        parts = pieces(body)
        parts.insert(number % len(parts), parts[number])
        return b"".join(parts)

    return damage


def pieces(body: bytes) -> list[bytes]:
    return re.findall(rb".+?(?:\r\n\r\n|\n\n|\n(?=\{)|\n$)", body, re.DOTALL)


CHAT, RESPONSES, CLAUDE = "openai_chat", "openai_responses", "anthropic"
DAMAGES: list[tuple[str, str, Damage, str]] = [
    (CHAT, "ok", swap("\n\n", "\r\n\r\n"), "a line end that is not"),
    (CHAT, "ok", lambda body: b"\xef\xbb\xbf" + body, "begins with a byte order mark"),
    (CHAT, "ok", lambda body: body[:-1], "no blank line after the last event"),
    (CHAT, "ok", swap("data: ", "id: 7\ndata: "), "has the field id:"),
    (CHAT, "ok", swap("data: ", "retry: 7\ndata: "), "has the field retry:"),
    (CHAT, "ok", swap("data: ", "event: chunk\ndata: "), "event 0 has a name, chunk"),
    (CHAT, "ok", swap("data: ", "data:"), "no `data: ` or `event: `"),
    (CHAT, "ok", swap('"id":', 'id":'), "event 0 is not JSON"),
    (CHAT, "ok", lambda body: body.replace(b"Hel", b"\xff"), "is not UTF-8"),
    (CHAT, "ok", drop(-1), "ends without [DONE] and without an error"),
    (CHAT, "ok", again(-1), "ends the stream, but more follows"),
    (CHAT, "error", lambda body: body + b"data: [DONE]\n\n", "ends the stream, but more follows"),
    (CHAT, "ok", drop(-2), "0 finish reasons, not one"),
    (CHAT, "ok", again(-2), "says more after the finish reason"),
    (CHAT, "ok", drop(0), "chunk 0.choices[0].delta"),
    (CHAT, "ok", swap('"created":1', '"created":2'), "created changes on the way"),
    (CHAT, "ok", swap(r'"obfuscation":"\w+"', '"obfuscation":null'), "expected text, got null"),
    (CHAT, "ok", swap(r',"obfuscation":"\w+"', ""), "chunk 0 has no obfuscation, others have"),
    (CHAT, "ok", swap(r',"obfuscation":"\w*"', "", 99), "no chunk has obfuscation"),
    (CHAT, "tools", swap('"index":1,"id"', '"index":2,"id"'), "tool call 2 where 1 was due"),
    (CHAT, "tools", swap('"tool_calls"}', '"stop"}'), "finish reason stop after 2 tool calls"),
    (CHAT, "ok", swap('"stop"}', '"tool_calls"}'), "finish reason tool_calls after 0 tool calls"),
    (CHAT, "usage", swap('"total_tokens":6', '"total_tokens":7'), "usage.total_tokens is 7, but"),
    (CHAT, "usage", swap('"cached_tokens":1', '"cached_tokens":9'), "more than prompt_tokens"),
    (CHAT, "usage", swap(',"usage":null', ""), "some chunks have a usage field"),
    (CHAT, "usage", drop(-2), "usage in chunks [], not only in the last"),
    (CHAT, "ok", lambda body: clean("usage", CHAT), "usage was not asked for"),
    (CHAT, "no obfuscation", lambda body: clean("ok", CHAT), "though it was turned off"),
    (RESPONSES, "ok", swap("event: response.created", "event: created"),
     "event 0 is named created"),
    (RESPONSES, "ok", swap("event: response.created\n", ""), "event 0 is named None"),
    (RESPONSES, "ok", swap('"sequence_number":4', '"sequence_number":5'), "has sequence number 5"),
    (RESPONSES, "ok", drop(4), "event 4 has sequence number 5"),
    (RESPONSES, "ok", drop(-1), "the stream has 0 endings"),
    (RESPONSES, "ok", again(-1), "the stream has 2 endings"),
    (RESPONSES, "ok", lambda body: body + b"data: [DONE]\n\n", "[DONE], which this stream"),
    (RESPONSES, "ok", drop(1), "the stream begins with"),
    (RESPONSES, "ok", drop(4), "its deltas said another thing"),
    (RESPONSES, "ok", swap('"item_id":"msg_', '"item_id":"msg_x'), "names another item"),
    (RESPONSES, "ok", swap('"content_index":0,"part"', '"part"'), "content_index is missing"),
    (RESPONSES, "ok", drop(2), "belongs to no open item"),
    (RESPONSES, "ok", drop(3), "a delta outside of any part"),
    (RESPONSES, "ok", drop(-2), "lists other items than were done"),
    (RESPONSES, "ok", drop(-3), "closes an item with a part open"),
    (RESPONSES, "tools", swap('"output_index":1', '"output_index":2'), "output index 2, not 1"),
    (RESPONSES, "ok", swap('"total_tokens":8', '"total_tokens":9'), "usage.total_tokens is 9"),
    (RESPONSES, "ok", swap('"status":"completed","background"', '"status":"failed","background"'),
     'status: expected "completed", got "failed"'),
    (RESPONSES, "ok", swap(r',"obfuscation":"\w+"', ""), "obfuscation is missing"),
    (RESPONSES, "ok", swap(r',"obfuscation":"\w*"', "", 99), "no delta has obfuscation"),
    (RESPONSES, "ok", swap("output_text.delta", "text.delta", 2), "type that was never recorded"),
    (RESPONSES, "error", drop(-1, -2), "the stream has 0 endings"),
    (CLAUDE, "ok", swap("event: message_start", "event: start"), "event 0 is named start"),
    (CLAUDE, "ok", drop(0), "0 times message_start"),
    (CLAUDE, "ok", again(0), "2 times message_start"),
    (CLAUDE, "ok", drop(-1), "the stream has 0 endings"),
    (CLAUDE, "ok", again(-1), "the stream has 2 endings"),
    (CLAUDE, "ok", drop(-2), "does not follow on the one message_delta"),
    (CLAUDE, "ok", drop(-3), "(message_delta) while a block is open"),
    (CLAUDE, "ok", drop(1), "belongs to no open block"),
    (CLAUDE, "tools", swap('"index":1', '"index":2'), "opens block 2, not 1"),
    (CLAUDE, "ok", swap('"index":0,"delta"', '"index":1,"delta"'), "is of block 1, not 0"),
    (CLAUDE, "ok", swap('text_delta","text"', 'thinking_delta","thinking"'), "in a text block"),
    (CLAUDE, "thinking", swap(r"event: content_block_delta\ndata: [^\n]*signature_delta[^\n]*\n\n",
     ""),
     "without one signature at its end"),
    (CLAUDE, "tools", swap(r'partial_json":"city', 'partial_json":"\\\\"'), "input is not JSON"),
    (CLAUDE, "tools", swap('"tool_use","stop_s', '"end_turn","stop_s'),
     "stop reason end_turn; blocks"),
    (CLAUDE, "refusal", swap(r'"stop_details":\{[^}]*\}', '"stop_details":null'),
     "stop reason refusal with details None"),
    (CLAUDE, "ok", swap('"usage":{"input_tokens":4', '"usage":{"input_tokens":5'),
     "usage.input_tokens changes on the way"),
    (CLAUDE, "thinking", swap('"thinking_tokens":2', '"thinking_tokens":9'),
     "tokens thought, more"),
    (CLAUDE, "ok", swap(" +}\n", "}\n", 99), "no event has blanks before its last brace"),
    (CLAUDE, "ok", swap('"index":0', '"index": 0'), "blanks elsewhere than before its last brace"),
    (CLAUDE, "ok", swap('{"type": "ping"}', '{"type":"ping"}'), 'is written {"type":"ping"}'),
    (CLAUDE, "ok", lambda body: body + b"data: [DONE]\n\n", "[DONE], which this stream"),
    ("gemini", "ok", swap("\r\n", "\n", 99), "a line end that is not"),
    ("gemini", "ok", swap("data: ", "event: message\r\ndata: "), "event 0 has a name, message"),
    ("gemini", "ok", drop(-1), "the end is in events [], not only in the last"),
    ("gemini", "ok", again(-1), "not only in the last of 6"),
    ("gemini", "ok", lambda body: body + b"data: [DONE]\r\n\r\n", "[DONE], which this stream"),
    ("gemini", "ok", lambda body: b": hi\r\n\r\n" + body, "a comment, which the vendor's own SDK"),
    ("gemini", "ok", swap('"totalTokenCount": 5', '"totalTokenCount": 6'),
     "totalTokenCount is 6, not 5"),
    ("gemini", "ok", swap('"candidatesTokenCount": 3,"totalTokenCount": 7',
     '"candidatesTokenCount": 1,"totalTokenCount": 5'), "candidatesTokenCount shrinks from 2"),
    ("gemini", "ok", swap('"candidatesTokenCount": 1', '"candidatesTokenCount": 0'),
     "is 0, not left out"),
    ("gemini", "ok", swap('"tokenCount": 4', '"tokenCount": 3'), "do not add up"),
    ("gemini", "cached", swap("TokenCount\": 2,\"cand", "TokenCount\": 9,\"cand"),
     "is more than prompt"),
    ("gemini", "ok", swap('"responseId": "', '"responseId": "x'), "responseId changes on the way"),
    ("gemini", "ok", swap('": ', '":', 2), "has not its blanks after colons"),
    ("gemini", "tools", swap(r'"args": \{[^}]*\}', '"args": "x"'),
     "functionCall.args: expected an object"),
    ("gemini", "thinking", swap('"text": "yes"', '"text": "yes","thoughtSignature": "abcd"'),
     "2 thought signatures"),
    ("gemini", "error", swap('  "code"', ' "code"'), "not laid out in lines"),
    ("ollama", "ok", swap("\n", "\r\n"), "a carriage return"),
    ("ollama", "ok", lambda body: body[:-1], "the last line has no end"),
    ("ollama", "ok", drop(-1), "the end is in lines []"),
    ("ollama", "ok", again(-1), "not only in the last of 6"),
    ("ollama", "ok", swap(r"\\u003c", "<"), "is not written as Go writes it"),
    ("ollama", "ok", swap('"model":"soup', '"model":"soap'), "model changes on the way"),
    ("ollama", "ok", swap("2026-01-01", "2027-01-01"), "created_at goes back in time"),
    ("ollama", "ok", swap("00:00:00.02Z", "00:00:00.020Z"), "a time as Go writes it"),
    ("ollama", "tools", swap('"index":1', '"index":0'), "tool calls have indices [0, 0]"),
    ("ollama", "ok", swap('"total_duration":1', '"total_duration":0'), "is not JSON"),
    ("ollama", "ok", swap('"total_duration":', '"total_duration":-'), "expected a count"),
    ("ollama", "ok", swap(r'"eval_count":\d+,', ""),
     "of eval_count and eval_duration there is only"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("vendor", "name", "damage", "words"),
    DAMAGES,
    ids=[f"{vendor}-{number}-{words[:40]}" for number, (vendor, _, _, words) in enumerate(DAMAGES)],
)
def test_damage_is_found_and_named(vendor: str, name: str, damage: Damage, words: str) -> None:
    body = clean(name, vendor)
    broken = damage(body)
    assert broken != body
    found = lint(vendor, broken, **expected(name, vendor))
    assert any(words in one for one in found), found
