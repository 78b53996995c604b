"""What the dialects of OpenAI and Anthropic share: errors before a stream, ids, the gate."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labsupport.provider import Gate, Provider
from labsupport.recorder import record
from labsupport.script import Page, Reject, Script, StopShort
from labsupport.server import serve
from labsupport.sse import Event
from labsupport.wire import Capture, Ending

pytestmark = pytest.mark.usefixtures("no_leaks")

MESSAGES = [{"role": "user", "content": "two words"}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "m", "messages": MESSAGES, "stream": True},
    "/v1/responses": {"model": "m", "input": "two words", "stream": True},
    "/v1/messages": {"model": "m", "messages": MESSAGES, "max_tokens": 9, "stream": True},
}
OPENAI, ANTHROPIC = ("/v1/chat/completions", "/v1/responses"), "/v1/messages"
every_dialect = pytest.mark.parametrize("path", ASKED)


def ask(path: str, script: Script, **settings: Any) -> Capture:
    """What the first request to a new provider gets."""
    with serve(Provider(script, **settings).app) as server:
        return record(server.url + path, json=ASKED[path])


@pytest.mark.parametrize("path", OPENAI)
@pytest.mark.parametrize(
    "status, kind, code",
    [
        (400, "invalid_request_error", None),
        (401, "invalid_request_error", "invalid_api_key"),
        (402, "insufficient_quota", "insufficient_quota"),
        (429, "tokens", "rate_limit_exceeded"),
        (500, "server_error", "server_error"),
        (529, "server_error", "server_error"),
    ],
)
def test_openais_error_has_message_type_param_and_code(
    path: str, status: int, kind: str, code: str | None
) -> None:
    capture = ask(path, Script(Reject(status, "because"), "a"))
    told = {"message": "because", "type": kind, "param": None, "code": code}
    assert (capture.status, json.loads(capture.body)) == (status, {"error": told})
    assert capture.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "status, kind",
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (529, "overloaded_error"),
    ],
)
def test_anthropics_error_has_type_message_and_the_requests_id(status: int, kind: str) -> None:
    capture = ask(ANTHROPIC, Script(Reject(status, "because"), "a"))
    assert capture.status == status
    assert json.loads(capture.body) == {
        "type": "error",
        "error": {"type": kind, "message": "because"},
        "request_id": capture.headers["request-id"],
    }


@every_dialect
def test_an_error_without_words_has_the_vendors(path: str) -> None:
    error = json.loads(ask(path, Script(Reject(401), "a")).body)["error"]
    words = "invalid x-api-key" if path == ANTHROPIC else "Incorrect API key provided."
    assert error["message"] == words


@every_dialect
def test_the_headers_of_an_error_say_when_to_come_back(path: str) -> None:
    script = Script(Reject(429, retry_after=1.5, retry_after_ms=20, should_retry=False), "a")
    headers = ask(path, script).headers
    assert headers["retry-after"] == "1.5"
    assert headers["retry-after-ms"] == "20"
    assert headers["x-should-retry"] == "false"


@every_dialect
def test_errors_are_used_up_and_then_the_stream_comes(path: str) -> None:
    provider = Provider(Script(Reject(429, times=2), Reject(500), "a"))
    with serve(provider.app) as server:
        statuses = [record(server.url + path, json=ASKED[path]).status for _ in range(4)]
    assert statuses == [429, 429, 500, 200]
    ended = [(usage.ended, usage.generated, usage.input) for usage in provider.meter.requests]
    assert ended == [("rejected", 0, 0)] * 3 + [("done", 1, 2)]


@every_dialect
def test_a_page_comes_instead_of_a_stream(path: str) -> None:
    capture = ask(path, Script(Page("<p>Sign in"), "a"))
    assert (capture.status, capture.body) == (200, b"<p>Sign in")
    assert capture.headers["content-type"] == "text/html; charset=utf-8"


def test_the_headers_are_the_vendors() -> None:
    for path in OPENAI:
        headers = ask(path, Script("a")).headers
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert headers["x-request-id"] == "req_wjsGtHIPADD5wwkzGOSzO8o1CENEo2Fj"
        assert headers["openai-version"] == "2020-10-01"
        assert headers["x-ratelimit-remaining-tokens"] == "29976"
        assert headers["x-ratelimit-reset-requests"] == "120ms"
    headers = ask(ANTHROPIC, Script("a")).headers
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["request-id"] == "req_wjsGtHIPADD5wwkzGOSzO8o1"
    assert headers["anthropic-ratelimit-requests-remaining"] == "1000"
    assert headers["anthropic-ratelimit-tokens-reset"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "path, name",
    [(path, name) for path, body in ASKED.items() for name in body if name != "stream"],
)
def test_a_request_without_a_field_that_it_must_have_is_a_400(path: str, name: str) -> None:
    body = {key: value for key, value in ASKED[path].items() if key != name}
    provider = Provider(Script("a"))
    with serve(provider.app) as server:
        capture = record(server.url + path, json=body)
    told = f"Missing required parameter: '{name}'."
    told = f"{name}: Field required" if path == ANTHROPIC else told
    error = json.loads(capture.body)["error"]
    assert (capture.status, error["message"]) == (400, told)
    assert error["type"] == "invalid_request_error"
    assert [usage.ended for usage in provider.meter.requests] == ["rejected"]


@every_dialect
@pytest.mark.parametrize("body", ["{", "[1]"])
def test_a_body_that_is_no_json_object_is_a_400(path: str, body: str) -> None:
    with serve(Provider(Script("a")).app) as server:
        capture = record(server.url + path, body=body)
    assert capture.status == 400
    assert "the body is not" in json.loads(capture.body)["error"]["message"]


@every_dialect
def test_ids_are_the_same_in_each_run_and_differ_between_requests(path: str) -> None:
    runs = []
    for _ in range(2):
        with serve(Provider(Script("a")).app) as server:
            made = [record(server.url + path, json=ASKED[path]) for _ in range(2)]
        name = "request-id" if path == ANTHROPIC else "x-request-id"
        runs.append([(capture.body, capture.headers[name]) for capture in made])
    assert runs[0] == runs[1]
    (first, first_id), (second, second_id) = runs[0]
    assert first != second
    assert first_id != second_id
    assert ask(path, Script("a"), seed=1).body not in (first, second)


@every_dialect
def test_a_token_is_made_when_the_one_before_was_seen(path: str) -> None:
    gate, seen = Gate(), []
    provider = Provider(Script("Soup", "Soup", "Soup"), gate=gate)

    def look(chunk: object, events: list[Event]) -> None:
        for event in events:
            if '"Soup"' in event.data and len(seen) < 3:
                seen.append(provider.meter.generated)
                gate.observed(len(seen))

    with serve(provider.app) as server:
        capture = record(server.url + path, json=ASKED[path], on_chunk=look)
    assert capture.ending is Ending.CLEAN
    assert seen == [1, 2, 3]


@every_dialect
def test_a_stream_that_stops_short_ends_cleanly_and_has_no_ending(path: str) -> None:
    whole = ask(path, Script("a", "b")).body
    capture = ask(path, Script("a", StopShort()))
    assert capture.ending is Ending.CLEAN
    assert whole.startswith(capture.body)
    assert b'"a"' in capture.body
    assert len(capture.events) < 10
