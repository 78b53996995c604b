"""Gemini's dialect: its bytes, and what Google's own SDK makes of them."""

from __future__ import annotations

import json

import pytest
from gemini_reader import ASKED, Read, ending, read_async, read_sync, stream, text, told
from google import genai
from google.genai import errors, types

from labsupport.provider import Gate, Provider
from labsupport.recorder import record
from labsupport.script import (
    Cite,
    Ping,
    Raw,
    Script,
    Think,
    ToolCall,
)
from labsupport.server import serve

pytestmark = [
    pytest.mark.usefixtures("no_leaks"),
    # The SDK makes a subclass that aiohttp would rather it did not.
    pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning"),
]

THINKING = types.ThinkingConfig(include_thoughts=True)


@pytest.fixture(params=[read_sync, read_async], ids=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Read:
    reader: Read = request.param
    return reader


@pytest.mark.parametrize("path", ["v1", "v1beta"])
def test_each_token_is_a_whole_response_with_crlf_and_nothing_marks_the_end(path: str) -> None:
    body = stream(Script("Hel", "lo"), path=path)
    first, second, last, rest = body.split(b"\r\n\r\n")
    assert rest == b"" and b"\n" not in first + second + last
    assert first == (
        b'data: {"candidates": [{"content": {"parts": [{"text": "Hel"}],"role": "model"},'
        b'"index": 0}],"usageMetadata": {"promptTokenCount": 4,"candidatesTokenCount": 1,'
        b'"totalTokenCount": 5,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 4}],'
        b'"serviceTier": "standard"},"modelVersion": "soup-1","responseId": '
        + json.dumps(told(body)[0]["responseId"]).encode()
        + b"}"
    )
    assert [one["candidates"][0].get("finishReason") for one in told(body)] == [None, None, "STOP"]
    assert len({one["responseId"] for one in told(body)}) == 1


def test_the_head_is_the_vendors() -> None:
    with serve(Provider(Script("a")).app) as server:
        url = server.url + "/v1/models/soup-1:streamGenerateContent?alt=sse"
        headers = record(url, json=ASKED).headers
    assert headers["content-type"] == "text/event-stream"
    assert headers["content-disposition"] == "attachment"


def test_the_sdk_reads_text_end_and_usage(read: Read) -> None:
    provider = Provider(Script(Think("hm"), "Hel", "lo", " süß\u2028🍜"), cached=2)
    with serve(provider.app) as server:
        chunks, error = read(server.url)
    assert (text(chunks), ending(chunks), error) == ("Hello süß\u2028🍜", "STOP", None)
    usage = chunks[-1].usage_metadata
    assert usage
    # Thoughts are no part of the candidates; cached tokens are part of the prompt.
    assert (usage.candidates_token_count, usage.thoughts_token_count) == (3, 1)
    assert (usage.prompt_token_count, usage.cached_content_token_count) == (4, 2)
    assert usage.total_token_count == 8
    (metered,) = provider.meter.settle().requests
    assert (metered.generated, metered.reasoning, metered.input) == (4, 1, 4)


def test_thoughts_are_shown_only_if_asked_for_and_always_counted(read: Read) -> None:
    with serve(Provider(Script(Think("hm"), "yes")).app) as server:
        hidden, _ = read(server.url)
        shown, _ = read(server.url, thinking_config=THINKING)
    assert len(hidden) == 2 and len(shown) == 3
    (part,) = (shown[0].parts or [])[:1]
    assert (part.text, part.thought) == ("hm", True)
    assert text(hidden) == text(shown) == "yes"  # the SDK leaves thoughts out of `text`
    for chunks in (hidden, shown):
        usage = chunks[-1].usage_metadata
        assert usage and usage.thoughts_token_count == 1
    assert (shown[-1].parts or [])[0].thought_signature


def test_a_count_of_nothing_is_left_out() -> None:
    config = {"thinkingConfig": {"includeThoughts": True}}
    first = told(stream(Script(Think("hm"), "yes"), generationConfig=config))[0]["usageMetadata"]
    assert "candidatesTokenCount" not in first and first["thoughtsTokenCount"] == 1


def test_a_tool_call_comes_whole(read: Read) -> None:
    script = Script(ToolCall("weather", '{"city": "Paris"}'), ToolCall("time"))
    with serve(Provider(script).app) as server:
        chunks, _ = read(server.url)
    calls = [call for chunk in chunks for call in chunk.function_calls or []]
    assert [(call.name, call.args) for call in calls] == [
        ("weather", {"city": "Paris"}),
        ("time", {}),
    ]
    assert calls[0].id != calls[1].id
    assert ending(chunks) == "STOP"  # no word of its own for it


def test_arguments_that_are_no_object_are_a_malformed_call(read: Read) -> None:
    with serve(Provider(Script(ToolCall("weather", '{"city": '))).app) as server:
        chunks, _ = read(server.url)
    assert ending(chunks) == "MALFORMED_FUNCTION_CALL"
    assert not any(chunk.function_calls for chunk in chunks)


def test_citations_count_in_bytes_from_the_last_one(read: Read) -> None:
    script = Script("Süß", Cite("Süß", title="A"), " soup", Cite("soup", title="B"))
    with serve(Provider(script).app) as server:
        chunks, _ = read(server.url)
    metadata = [(chunk.candidates or [])[0].citation_metadata for chunk in chunks]
    found = [one for data in metadata if data for one in data.citations or []]
    assert [(one.start_index, one.end_index, one.title) for one in found] == [
        (0, 5, "A"),
        (5, 10, "B"),
    ]
    assert found[0].uri == "https://example.org/menu"


def test_there_is_no_ping_and_the_sdk_stands_no_comment(read: Read) -> None:
    assert stream(Script("a", Ping(), "b")) == stream(Script("a", "b"))
    with serve(Provider(Script("a", Raw(b": ping\n\n"), "b")).app) as server:
        chunks, error = read(server.url)
    assert text(chunks) == "a" and isinstance(error, errors.UnknownApiResponseError)


def test_each_token_reaches_the_sdk_before_the_next_is_made() -> None:
    gate, seen = Gate(), []
    with (
        serve(Provider(Script("a", "b", "c"), gate=gate).app) as server,
        genai.Client(api_key="k", http_options=types.HttpOptions(base_url=server.url)) as client,
    ):
        for chunk in client.models.generate_content_stream(model="m", contents="hi"):
            if chunk.text:
                seen.append(chunk.text)
                gate.observed(len(seen))
    assert seen == ["a", "b", "c"]


def test_without_a_stream_the_same_comes_in_one_body() -> None:
    script = Script(Think("hm"), "Hel", "lo", Cite("Hello"), ToolCall("time"), " ok")
    config = {"thinkingConfig": {"includeThoughts": True}}
    with serve(Provider(script).app) as server:
        url = server.url + "/v1/models/soup-1:generateContent"
        whole = json.loads(record(url, json=ASKED | {"generationConfig": config}).body)
        with genai.Client(
            api_key="k", http_options=types.HttpOptions(base_url=server.url)
        ) as client:
            answer = client.models.generate_content(model="soup-1", contents="hi")
    (candidate,) = whole["candidates"]
    kinds = [sorted(part) for part in candidate["content"]["parts"]]
    assert kinds == [["text", "thought"], ["text"], ["functionCall", "thoughtSignature"], ["text"]]
    assert candidate["citationMetadata"]["citationSources"][0]["endIndex"] == 5
    assert (candidate["finishReason"], whole["usageMetadata"]["thoughtsTokenCount"]) == ("STOP", 1)
    assert [part.text for part in answer.parts or [] if part.text] == ["Hello", " ok"]


def test_a_request_without_contents_is_refused_in_the_vendors_words() -> None:
    with serve(Provider(Script("a")).app) as server:
        capture = record(server.url + "/v1/models/m:streamGenerateContent?alt=sse", json={})
    assert capture.status == 400
    error = json.loads(capture.body)["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"] == "* GenerateContentRequest.contents: contents is not specified\n"
