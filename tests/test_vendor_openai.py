"""Chat Completions read: events in any pieces become steps, prompts of any dialect messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labsupport.provider import Provider
from labsupport.provider.vendor_openai import Reading, error_words, messages
from labsupport.recorder import record
from labsupport.script import Fail, Refuse, Script, Step, ToolCall
from labsupport.server import serve

USER = {"role": "user", "content": "Soup?"}
BRIEF = {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"messages": [USER]}, [USER]),
        ({"messages": [{"role": "developer", "content": "Be brief."}, USER]}, [BRIEF, USER]),
        ({"system": [{"type": "text", "text": "Be brief."}], "messages": [USER]}, [BRIEF, USER]),
        ({"instructions": "Be brief.", "input": "Soup?"}, [BRIEF, USER]),
        (
            {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Soup?"}]}]},
            [USER],
        ),
        (
            {
                "systemInstruction": {"parts": [{"text": "Be brief."}]},
                "contents": [
                    {"role": "user", "parts": [{"text": "So"}, {"text": "up?"}]},
                    {"role": "model", "parts": [{"text": "Yes."}]},
                ],
            },
            [BRIEF, USER, {"role": "assistant", "content": "Yes."}],
        ),
        ({"prompt": "Soup?"}, [USER]),
        ({"messages": [{"role": "tool", "content": "Soup?"}]}, [USER]),
        ({"messages": [{"role": "assistant", "content": None, "tool_calls": []}]}, []),
        ({}, []),
        ({"messages": 7, "input": None}, []),
    ],
    ids=lambda value: json.dumps(value)[:50],
)
def test_every_dialects_prompt_becomes_messages(body: Any, expected: list[Any]) -> None:
    assert messages(body) == expected


def chunk(delta: Any, reason: str | None = None) -> bytes:
    told = {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
    return b"data: " + json.dumps(told).encode() + b"\n\n"


def read(*chunks: bytes) -> tuple[list[Step], Reading]:
    reading = Reading()
    return [step for one in chunks for step in reading.read(one)], reading


def call(index: int, **function: str) -> dict[str, Any]:
    return {"tool_calls": [{"index": index, "function": function}]}


@pytest.mark.usefixtures("no_leaks")
def test_our_own_stream_is_read_the_same_in_one_piece_and_byte_by_byte() -> None:
    weather = ToolCall("weather", '{"city": "Paris"}')
    script = Script("Süß", " is", Refuse("No."), weather)
    body = {"model": "m", "messages": [], "stream": True}
    with serve(Provider(script).app) as server:
        raw = record(server.url + "/v1/chat/completions", json=body).body
    for pieces in ([raw], [raw[n : n + 1] for n in range(len(raw))]):
        steps, reading = read(*pieces)
        assert steps == [*script]
        assert (reading.done, reading.count) == (True, 4)


def test_calls_are_put_together_by_their_index() -> None:
    steps, reading = read(
        chunk(call(0, name="soup", arguments="")),
        chunk(call(1, name="bread", arguments='{"n"')),
        chunk(call(0, arguments='{"hot": ')),
        chunk(call(1, arguments=": 2}")),
        chunk(call(0, arguments="true}")),
        chunk({}, "tool_calls"),
    )
    assert steps == [ToolCall("soup", '{"hot": true}'), ToolCall("bread", '{"n": 2}')]
    assert (reading.reason, reading.done) == ("tool", False)


def test_a_call_without_an_end_does_not_come_out() -> None:
    assert read(chunk(call(0, name="soup", arguments="{")))[0] == []


def test_what_says_nothing_is_no_step() -> None:
    quiet = [{"role": "assistant", "content": ""}, {"content": None}, {}, None]
    steps, reading = read(*map(chunk, quiet), b'data: {"choices": [], "usage": {}}\n\n')
    assert (steps, reading.reason, reading.count) == ([], None, 0)


def test_what_comes_after_done_is_not_read() -> None:
    assert read(b"data: [DONE]\n\n" + chunk({"content": "late"}))[0] == []


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (b'{"error": {"message": "no soup", "type": "x"}}', "no soup"),
        (b'{"error": "no soup"}', "no soup"),
        (b'{"error": {"code": 7}}', 'the vendor sent \'{"error": {"code": 7}}\''),
        (b"[1]", "the vendor sent '[1]'"),
        (b"soup", "the vendor sent what is not JSON: 'soup'"),
    ],
)
def test_an_error_among_the_events_is_a_failure(event: bytes, words: str) -> None:
    assert read(chunk({"content": "a"}), b"data: " + event + b"\n\n")[0] == ["a", Fail(words, 502)]


@pytest.mark.parametrize("told", [None, [], "x", {}, {"error": None}, {"error": [1]}])
def test_an_error_without_words_has_none(told: Any) -> None:
    assert error_words(told) == ""
