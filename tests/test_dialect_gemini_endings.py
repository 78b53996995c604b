"""Gemini's dialect at its end: reasons, errors, cuts, and what Google's own SDK makes of them."""

from __future__ import annotations

import json

import aiohttp
import httpx2
import pytest
from gemini_reader import Read, ending, read_async, read_sync, stream, text, told
from google.genai import errors

from labsupport.provider import Provider
from labsupport.recorder import record
from labsupport.script import Fail, Finish, HangUp, Refuse, Reject, Script, StopShort
from labsupport.server import serve

pytestmark = [
    pytest.mark.usefixtures("no_leaks"),
    # The SDK makes a subclass that aiohttp would rather it did not.
    pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning"),
]


@pytest.fixture(params=[read_sync, read_async], ids=["sync", "async"])
def read(request: pytest.FixtureRequest) -> Read:
    reader: Read = request.param
    return reader


@pytest.mark.parametrize("script", [Script(Refuse("No")), Script(Finish("blocked"))], ids=repr)
def test_a_prompt_that_is_blocked_has_no_candidates(script: Script, read: Read) -> None:
    with serve(Provider(script).app) as server:
        (chunk,), error = read(server.url)
    assert chunk.candidates is None and error is None
    assert chunk.prompt_feedback and chunk.prompt_feedback.block_reason == "SAFETY"
    usage = chunk.usage_metadata
    assert usage and (usage.prompt_token_count, usage.total_token_count) == (4, 4)


def test_an_answer_that_is_stopped_by_the_filter_has_no_content_at_its_end(read: Read) -> None:
    with serve(Provider(Script("Well", Refuse("No"))).app) as server:
        chunks, _ = read(server.url)
    assert (text(chunks), ending(chunks)) == ("Well", "SAFETY")
    assert chunks[-1].candidates and chunks[-1].candidates[0].content is None


def test_a_token_limit_ends_with_its_reason(read: Read) -> None:
    with serve(Provider(Script("a", "b", "c")).app) as server:
        chunks, _ = read(server.url, max_output_tokens=2)
    assert (text(chunks), ending(chunks)) == ("ab", "MAX_TOKENS")


def test_an_error_before_the_stream_is_an_exception_and_not_tried_again(read: Read) -> None:
    provider = Provider(Script(Reject(429), Reject(503, "busy"), "ok"))
    with serve(provider.app) as server:
        _, first = read(server.url)
        _, second = read(server.url)
        chunks, _ = read(server.url)
    assert isinstance(first, errors.ClientError) and first.status == "RESOURCE_EXHAUSTED"
    assert isinstance(second, errors.ServerError)
    assert (second.code, second.status, second.message) == (503, "UNAVAILABLE", "busy")
    assert text(chunks) == "ok"
    ended = [usage.ended for usage in provider.meter.settle().requests]
    assert ended == ["rejected", "rejected", "done"]


def test_an_error_in_the_middle_is_bare_json_that_only_the_sdk_sees(read: Read) -> None:
    script = Script("Hel", Fail("overloaded"))
    body = stream(script)
    tail = body.rpartition(b"\r\n\r\n")[2]
    assert tail.startswith(b'{\n  "error": {\n    "code": 503,') and tail.endswith(b"}\n")
    assert len(told(body)) == 1  # to a decoder by the standard there is no error
    with serve(Provider(script).app) as server:
        chunks, error = read(server.url)
    assert text(chunks) == "Hel" and isinstance(error, errors.ServerError)
    assert (error.code, error.status, error.message) == (503, "UNAVAILABLE", "overloaded")


def test_a_stream_that_stops_short_looks_finished(read: Read) -> None:
    with serve(Provider(Script("Hel", StopShort())).app) as server:
        chunks, error = read(server.url)
    assert (text(chunks), ending(chunks), error) == ("Hel", "None", None)


def test_a_cut_is_an_exception_of_the_http_library(read: Read) -> None:
    with serve(Provider(Script("Hel", HangUp())).app) as server:
        chunks, error = read(server.url)
    assert text(chunks) == "Hel"
    assert isinstance(error, httpx2.RemoteProtocolError | aiohttp.ClientPayloadError)


def test_without_a_stream_an_error_has_its_status() -> None:
    with serve(Provider(Script("Hel", Fail())).app) as server:
        body = {"contents": [{"parts": [{"text": "hi"}]}]}
        capture = record(server.url + "/v1beta/models/m:generateContent", json=body)
    assert capture.status == 503
    assert json.loads(capture.body)["error"]["status"] == "UNAVAILABLE"
