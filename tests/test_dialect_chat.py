"""OpenAI Chat Completions: the bytes of small streams, and the vendor's own arithmetic."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labsupport.provider import Provider
from labsupport.recorder import record
from labsupport.script import (
    Cite,
    Fail,
    Finish,
    Ping,
    Raw,
    Refuse,
    Script,
    StopShort,
    Think,
    ToolCall,
)
from labsupport.server import serve
from labsupport.sse import Event
from labsupport.wire import Capture, Ending

pytestmark = pytest.mark.usefixtures("no_leaks")

PATH = "/v1/chat/completions"
ASKED: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "two words"}]}
STREAM = ASKED | {"stream": True}
PLAIN = STREAM | {"stream_options": {"include_obfuscation": False}}
COUNTED = STREAM | {"stream_options": {"include_obfuscation": False, "include_usage": True}}
HEAD = (
    b'data: {"id":"chatcmpl-eN8cT8EoAYkRuIItVBFymZYTlpY70","object":"chat.completion.chunk",'
    b'"created":1767225600,"model":"m","service_tier":"default",'
    b'"system_fingerprint":"fp_MV9LHJPJNnlS","choices":['
)
FIRST = b'{"index":0,"delta":{"role":"assistant","content":"","refusal":null}'
GOES_ON = b',"logprobs":null,"finish_reason":null}]'
DONE = b"data: [DONE]\n\n"


def ask(script: Script, body: dict[str, Any] = PLAIN, **settings: Any) -> Capture:
    """What the first request to a new provider gets."""
    with serve(Provider(script, **settings).app) as server:
        return record(server.url + PATH, json=body)


def chunks(capture: Capture) -> list[dict[str, Any]]:
    """The JSON of each chunk; the end must be there."""
    assert capture.events[-1] == Event("[DONE]")
    return [json.loads(event.data) for event in capture.events[:-1]]


def deltas(capture: Capture) -> list[dict[str, Any]]:
    """What is new in each chunk that has choices."""
    return [chunk["choices"][0]["delta"] for chunk in chunks(capture) if chunk["choices"]]


def test_a_stream_is_these_bytes() -> None:
    capture = ask(Script("Hel", "lö"))
    assert capture.body == (
        HEAD + FIRST + GOES_ON + b"}\n\n"
        + HEAD + b'{"index":0,"delta":{"content":"Hel"}' + GOES_ON + b"}\n\n"
        + HEAD + '{"index":0,"delta":{"content":"lö"}'.encode() + GOES_ON + b"}\n\n"
        + HEAD + b'{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}\n\n'
        + DONE
    )  # fmt: skip
    assert (capture.status, capture.ending) == (200, Ending.CLEAN)


def test_include_usage_puts_a_null_into_each_chunk_and_a_last_one_without_choices() -> None:
    assert ask(Script("Hi"), COUNTED).body == (
        HEAD + FIRST + GOES_ON + b',"usage":null}\n\n'
        + HEAD + b'{"index":0,"delta":{"content":"Hi"}' + GOES_ON + b',"usage":null}\n\n'
        + HEAD + b'{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}\n\n'
        + HEAD + b'],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3,'
        b'"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},'
        b'"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,'
        b'"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}\n\n'
        + DONE
    )  # fmt: skip


def test_cached_tokens_are_part_of_the_prompt_and_reasoning_is_part_of_the_completion() -> None:
    usage = chunks(ask(Script(Think("h"), Think("m"), "Hi"), COUNTED, cached=1))[-1]["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (2, 3, 5)
    assert usage["prompt_tokens_details"]["cached_tokens"] == 1
    assert usage["completion_tokens_details"]["reasoning_tokens"] == 2


def test_reasoning_is_not_shown_and_a_citation_has_no_event() -> None:
    shown = ask(Script(Think("hm"), "Hi", Cite("words")))
    assert shown.body == ask(Script("Hi")).body


def test_padding_fills_each_chunk_to_a_multiple_of_16_unless_it_is_turned_off() -> None:
    lines = ask(Script("a", "bread"), STREAM).body.decode().split("\n\n")[:-2]
    bare = [len(line) - len('data: ,"obfuscation":""') for line in lines]
    assert (len(bare), {length % 16 for length in bare}) == (4, {0})
    assert not any("obfuscation" in chunk for chunk in chunks(ask(Script("a", "b"), PLAIN)))


@pytest.mark.parametrize("options", [None, "all", [1]])
def test_stream_options_that_are_no_object_count_as_none(options: Any) -> None:
    capture = ask(Script("a"), STREAM | {"stream_options": options})
    assert (capture.status, "usage" in chunks(capture)[0]) == (200, False)


def test_a_tool_call_comes_in_fragments() -> None:
    capture = ask(Script(ToolCall("weather", '{"city": 1}'), ToolCall("time", "{}")))
    first, *rest = deltas(capture)
    (call,) = first.pop("tool_calls")
    assert first == {"role": "assistant", "content": None}
    name = call.pop("id")
    function = {"name": "weather", "arguments": ""}
    assert call == {"index": 0, "type": "function", "function": function}
    assert name.startswith("call_")
    pieces = [call for delta in rest for call in delta.get("tool_calls", [])]
    assert pieces[:4] == [
        {"index": 0, "function": {"arguments": text}} for text in ('{"', "city", '": ', "1")
    ]
    assert [piece["index"] for piece in pieces] == [0, 0, 0, 0, 0, 1, 1]
    assert pieces[5]["id"] not in (None, name)
    assert chunks(capture)[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_a_call_after_text_does_not_say_the_role_again() -> None:
    made = deltas(ask(Script("Hm", ToolCall("f", "{}"))))
    assert ["role" in delta for delta in made] == [True, False, False, False, False]


def test_a_refusal_has_its_own_field_and_ends_with_stop() -> None:
    capture = ask(Script(Refuse("I can"), Refuse(" not")))
    assert deltas(capture)[1:] == [{"refusal": "I can"}, {"refusal": " not"}, {}]
    assert chunks(capture)[-1]["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    "script, limit, reason",
    [
        (Script("a", "b"), {}, "stop"),
        (Script("a", "b"), {"max_tokens": 1}, "length"),
        (Script("a", "b"), {"max_completion_tokens": 1}, "length"),
        (Script(Refuse("a"), Refuse("b")), {"max_completion_tokens": 1}, "length"),
        (Script("a", Finish("length")), {}, "length"),
        (Script("a", Finish("blocked")), {}, "content_filter"),
        (Script(), {}, "stop"),
    ],
)
def test_the_reason_is_the_vendors_word(script: Script, limit: dict[str, int], reason: str) -> None:
    made = chunks(ask(script, COUNTED | limit))
    assert made[-2]["choices"][0]["finish_reason"] == reason
    assert made[-1]["usage"]["completion_tokens"] == (1 if limit else len(script.tokens))


def test_an_error_in_the_middle_is_a_chunk_and_the_last() -> None:
    assert ask(Script("Hi", Fail("soup is out", status=429))).body.endswith(
        b'"finish_reason":null}]}\n\n'
        b'data: {"error":{"message":"soup is out","type":"tokens","param":null,'
        b'"code":"rate_limit_exceeded"}}\n\n'
    )


def test_without_its_ending_the_stream_stops_short() -> None:
    capture = ask(Script("Hi", StopShort()))
    assert capture.body.endswith(b'"delta":{"content":"Hi"}' + GOES_ON + b"}\n\n")
    assert capture.ending is Ending.CLEAN


def test_a_ping_is_a_comment_and_raw_bytes_stay_as_they_are() -> None:
    body = ask(Script("a", Ping(), Raw(b"retry: 5\n\n"), "b")).body
    assert b'"a"}' + GOES_ON + b"}\n\n: ping\n\nretry: 5\n\ndata: {" in body


def test_a_stream_and_its_json_say_the_same() -> None:
    script = Script(Think("hm"), "Hel", "lo", ToolCall("f", '{"a": 1}'))
    with serve(Provider(script, cached=1).app) as server:
        capture = record(server.url + PATH, json=ASKED)
    told = json.loads(capture.body)
    (choice,) = told.pop("choices")
    (call,) = choice["message"].pop("tool_calls")
    assert call.pop("id").startswith("call_")
    assert call == {"type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    message = {"role": "assistant", "content": "Hello", "refusal": None, "annotations": []}
    ending = {"logprobs": None, "finish_reason": "tool_calls"}
    assert choice == {"index": 0, "message": message, **ending}
    streamed = chunks(ask(script, COUNTED, cached=1))[-1]
    assert told == {k: v for k, v in streamed.items() if k != "choices"} | {
        "object": "chat.completion"
    }
    assert capture.headers["content-type"] == "application/json"


def test_json_of_a_refusal_and_of_an_error() -> None:
    message = json.loads(ask(Script(Refuse("no")), ASKED).body)["choices"][0]["message"]
    assert (message["content"], message["refusal"]) == (None, "no")
    failed = ask(Script("a", Fail("out", status=503)), ASKED)
    told = {"message": "out", "type": "server_error", "param": None, "code": "server_error"}
    assert (failed.status, json.loads(failed.body)) == (503, {"error": told})
