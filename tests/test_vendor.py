"""Vendor: the tokens of another server, through every dialect; the other is our own provider."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apps
import pytest
from gate_clock import GENEROUS
from vendor_said import delta, replying, said

from labsupport.errors import UsageError
from labsupport.provider import Gate, Provider
from labsupport.provider.asked import Asked
from labsupport.provider.vendor import Vendor
from labsupport.recorder import record
from labsupport.script import (
    Fail,
    Finish,
    Pause,
    Refuse,
    Script,
    Think,
    ToolCall,
)
from labsupport.server import Server, serve
from labsupport.wire import Ending

pytestmark = pytest.mark.usefixtures("no_leaks")

SOUP = Script("Soup", " is", " ready")
KEY = "sk-secret-soup"


@contextmanager
def chain(upstream: Provider, **settings: Any) -> Iterator[tuple[Server, Provider]]:
    """A provider that asks `upstream`, served."""
    with serve(upstream.app) as there:
        provider = Provider(Vendor(f"{there.url}/v1", model="soup-1", **settings))
        with serve(provider.app) as here:
            yield here, provider


def test_a_token_comes_out_here_before_the_vendor_makes_the_next() -> None:
    gate = Gate()  # of the vendor
    seen: list[str] = []

    def look(chunk: object, events: list[Any]) -> None:
        for event in events:
            if event.event == "token":
                seen.append(event.data)
                gate.observed(len(seen))

    with chain(Provider(SOUP, gate=gate)) as (here, _):
        capture = record(here.url + "/stream", on_chunk=look, deadline=GENEROUS)
    assert (seen, capture.ending) == (["Soup", " is", " ready"], Ending.CLEAN)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/stream", None),
        ("/v1/chat/completions", {"model": "m", "stream": True, "messages": []}),
        ("/v1/responses", {"model": "m", "stream": True, "input": "soup?"}),
        ("/v1/messages", {"model": "m", "stream": True, "messages": [], "max_tokens": 9}),
    ],
)
def test_every_dialect_streams_what_the_vendor_says(path: str, body: Any) -> None:
    upstream = Provider(SOUP)
    with chain(upstream) as (here, provider):
        capture = record(here.url + path, json=body)
        (paid,), (served,) = upstream.meter.settle().requests, provider.meter.settle().requests
    texts = [capture.body.find(json.dumps(token)[1:-1].encode()) for token in SOUP.tokens]
    assert -1 not in texts and texts == sorted(texts)
    assert (paid.path, paid.generated, paid.ended) == ("/v1/chat/completions", 3, "done")
    assert (served.path, served.generated, served.ended) == (path, 3, "done")


def test_when_our_client_leaves_the_vendor_stops() -> None:
    upstream = Provider(Script("a", "b", "c", Pause(60), "d"))
    with chain(upstream) as (here, provider):
        record(here.url + "/stream", stop_after_events=3)
        (paid,) = upstream.meter.settle(GENEROUS).requests
        (served,) = provider.meter.settle(GENEROUS).requests
    assert (paid.generated, paid.ended) == (3, "client left")
    assert (served.generated, served.ended) == (3, "client left")


def test_a_limit_of_tokens_hangs_up_on_the_vendor() -> None:
    gate = Gate()  # never opened: the vendor makes token 1, and 2 when 1 was seen
    upstream = Provider(SOUP, gate=gate)
    gate.observed(1)
    with chain(upstream) as (here, _):
        capture = record(here.url + "/stream", json={"max_tokens": 1}, deadline=GENEROUS)
        (paid,) = upstream.meter.settle(GENEROUS).requests
    assert capture.events[-1].data == '{"tokens": 1, "reason": "length"}'
    assert (paid.generated, paid.ended) == (2, "client left")


def test_a_stopped_server_hangs_up_on_the_vendor() -> None:
    upstream = Provider(Script("a", Pause(60)))
    with serve(upstream.app) as there:
        provider = Provider(Vendor(f"{there.url}/v1", model="soup-1"))
        with serve(provider.app) as here:
            gone = threading.Event()
            reader = threading.Thread(
                target=lambda: (record(here.url + "/stream", deadline=GENEROUS), gone.set())
            )
            reader.start()
            while not provider.meter.generated:
                gone.wait(0.01)
        (paid,) = upstream.meter.settle(GENEROUS).requests
        reader.join(GENEROUS)
    assert (paid.ended, gone.is_set()) == ("client left", True)


def test_thoughts_refusals_and_calls_come_through() -> None:
    call = ToolCall("weather", '{"city": "Paris"}')
    assert said(Script("a", call)) == ["a", call, Finish("tool")]
    assert said(Script(Refuse("No."))) == [Refuse("No."), Finish("stop")]
    for name in ("reasoning_content", "reasoning"):
        blocks = delta(**{name: "hm"}), delta(content="b"), delta(reason="stop")
        assert said(replying(*blocks)) == [Think("hm"), "b", Finish()]


@pytest.mark.parametrize("reason", ["stop", "length", "tool", "blocked"])
def test_the_reason_to_end_comes_through(reason: Any) -> None:
    assert said(Script("a", Finish(reason))) == ["a", Finish(reason)]


def test_a_reason_nobody_knows_is_a_stop() -> None:
    assert said(replying(delta(content="a"), delta(reason="eos"))) == ["a", Finish("stop")]


def test_done_alone_is_an_ending_too() -> None:
    assert said(replying(delta(content="a"), b"data: [DONE]\n\n")) == ["a", Finish()]


def test_the_key_goes_to_the_vendor_and_nowhere_else() -> None:
    heard: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        heard.append(dict(scope["headers"])[b"authorization"])
        await apps.start(send)
        await apps.piece(send, b'data: {"error": {"message": "bad key %s"}}\n\n' % KEY.encode())
        await send({"type": "http.response.body", "body": b""})

    assert said(app, key=KEY) == [Fail("bad key ***", 502)]
    assert heard == [f"Bearer {KEY}".encode()]
    vendor = Vendor("http://localhost/v1", model="m", key=KEY)
    assert repr(vendor) == "Vendor('http://localhost/v1', model='m', key=...)"
    assert KEY not in repr(Provider(vendor))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"base_url": "localhost:11434/v1"}, "got scheme 'localhost', host ''"),
        ({"base_url": "ftp://localhost/v1"}, "got scheme 'ftp', host 'localhost'"),
        ({"base_url": f"https://me:{KEY}@localhost/v1"}, "Next: A key goes into key="),
        ({"base_url": f"https://localhost/v1?key={KEY}"}, "Next: A key goes into key="),
        ({"key": f"{KEY}\n"}, "got one that HTTP cannot carry. Next: Copy it again"),
        ({"key": ""}, "got one that HTTP cannot carry"),
        ({"dialect": "anthropic"}, "expected dialect='openai', got 'anthropic'"),
    ],
)
def test_what_cannot_work_is_refused_without_repeating_a_secret(settings: Any, words: str) -> None:
    settings = {"base_url": "http://localhost/v1", "model": "m"} | settings
    with pytest.raises(UsageError) as caught:
        Vendor(**settings)
    assert words in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_source_is_closed_before_the_response_ends() -> None:
    closed: list[str] = []

    class Slow:
        async def steps(self, asked: Asked) -> Any:
            try:
                while True:
                    yield "a"
            finally:
                await asyncio.sleep(0.1)  # hanging up takes a moment
                closed.append("yes")

    with serve(Provider(Slow()).app) as server:
        record(server.url + "/stream", json={"max_tokens": 2}, deadline=GENEROUS)
        assert closed == ["yes"]
