"""Anthropic Messages: events in blocks, blanks as padding, and the vendor's own arithmetic."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from labsupport.provider import Provider
from labsupport.recorder import record
from labsupport.script import Cite, Fail, Finish, Ping, Raw, Refuse, Script, Think, ToolCall
from labsupport.server import serve
from labsupport.wire import Capture

pytestmark = pytest.mark.usefixtures("no_leaks")

PATH = "/v1/messages"
ASKED: dict[str, Any] = {"model": "m", "max_tokens": 90}
ASKED["messages"] = [{"role": "user", "content": "two words"}]
STREAM = ASKED | {"stream": True}
INPUT = b'"input_tokens":2,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,'
START = (
    b'event: message_start\ndata: {"type":"message_start","message":{"model":"m",'
    b'"id":"msg_7Qh4S7RWL84iq2ijWRK8GGrB","type":"message","role":"assistant","content":[],'
    b'"stop_reason":null,"stop_sequence":null,"stop_details":null,"usage":{' + INPUT
    + b'"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},'
    b'"output_tokens":1,"service_tier":"standard","inference_geo":"global"}}}\n\n'
)  # fmt: skip
PING = b'event: ping\ndata: {"type": "ping"}\n\n'


def ask(script: Script, body: dict[str, Any] = STREAM, **settings: Any) -> Capture:
    """What the first request to a new provider gets."""
    with serve(Provider(script, **settings).app) as server:
        return record(server.url + PATH, json=body)


def events(capture: Capture) -> list[dict[str, Any]]:
    """The JSON of each event, whose name is its type."""
    told = [json.loads(event.data) for event in capture.events]
    assert [event.event for event in capture.events] == [one["type"] for one in told]
    return told


def content(script: Script) -> list[dict[str, Any]]:
    """The content of the message, put together from a stream as the vendor says to."""
    blocks: list[dict[str, Any]] = []
    for event in events(ask(script)):
        if event["type"] == "content_block_start":
            assert event["index"] == len(blocks)
            blocks.append(event["content_block"])
        elif event["type"] == "content_block_delta":
            assert event["index"] == len(blocks) - 1
            kind = event["delta"].pop("type").removesuffix("_delta")
            if kind == "citations":
                blocks[-1].setdefault("citations", []).append(event["delta"]["citation"])
            for name, value in event["delta"].items():
                if isinstance(value, str):
                    blocks[-1][name] = blocks[-1].get(name, "") + value
    for block in blocks:
        if said := block.pop("partial_json", ""):
            block["input"] = json.loads(said)
    return blocks


def test_a_stream_is_these_bytes_the_blanks_among_them() -> None:
    assert ask(Script("Hel", "lö")).body == (
        START
        + b'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
        b'"content_block":{"type":"text","text":""}           }\n\n'
        + PING
        + b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
        b'"delta":{"type":"text_delta","text":"Hel"}           }\n\n'
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
        + '"delta":{"type":"text_delta","text":"lö"}   }\n\n'.encode()
        + b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0      }\n\n'
        b'event: message_delta\ndata: {"type":"message_delta",'
        b'"delta":{"stop_reason":"end_turn","stop_sequence":null,"stop_details":null},'
        b'"usage":{' + INPUT
        + b'"output_tokens":2,"output_tokens_details":{"thinking_tokens":0}}}\n\n'
        b'event: message_stop\ndata: {"type":"message_stop"               }\n\n'
    )  # fmt: skip


def test_the_blanks_differ_from_event_to_event_and_stand_before_the_last_brace() -> None:
    body = ask(Script(*"abcdefgh")).body
    blanks = re.findall(rb'"text":"[a-h]"\}( *)\}\n\n', body)
    assert len(blanks) == 8
    assert len(set(blanks)) > 3


def test_cached_tokens_are_not_among_the_input_and_usage_is_said_twice() -> None:
    told = events(ask(Script(Think("h"), Think("m"), "Hi"), cached=1))
    first, last = told[0]["message"]["usage"], told[-2]["usage"]
    assert (first["input_tokens"], first["cache_read_input_tokens"]) == (1, 1)
    assert first["output_tokens"] == 1
    assert last == {
        "input_tokens": 1,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 1,
        "output_tokens": 3,
        "output_tokens_details": {"thinking_tokens": 2},
    }


def test_a_tool_call_is_a_block_that_begins_empty_and_fills_with_fragments() -> None:
    told = events(ask(Script(ToolCall("weather", '{"city": 1}'))))
    block = told[1]["content_block"]
    assert block.pop("id").startswith("toolu_")
    assert block == {"type": "tool_use", "name": "weather", "input": {}}
    deltas = [one["delta"] for one in told if one["type"] == "content_block_delta"]
    assert deltas == [
        {"type": "input_json_delta", "partial_json": text}
        for text in ("", '{"', "city", '": ', "1", "}")
    ]
    assert told[-2]["delta"]["stop_reason"] == "tool_use"


def test_thinking_is_a_block_that_ends_with_its_signature() -> None:
    told = events(ask(Script(Think("h"), Think("m"), "Hi")))
    deltas = [one["delta"] for one in told if one["type"] == "content_block_delta"]
    assert deltas[:2] == [{"type": "thinking_delta", "thinking": text} for text in "hm"]
    assert deltas[2]["type"] == "signature_delta"
    assert len(deltas[2]["signature"]) == 64
    kinds = [one["content_block"]["type"] for one in told if one["type"] == "content_block_start"]
    assert kinds == ["thinking", "text"]
    assert sum(one["type"] == "ping" for one in told) == 1


def test_a_citation_belongs_to_its_block_and_what_follows_is_in_the_next() -> None:
    first, second = content(Script("Hel", "lo", Cite("soup"), Cite("salt"), " you"))
    assert second == {"type": "text", "text": " you"}
    assert first["text"] == "Hello"
    assert [one["cited_text"] for one in first["citations"]] == ["soup", "salt"]
    assert first["citations"][0] == {
        "type": "char_location",
        "cited_text": "soup",
        "document_index": 0,
        "document_title": "Menu",
        "start_char_index": 0,
        "end_char_index": 4,
        "file_id": None,
    }


def test_a_refusal_has_no_block_and_its_words_are_in_the_details() -> None:
    told = events(ask(Script(Refuse("I can"), Refuse(" not"))))
    assert [one["type"] for one in told] == ["message_start", "message_delta", "message_stop"]
    details = {"type": "refusal", "category": None, "explanation": "I can not"}
    assert told[1]["delta"] == {
        "stop_reason": "refusal",
        "stop_sequence": None,
        "stop_details": details,
    }
    assert told[1]["usage"]["output_tokens"] == 2


@pytest.mark.parametrize(
    "script, limit, reason",
    [
        (Script("a"), 90, "end_turn"),
        (Script("a", "b"), 1, "max_tokens"),
        (Script(Think("a"), "b"), 1, "max_tokens"),
        (Script("a", Finish("length")), 90, "max_tokens"),
        (Script("a", Finish("blocked")), 90, "refusal"),
    ],
)
def test_the_reason_is_the_vendors_word(script: Script, limit: int, reason: str) -> None:
    told = events(ask(script, STREAM | {"max_tokens": limit}))
    assert told[-2]["delta"]["stop_reason"] == reason
    assert told[-2]["usage"]["output_tokens"] == 1


def test_an_empty_answer_has_no_block() -> None:
    told = events(ask(Script()))
    assert [one["type"] for one in told] == ["message_start", "message_delta", "message_stop"]


@pytest.mark.parametrize("status, kind", [(529, "overloaded_error"), (500, "api_error")])
def test_an_error_in_the_middle_is_an_event_and_the_last(status: int, kind: str) -> None:
    capture = ask(Script("Hi", Fail("soup is out", status=status)))
    assert capture.body.endswith(
        b'"text":"Hi"}           }\n\nevent: error\ndata: {"type":"error","error":{"type":"'
        + kind.encode()
        + b'","message":"soup is out"},"request_id":"req_wjsGtHIPADD5wwkzGOSzO8o1"}\n\n'
    )
    assert capture.headers["request-id"] == "req_wjsGtHIPADD5wwkzGOSzO8o1"


def test_an_error_before_the_first_token_comes_after_the_start() -> None:
    assert [one["type"] for one in events(ask(Script(Fail())))] == ["message_start", "error"]


def test_a_ping_is_an_event_and_raw_bytes_stay_as_they_are() -> None:
    body = ask(Script("a", Ping(), Raw(b": soup\n\n"), "b")).body
    assert b"}\n\n" + PING + b": soup\n\nevent: content_block_delta" in body


@pytest.mark.parametrize(
    "script",
    [
        Script("Hel", "lo"),
        Script(Think("hm"), "Hello", Cite("soup"), " you", Ping(), ToolCall("f", '{"a": 1}')),
        Script("Let me see.", ToolCall("f"), Think("and"), "Done", ToolCall("g", '{"b": [2]}')),
        Script(Refuse("no")),
    ],
)
def test_the_whole_message_has_the_blocks_of_the_stream_in_their_order(script: Script) -> None:
    told = json.loads(ask(script, ASKED, cached=1).body)
    streamed = events(ask(script, cached=1))
    assert told.pop("content") == content(script)
    delta, usage = streamed[-2]["delta"], streamed[-2]["usage"]
    assert {name: told.pop(name) for name in delta} == delta
    assert told.pop("usage")["output_tokens"] == usage["output_tokens"]
    assert told == {name: streamed[0]["message"][name] for name in ("model", "id", "type", "role")}


def test_arguments_that_a_limit_cut_off_are_an_empty_object_in_the_whole_message() -> None:
    whole = ask(Script(ToolCall("f", '{"a": 1}')), ASKED | {"max_tokens": 2})
    assert json.loads(whole.body)["content"][0]["input"] == {}


def test_without_a_stream_an_error_has_its_status() -> None:
    capture = ask(Script("a", Fail("soup is out")), ASKED)
    told = json.loads(capture.body)
    assert (capture.status, told["error"]["type"]) == (529, "overloaded_error")
    assert told["request_id"] == capture.headers["request-id"]
