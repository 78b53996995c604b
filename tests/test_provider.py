"""Provider and its plain dialect: what is sent, and when."""

from __future__ import annotations

import http.client
import json

import pytest
from gate_clock import GENEROUS, GateClock, HastyClock

from labsupport.errors import UsageError
from labsupport.provider import DIALECTS, Provider, plain
from labsupport.recorder import record
from labsupport.script import Fail, Pause, Script
from labsupport.server import serve
from labsupport.sse import Event
from labsupport.wire import Ending

pytestmark = pytest.mark.usefixtures("no_leaks")


def test_a_stream_has_an_event_for_each_token_and_one_for_the_end() -> None:
    provider = Provider(Script("Hel", "lo"))
    with serve(provider.app) as server:
        capture = record(server.url + "/stream")
    assert capture.body == (
        b'event: token\ndata: Hel\n\nevent: token\ndata: lo\n\nevent: done\ndata: {"tokens": 2}\n\n'
    )
    assert (capture.ending, capture.framing) == (Ending.CLEAN, "chunked")
    assert capture.headers["content-type"].startswith("text/event-stream")
    assert capture.headers["cache-control"] == "no-cache"
    assert repr(provider.meter.requests) == (
        "(Usage(path='/stream', generated=2, delivered=2, ended='done'),)"
    )


def test_json_is_the_same_script_in_one_body() -> None:
    provider = Provider(Script("Hel", "lo", " süß"))
    with serve(provider.app) as server:
        capture = record(server.url + "/json")
    assert json.loads(capture.body) == {"text": "Hello süß", "tokens": 3}
    assert (capture.ending, capture.framing) == (Ending.CLEAN, "content-length")
    (usage,) = provider.meter.requests  # counted before the client could see the end
    assert (usage.path, usage.generated, usage.delivered, usage.ended) == ("/json", 3, 3, "done")


@pytest.mark.parametrize("path", ["/stream", "/json"])
def test_post_is_answered_as_get_is(path: str) -> None:
    with serve(Provider(Script("a")).app) as server:
        posted = record(server.url + path, json={"prompt": "soup?" * 1000})
        assert posted.method == "POST"
        assert posted.body == record(server.url + path).body


STRANGE = [" leading", "two\nlines", "\n", "\n\n", "end\n", ": colon", "süß 🍜", "\u2028"]


def test_the_text_of_tokens_arrives_exactly() -> None:
    script = Script(*STRANGE)
    with serve(Provider(script).app) as server:
        events = record(server.url + "/stream").events
        body = record(server.url + "/json").body
    assert events[:-1] == [Event(token, "token") for token in STRANGE]
    assert json.loads(body)["text"] == script.text


def test_an_empty_script_has_only_an_end() -> None:
    with serve(Provider(Script()).app) as server:
        assert record(server.url + "/stream").events == [Event('{"tokens": 0}', "done")]
        assert json.loads(record(server.url + "/json").body) == {"text": "", "tokens": 0}


def test_each_token_is_sent_before_the_next_is_generated() -> None:
    clock = GateClock()
    provider = Provider(Script("a", Pause(1), "b", Pause(1), "c"), clock=clock)
    counts: list[tuple[str, int, int]] = []

    def look(chunk: object, events: list[Event]) -> None:
        for event in events:
            counts.append((event.data, provider.meter.generated, provider.meter.delivered))
            if event.data in ("a", "b"):  # the next token waits for this one to be seen
                clock.open()

    with serve(provider.app) as server:
        record(server.url + "/stream", on_chunk=look, deadline=GENEROUS)
    assert counts[:2] == [("a", 1, 1), ("b", 2, 2)]
    assert [data for data, *_ in counts] == ["a", "b", "c", '{"tokens": 3}']


def test_the_head_of_a_stream_is_sent_at_once() -> None:
    clock = GateClock()
    with serve(Provider(Script(Pause(1), "a"), clock=clock).app) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=GENEROUS)
        connection.request("GET", "/stream")
        response = connection.getresponse()  # returns when the whole head is there
        assert (response.status, response.headers["transfer-encoding"]) == (200, "chunked")
        clock.open()
        assert response.read().startswith(b"event: token\ndata: a\n\n")
        connection.close()


def test_stream_and_json_sleep_through_the_same_pauses() -> None:
    script = Script(Pause(0.5), "a", Pause(0.25), "b", Pause(2))
    for path in ("/stream", "/json"):
        clock = HastyClock()
        with serve(Provider(script, clock=clock).app) as server:
            record(server.url + path)
        assert (clock.asked, sum(clock.asked)) == ([0.5, 0.25, 2], script.seconds)


def test_two_requests_can_share_a_connection() -> None:
    provider = Provider(Script("a", "b"))
    with serve(provider.app) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=GENEROUS)
        for path in ("/stream", "/json", "/stream"):
            connection.request("POST", path, body=b"{}")
            connection.getresponse().read()
        connection.close()
        ended = [(usage.path, usage.ended) for usage in provider.meter.settle().requests]
    assert ended == [("/stream", "done"), ("/json", "done"), ("/stream", "done")]


def test_an_unknown_path_is_refused_in_our_words() -> None:
    provider = Provider(Script("a"))
    with serve(provider.app) as server:
        for path in ("/", "/strem", "/stream/"):
            capture = record(server.url + path)
            assert capture.status == 404
            said = capture.body.decode()
            assert said.startswith("expected one of /stream, /json, /v1/chat/completions, ")
            assert said.endswith(f", got GET {path}. Next: Look at the address and the method.\n")
    assert provider.meter.requests == ()


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_unknown_method_is_refused_in_our_words(method: str) -> None:
    with serve(Provider(Script("a")).app) as server:
        capture = record(server.url + "/json", method=method)
    assert (capture.status, capture.headers["allow"]) == (405, "GET, POST")
    assert capture.body.decode() == (
        f"expected GET or POST of this path, got {method} /json. "
        "Next: Look at the address and the method.\n"
    )


def test_head_is_refused_and_costs_nothing() -> None:
    provider = Provider(Script("a"))
    with serve(provider.app) as server:
        capture = record(server.url + "/stream", method="HEAD")
    assert (capture.status, provider.meter.requests) == (405, ())


@pytest.mark.parametrize("script", ["Hello", ["a"], None])
def test_what_is_no_script_is_refused(script: object) -> None:
    with pytest.raises(UsageError, match=r"expected a Script, got .*Next: Write Provider\(Script"):
        Provider(script)  # type: ignore[arg-type]


@pytest.mark.parametrize("step", ["\ud83d", Fail("\ude00")])
def test_text_that_utf8_cannot_carry_is_refused(step: str | Fail) -> None:
    with pytest.raises(UsageError, match="got a lone surrogate in .*Next: Join the two halves"):
        Provider(Script("a", step))


def test_a_price_is_checked_when_the_provider_is_made() -> None:
    with pytest.raises(UsageError, match="expected a price in US dollars"):
        Provider(Script("a"), usd_per_million=-1)


def test_a_provider_prints_its_script_and_its_meter() -> None:
    assert repr(Provider(Script("a"), deaf=True)) == (
        "Provider(Script('a'), deaf, "
        "Meter(0 requests: 0 tokens generated, 0 delivered, 0 wasted, $0.000000))"
    )


def test_the_plain_dialect_is_among_the_dialects() -> None:
    assert plain.routes in DIALECTS
