"""OpenAI Responses: events with numbers, items and parts, and the vendor's own arithmetic."""

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

PATH = "/v1/responses"
ASKED: dict[str, Any] = {"model": "m", "input": "two words"}
STREAM = ASKED | {"stream": True}
PLAIN = STREAM | {"stream_options": {"include_obfuscation": False}}
MESSAGE = b"msg_rLlsvWWEeO2uStqMTtrX85CGAu00pV1f0thnpTmRQEzSTLN6"
PLACE = b'"item_id":"' + MESSAGE + b'","output_index":0,"content_index":0,'


def ask(script: Script, body: dict[str, Any] = PLAIN, **settings: Any) -> Capture:
    """What the first request to a new provider gets."""
    with serve(Provider(script, **settings).app) as server:
        return record(server.url + PATH, json=body)


def events(capture: Capture) -> list[dict[str, Any]]:
    """The JSON of each event: its name is its type, its number its place."""
    told = [json.loads(event.data) for event in capture.events]
    assert [event.event for event in capture.events] == [one["type"] for one in told]
    assert [one.pop("sequence_number") for one in told] == list(range(len(told)))
    return told


def kinds(capture: Capture) -> list[str]:
    """The names of the events, without what all begin with."""
    return [event["type"].removeprefix("response.") for event in events(capture)]


def final(script: Script, body: dict[str, Any] = PLAIN, **settings: Any) -> dict[str, Any]:
    """The response in the last event."""
    response: dict[str, Any] = events(ask(script, body, **settings))[-1]["response"]
    return response


def test_the_events_between_the_whole_responses_are_these_bytes() -> None:
    body = re.sub(rb'"response":\{.*\}\}\n', b'"response":...}\n', ask(Script("Hel", "lö")).body)
    item = b'{"id":"' + MESSAGE + b'","type":"message","status":"%s","content":[%s],'
    item += b'"role":"assistant"}}\n\n'
    part = '{"type":"output_text","text":"%s","annotations":[],"logprobs":[]}'
    said = (part % "Hellö").encode()
    assert body == (
        b'event: response.created\ndata: {"type":"response.created","sequence_number":0,'
        b'"response":...}\n\n'
        b'event: response.in_progress\ndata: {"type":"response.in_progress","sequence_number":1,'
        b'"response":...}\n\n'
        b"event: response.output_item.added\n"
        b'data: {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":'
        + item % (b"in_progress", b"")
        + b"event: response.content_part.added\n"
        b'data: {"type":"response.content_part.added","sequence_number":3,'
        + PLACE + b'"part":' + (part % "").encode() + b"}\n\n"
        b"event: response.output_text.delta\n"
        b'data: {"type":"response.output_text.delta","sequence_number":4,'
        + PLACE + b'"delta":"Hel","logprobs":[]}\n\n'
        b"event: response.output_text.delta\n"
        b'data: {"type":"response.output_text.delta","sequence_number":5,'
        + PLACE + '"delta":"lö","logprobs":[]}\n\n'.encode()
        + b"event: response.output_text.done\n"
        b'data: {"type":"response.output_text.done","sequence_number":6,'
        + PLACE + '"text":"Hellö","logprobs":[]}\n\n'.encode()
        + b"event: response.content_part.done\n"
        b'data: {"type":"response.content_part.done","sequence_number":7,'
        + PLACE + b'"part":' + said + b"}\n\n"
        b"event: response.output_item.done\n"
        b'data: {"type":"response.output_item.done","sequence_number":8,"output_index":0,"item":'
        + item % (b"completed", said)
        + b'event: response.completed\ndata: {"type":"response.completed","sequence_number":9,'
        b'"response":...}\n\n'
    )  # fmt: skip


def test_the_whole_response_is_in_the_first_events_and_in_the_last() -> None:
    told = events(ask(Script("Hi")))
    first, last = told[0]["response"], told[-1]["response"]
    assert first == told[1]["response"]
    assert (first["status"], first["output"], first["usage"]) == ("in_progress", [], None)
    assert first["id"] == last["id"] == "resp_CbKYctmpMuzyPMlaBjhcXOx3Xl53YhxDWKrgFxu1TRmxldsB"
    assert last["created_at"] == 1_767_225_600
    assert (last["status"], last["error"], last["incomplete_details"]) == ("completed", None, None)
    assert last["output"] == [told[-2]["item"]]
    changes = {key for key in first if first[key] != last[key]}
    assert changes == {"status", "completed_at", "output", "service_tier", "usage"}


def test_cached_and_reasoning_tokens_are_parts_of_their_sums() -> None:
    assert final(Script(Think("h"), Think("m"), "Hi"), cached=1)["usage"] == {
        "input_tokens": 2,
        "input_tokens_details": {"cached_tokens": 1, "cache_write_tokens": 0},
        "output_tokens": 3,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 5,
    }


def test_padding_is_in_the_deltas_unless_it_is_turned_off() -> None:
    script = Script(Think("hm"), "a", Refuse("b"), ToolCall("f", "{}"))
    padded = [one["type"] for one in events(ask(script, STREAM)) if "obfuscation" in one]
    assert padded == [
        "response.reasoning_summary_text.delta",
        "response.output_text.delta",
        "response.refusal.delta",
        "response.function_call_arguments.delta",
    ]
    assert b"obfuscation" not in ask(script, PLAIN).body
    assert b"obfuscation" in ask(script, STREAM | {"stream_options": "none"}).body


def test_a_tool_call_is_an_item_whose_arguments_come_in_fragments() -> None:
    capture = ask(Script(ToolCall("weather", '{"city": 1}')))
    told = events(capture)
    assert kinds(capture)[2:-1] == [
        "output_item.added",
        *["function_call_arguments.delta"] * 5,
        "function_call_arguments.done",
        "output_item.done",
    ]
    item = told[2]["item"]
    assert (item["type"], item["name"], item["arguments"]) == ("function_call", "weather", "")
    assert item["id"].startswith("fc_") and item["call_id"].startswith("call_")
    assert "".join(one["delta"] for one in told[3:8]) == told[8]["arguments"] == '{"city": 1}'
    done = item | {"arguments": '{"city": 1}', "status": "completed"}
    assert told[9]["item"] == done
    assert told[10]["response"]["output"] == [done]


def test_each_kind_of_thing_said_is_an_item_and_they_are_numbered() -> None:
    output = final(Script(Think("hm"), "Hi", ToolCall("f", "{}"), ToolCall("g", "{}")))["output"]
    assert [item["type"] for item in output] == ["reasoning", "message", *["function_call"] * 2]
    assert len({item["id"] for item in output}) == 4
    assert output[0]["summary"] == [{"type": "summary_text", "text": "hm"}]
    told = events(ask(Script(Think("hm"), "Hi", ToolCall("f", "{}"))))
    added = [one for one in told if one["type"] == "response.output_item.added"]
    assert [one["output_index"] for one in added] == [0, 1, 2]


def test_a_refusal_is_another_part_of_the_message_and_the_response_completes() -> None:
    capture = ask(Script("Hm", Refuse("I can"), Refuse(" not")))
    (item,) = events(capture)[-1]["response"]["output"]
    assert [part["type"] for part in item["content"]] == ["output_text", "refusal"]
    assert item["content"][1]["refusal"] == "I can not"
    deltas = [one for one in events(capture) if one["type"] == "response.refusal.delta"]
    assert [(one["content_index"], one["delta"]) for one in deltas] == [(1, "I can"), (1, " not")]
    assert events(capture)[-1]["response"]["status"] == "completed"


def test_a_citation_is_an_annotation_of_the_text_since_the_last() -> None:
    cites = Cite("soup", title="Menu", url="https://example.org/1"), Cite("salt", title="Shelf")
    capture = ask(Script("Hello", cites[0], " you", cites[1]))
    notes = [one for one in events(capture) if one["type"].endswith("annotation.added")]
    assert [note["annotation_index"] for note in notes] == [0, 1]
    assert notes[0]["annotation"] == {
        "type": "url_citation",
        "url": "https://example.org/1",
        "title": "Menu",
        "start_index": 0,
        "end_index": 5,
    }
    assert [notes[1]["annotation"][key] for key in ("start_index", "end_index")] == [5, 9]
    (item,) = events(capture)[-1]["response"]["output"]
    assert item["content"][0]["annotations"] == [note["annotation"] for note in notes]


@pytest.mark.parametrize(
    "script, limit, reason",
    [
        (Script("a", "b"), 1, "max_output_tokens"),
        (Script(Refuse("a"), Refuse("b")), 1, "max_output_tokens"),
        (Script("a", Finish("length")), None, "max_output_tokens"),
        (Script("a", Finish("blocked")), None, "content_filter"),
    ],
)
def test_what_was_cut_off_is_incomplete_and_says_why(
    script: Script, limit: int | None, reason: str
) -> None:
    capture = ask(script, PLAIN | {"max_output_tokens": limit})
    assert kinds(capture)[-1] == "incomplete"
    response = events(capture)[-1]["response"]
    assert response["incomplete_details"] == {"reason": reason}
    assert (response["max_output_tokens"], response["completed_at"]) == (limit, None)
    assert (response["status"], response["output"][0]["status"]) == ("incomplete", "incomplete")
    assert response["usage"]["output_tokens"] == 1


@pytest.mark.parametrize("form, ends", [("nested", 2), ("flat", 1), ("failed", 1)])
def test_an_error_in_the_middle_has_three_forms(form: Any, ends: int) -> None:
    told = events(ask(Script("Hi", Fail("soup is out", form=form))))[5:]
    error = {"type": "server_error", "code": "server_error", "message": "soup is out"}
    assert len(told) == ends
    if form == "nested":
        assert told.pop(0) == {"type": "error", "error": error | {"param": None}}
    if form == "flat":
        assert told == [error | {"type": "error", "param": None}]
    else:
        response = told[0]["response"]
        assert (told[0]["type"], response["status"]) == ("response.failed", "failed")
        assert response["error"] == {"code": "server_error", "message": "soup is out"}
        assert (response["output"], response["usage"]) == ([], None)


def test_a_ping_is_a_comment_and_takes_no_number() -> None:
    capture = ask(Script("a", Ping(), Raw(b"retry: 5\n\n"), "b"))
    assert b"\n\n: ping\n\nretry: 5\n\nevent: response.output_text.delta" in capture.body
    assert len(events(capture)) == 10


def test_without_a_stream_the_body_is_the_last_response() -> None:
    script = Script(Think("hm"), "Hello", Cite("soup"), Ping(), ToolCall("f", '{"a": 1}'))
    whole = ask(script, ASKED, cached=1)
    assert json.loads(whole.body) == final(script, cached=1)
    failed = ask(Script("a", Fail("out", status=503)), ASKED)
    assert (failed.status, json.loads(failed.body)["error"]["message"]) == (503, "out")
