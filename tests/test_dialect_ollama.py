"""Ollama's dialect: its bytes, and what its own Python client makes of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import ollama
import pytest

from labsupport.provider import Gate, Provider
from labsupport.recorder import record
from labsupport.script import (
    Cite,
    Fail,
    Finish,
    HangUp,
    Ping,
    Refuse,
    Reject,
    Script,
    StopShort,
    Think,
    ToolCall,
)
from labsupport.server import serve

pytestmark = pytest.mark.usefixtures("no_leaks")

SAID = [{"role": "user", "content": "Is the soup ready?"}]
Chunks = list[ollama.ChatResponse]
Read = Callable[..., tuple[Chunks, Exception | None]]


def read_sync(url: str, **options: Any) -> tuple[Chunks, Exception | None]:
    got: Chunks = []
    with ollama.Client(host=url) as client:
        try:
            got.extend(client.chat("soup-1", messages=SAID, stream=True, **options))
        except Exception as error:
            return got, error
    return got, None


def read_async(url: str, **options: Any) -> tuple[Chunks, Exception | None]:
    async def read() -> tuple[Chunks, Exception | None]:
        got: Chunks = []
        async with ollama.AsyncClient(host=url) as client:
            try:
                stream = await client.chat("soup-1", messages=SAID, stream=True, **options)
                async for chunk in stream:
                    got.append(chunk)
            except Exception as error:
                return got, error
        return got, None

    return asyncio.run(read())


@pytest.fixture(params=[read_sync, read_async], ids=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Read:
    reader: Read = request.param
    return reader


def post(script: Script, path: str = "/api/chat", **body: Any) -> bytes:
    with serve(Provider(script).app) as server:
        return record(server.url + path, json={"model": "soup-1", "messages": SAID} | body).body


def lines(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.splitlines()]


def text(chunks: Chunks) -> str:
    return "".join(chunk.message.content or "" for chunk in chunks)


def test_each_token_is_a_line_and_the_last_is_done() -> None:
    assert post(Script("Hel", "lo")) == (
        b'{"model":"soup-1","created_at":"2026-01-01T00:00:00.02Z",'
        b'"message":{"role":"assistant","content":"Hel"},"done":false}\n'
        b'{"model":"soup-1","created_at":"2026-01-01T00:00:00.04Z",'
        b'"message":{"role":"assistant","content":"lo"},"done":false}\n'
        b'{"model":"soup-1","created_at":"2026-01-01T00:00:00.04Z",'
        b'"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",'
        b'"total_duration":64000000,"load_duration":20000000,"prompt_eval_count":4,'
        b'"prompt_eval_duration":4000000,"eval_count":2,"eval_duration":40000000}\n'
    )


def test_it_streams_unless_told_not_to() -> None:
    with serve(Provider(Script("Hel", "lo")).app) as server:
        body = {"model": "soup-1", "messages": SAID}
        streamed = record(server.url + "/api/chat", json=body)
        whole = record(server.url + "/api/chat", json=body | {"stream": False})
    assert streamed.headers["content-type"] == "application/x-ndjson"
    assert whole.headers["content-type"] == "application/json"
    (told,) = lines(whole.body)
    assert told["message"] == {"role": "assistant", "content": "Hello"}
    assert (told["done"], told["eval_count"]) == (True, 2)


def test_the_sdk_reads_text_end_and_usage(read: Read) -> None:
    provider = Provider(Script(Think("hm"), "Hel", "lo", " <süß>\u2028🍜"), cached=1)
    with serve(provider.app) as server:
        chunks, error = read(server.url)
    last = chunks[-1]
    assert (text(chunks), error) == ("Hello <süß>\u2028🍜", None)
    assert (last.done, last.done_reason) == (True, "stop")
    assert (last.prompt_eval_count, last.eval_count) == (4, 4)  # thoughts are in it
    assert "".join(chunk.message.thinking or "" for chunk in chunks) == "hm"
    (metered,) = provider.meter.settle().requests
    assert (metered.generated, metered.reasoning, metered.input) == (4, 1, 4)


def test_what_would_end_a_line_for_the_sdk_is_escaped_but_for_nel(read: Read) -> None:
    body = post(Script("a\u2028b\u2029c<&>"))
    assert rb'"content":"a\u2028b\u2029c\u003c\u0026\u003e"' in body  # as Go writes it
    with serve(Provider(Script("ok", "a\u0085b")).app) as server:
        chunks, error = read(server.url)
    # Go leaves NEL as it is, and httpx, by which the SDK reads lines, splits there.
    assert text(chunks) == "ok" and isinstance(error, json.JSONDecodeError)


def test_thoughts_are_hidden_if_asked_and_counted_all_the_same(read: Read) -> None:
    with serve(Provider(Script(Think("hm"), "yes")).app) as server:
        chunks, _ = read(server.url, think=False)
    assert [chunk.message.thinking for chunk in chunks] == [None, None]
    assert (text(chunks), chunks[-1].eval_count) == ("yes", 2)


def test_a_tool_call_comes_whole(read: Read) -> None:
    script = Script(ToolCall("weather", '{"city": "Paris"}'), ToolCall("time"))
    with serve(Provider(script).app) as server:
        chunks, _ = read(server.url)
    calls = [call.function for chunk in chunks for call in chunk.message.tool_calls or []]
    assert [(call.name, call.arguments) for call in calls] == [
        ("weather", {"city": "Paris"}),
        ("time", {}),
    ]
    assert chunks[-1].done_reason == "stop"  # no word of its own for it
    found = [one["message"]["tool_calls"][0] for one in lines(post(script))[:-1]]
    assert [call["function"]["index"] for call in found] == [0, 1]
    assert found[0]["id"].startswith("call_") and found[0]["id"] != found[1]["id"]


def test_arguments_that_are_no_object_come_as_text(read: Read) -> None:
    with serve(Provider(Script(ToolCall("weather", '{"city": '))).app) as server:
        chunks, _ = read(server.url)
    assert text(chunks) == '{"city": '


def test_refusals_are_text_and_citations_and_pings_are_nothing(read: Read) -> None:
    with serve(Provider(Script(Refuse("No"), Cite("x"), Ping(), Finish("blocked"))).app) as server:
        chunks, _ = read(server.url)
    assert [chunk.message.content for chunk in chunks] == ["No", ""]
    assert chunks[-1].done_reason == "stop"


def test_a_token_limit_ends_with_length(read: Read) -> None:
    with serve(Provider(Script("a", "b", "c")).app) as server:
        chunks, _ = read(server.url, options={"num_predict": 2})
    assert (text(chunks), chunks[-1].done_reason) == ("ab", "length")


def test_an_error_before_the_stream_is_not_tried_again(read: Read) -> None:
    with serve(Provider(Script(Reject(503), Reject(404, "no such model"), "ok")).app) as server:
        errors = [read(server.url)[1] for _ in range(2)]
        chunks, _ = read(server.url)
    assert [type(error) for error in errors] == [ollama.ResponseError] * 2
    busy = "server busy, please try again. maximum pending requests exceeded"
    assert [str(error) for error in errors] == [
        f"{busy} (status code: 503)",
        "no such model (status code: 404)",
    ]
    assert text(chunks) == "ok"


def test_a_request_without_a_model_is_refused_in_the_vendors_words() -> None:
    with serve(Provider(Script("a")).app) as server:
        capture = record(server.url + "/api/chat", json={"messages": SAID})
    assert (capture.status, lines(capture.body)) == (400, [{"error": "model is required"}])


def test_an_error_in_the_middle_is_a_line_and_has_no_status(read: Read) -> None:
    script = Script("Hel", Fail("out of memory"))
    assert post(script).endswith(b'"done":false}\n{"error":"out of memory"}\n')
    with serve(Provider(script).app) as server:
        chunks, error = read(server.url)
    assert text(chunks) == "Hel" and isinstance(error, ollama.ResponseError)
    assert (error.status_code, error.error) == (-1, "out of memory")


def test_an_error_before_the_first_token_still_has_its_status(read: Read) -> None:
    with serve(Provider(Script(Fail("out of memory", 500))).app) as server:
        chunks, error = read(server.url)
    assert chunks == [] and isinstance(error, ollama.ResponseError)
    assert (error.status_code, error.error) == (500, "out of memory")


@pytest.mark.parametrize("said", [[], ["Hel"]], ids=["at once", "after a token"])
def test_a_stream_that_stops_short_looks_finished(said: list[str], read: Read) -> None:
    with serve(Provider(Script(*said, StopShort())).app) as server:
        chunks, error = read(server.url)
    assert (text(chunks), error) == ("".join(said), None)
    assert not any(chunk.done for chunk in chunks)


def test_a_cut_is_an_exception_of_the_http_library(read: Read) -> None:
    with serve(Provider(Script("Hel", HangUp())).app) as server:
        chunks, error = read(server.url)
    assert text(chunks) == "Hel" and isinstance(error, httpx.RemoteProtocolError)


def test_each_token_reaches_the_sdk_before_the_next_is_made() -> None:
    gate, seen = Gate(), []
    with serve(Provider(Script("a", "b", "c"), gate=gate).app) as server:
        with ollama.Client(host=server.url) as client:
            for chunk in client.chat("m", messages=SAID, stream=True):
                if chunk.message.content:
                    seen.append(chunk.message.content)
                    gate.observed(len(seen))
    assert seen == ["a", "b", "c"]


def test_generate_has_the_same_words_in_other_fields() -> None:
    script = Script(Think("hm"), "Hel", "lo", ToolCall("time"))
    with serve(Provider(script).app) as server, ollama.Client(host=server.url) as client:
        streamed = list(client.generate("soup-1", "Is the soup ready?", stream=True))
        whole = client.generate("soup-1", "Is the soup ready?")
    assert "".join(chunk.response or "" for chunk in streamed) == whole.response == "Hello"
    assert "".join(chunk.thinking or "" for chunk in streamed) == whole.thinking == "hm"
    assert streamed[-1].eval_count == whole.eval_count == 4
    made = lines(post(script, "/api/generate", stream=False))[0]["tool_calls"]
    assert made[0]["function"]["name"] == "time"
