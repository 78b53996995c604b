"""Gate: streaming proved by order, without a clock."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from gate_clock import GENEROUS
from raw_client import connected

from labsupport.errors import BenchError
from labsupport.provider import Gate, Provider, Usage
from labsupport.recorder import record
from labsupport.script import Pause, Script, Think, ToolCall
from labsupport.server import serve
from labsupport.wire import Capture, Ending

pytestmark = pytest.mark.usefixtures("no_leaks")

SOUP = Script("Soup", " is", " ready")
CHAT = {"model": "soup-1", "messages": [], "stream": True}
WAYS: dict[str, tuple[str, Any]] = {
    "plain": ("/stream", None),
    "chat": ("/v1/chat/completions", CHAT),
}
"""A path, and what to post there."""

a_way = pytest.mark.parametrize("way", WAYS)


class Reader(threading.Thread):
    """Reads a stream elsewhere; `seen(chunk)` is called with all that came so far."""

    def __init__(self, url: str, way: str, seen: Callable[[bytes], object]) -> None:
        super().__init__()
        (path, body), self.got = WAYS[way], b""
        self.url, self.body, self.seen = url + path, body, seen
        self.capture: Capture | None = None
        self.start()

    def run(self) -> None:
        self.capture = record(
            self.url, json=self.body, on_chunk=self._look, deadline=GENEROUS, max_bytes=10**6
        )

    def _look(self, chunk: Any, events: object) -> None:
        self.got += chunk.data
        self.seen(self.got)

    def wait(self) -> Capture:
        self.join(GENEROUS)
        assert self.capture, "the reader has not come to an end"
        return self.capture


@a_way
def test_a_token_is_made_only_when_the_one_before_was_observed(way: str) -> None:
    gate = Gate()
    provider = Provider(SOUP, gate=gate)
    made: list[int] = []

    def look(got: bytes) -> None:
        for number, token in enumerate(SOUP.tokens, 1):
            if number == len(made) + 1 and token.encode() in got:
                made.append(provider.meter.generated)
                gate.observed(number)

    with serve(provider.app) as server:
        capture = Reader(server.url, way, look).wait()
    assert made == [1, 2, 3]  # when a token was seen, no later one had been made
    assert capture.ending is Ending.CLEAN


@a_way
def test_a_reader_who_observes_nothing_gets_one_token(way: str) -> None:
    gate = Gate()
    provider = Provider(SOUP, gate=gate)
    with serve(provider.app) as server:
        reader = Reader(server.url, way, lambda got: None)
        gate.wait_wanted(2, deadline=GENEROUS)
        assert provider.meter.requests[0].generated == 1
        gate.open()
        reader.wait()
    assert b"Soup" in reader.got and b"ready" in reader.got


def test_what_may_be_made_can_be_said_before_anybody_asks() -> None:
    gate = Gate()
    gate.observed(1)
    provider = Provider(SOUP, gate=gate)
    with serve(provider.app) as server:
        reader = Reader(server.url, "plain", lambda got: None)
        gate.wait_wanted(3, deadline=GENEROUS)
        assert provider.meter.generated == 2
        gate.observed(2)
        assert reader.wait().ending is Ending.CLEAN


def test_an_older_observation_takes_nothing_back() -> None:
    gate = Gate()
    gate.observed(2)
    gate.observed(1)
    assert repr(gate) == "Gate(3 tokens free)"


def test_an_open_gate_holds_nothing_even_of_requests_to_come() -> None:
    gate = Gate()
    gate.open()
    with serve(Provider(SOUP, gate=gate).app) as server:
        for _ in range(2):
            assert record(server.url + "/stream").ending is Ending.CLEAN
    assert repr(gate) == "Gate(all tokens free)"


def test_a_body_that_comes_at_once_never_earns_its_second_token() -> None:
    gate = Gate()
    provider = Provider(SOUP, gate=gate)
    with serve(provider.app) as server:
        with connected(server.url, b"GET /json HTTP/1.1\r\nhost: localhost\r\n\r\n") as client:
            gate.wait_wanted(2, deadline=GENEROUS)
            client.setblocking(False)
            with pytest.raises(BlockingIOError):  # nothing has come
                client.recv(1)
        (usage,) = provider.meter.settle(GENEROUS).requests
    assert usage == Usage("/json", generated=1, delivered=0, ended="client left")


def test_each_request_can_be_let_go_by_itself() -> None:
    gate = Gate()
    provider = Provider(SOUP, gate=gate)
    with serve(provider.app) as server:
        first = Reader(server.url, "plain", lambda got: None)
        gate.wait_wanted(2, request=0, deadline=GENEROUS)
        second = Reader(server.url, "plain", lambda got: None)
        gate.wait_wanted(2, request=1, deadline=GENEROUS)
        gate.observed(2, request=1)
        second.wait()
        assert [usage.generated for usage in provider.meter.requests] == [1, 3]
        gate.observed(1)  # of every request
        gate.wait_wanted(3, request=0, deadline=GENEROUS)
        assert provider.meter.requests[0].generated == 2
        gate.open()
        first.wait()


def test_thoughts_and_pieces_of_a_call_pass_the_gate_as_tokens_do() -> None:
    gate = Gate()
    provider = Provider(Script(Think("hm"), "a", ToolCall("f", '{"x"')), gate=gate)
    with serve(provider.app) as server:
        reader = Reader(server.url, "plain", lambda got: None)
        for token in (2, 3, 4):
            gate.wait_wanted(token, deadline=GENEROUS)
            assert provider.meter.generated == token - 1
            gate.observed(token - 1)
        gate.open()
        reader.wait()


def test_pauses_are_slept_before_the_gate_and_not_counted() -> None:
    gate = Gate()
    provider = Provider(Script(Pause(0.01), "a", Pause(0.01), "b"), gate=gate)
    with serve(provider.app) as server:
        reader = Reader(server.url, "plain", lambda got: None)
        gate.wait_wanted(2, deadline=GENEROUS)
        gate.observed(1)
        assert reader.wait().events[-1].data == '{"tokens": 2}'


@a_way
def test_a_client_that_leaves_at_a_closed_gate_ends_its_request(way: str) -> None:
    gate = Gate()
    provider = Provider(SOUP, gate=gate)
    path, body = WAYS[way]
    with serve(provider.app) as server:
        record(server.url + path, json=body, stop_after_events=1)
        (usage,) = provider.meter.settle(GENEROUS).requests
        gate.observed(1)  # to nobody
        assert (usage.generated, usage.ended) == (1, "client left")
        gate.open()
        assert record(server.url + path, json=body).ending is Ending.CLEAN


def test_a_server_stopped_at_a_closed_gate_leaves_nothing() -> None:
    gate = Gate()
    provider = Provider(SOUP, gate=gate)
    with serve(provider.app) as server:
        reader = Reader(server.url, "plain", lambda got: None)
        gate.wait_wanted(2, deadline=GENEROUS)
    assert reader.wait().ending is not Ending.CLEAN
    assert provider.meter.requests == (Usage("/stream", 1, 1, "stopped"),)
    gate.observed(1)  # its loop is closed: nobody minds
    assert repr(gate) == "Gate(2 tokens free)"


def test_to_pass_works_in_one_loop_alone() -> None:
    async def both() -> list[str]:
        gate, told = Gate(), []
        waiting = asyncio.create_task(gate.pass_(2, 0))
        await asyncio.sleep(0)
        told.append("waits" if not waiting.done() else "passed")
        gate.observed(1)
        await asyncio.wait_for(waiting, GENEROUS)
        return [*told, "passed"]

    assert asyncio.run(both()) == ["waits", "passed"]


def test_nobody_who_asks_is_named_with_what_to_do() -> None:
    with pytest.raises(BenchError) as caught:
        Gate().wait_wanted(1, deadline=0.01)
    assert str(caught.value) == (
        "expected the provider to come to token 1 within 0.01 s, got it is at token 0 of request "
        "0. Next: See that somebody asks, and that token k is reported with observed(k)."
    )


def test_a_gate_prints_how_many_tokens_it_lets_through() -> None:
    gate = Gate()
    assert repr(gate) == "Gate(1 token free)"
    gate.observed(4, request=2)
    assert repr(gate) == "Gate(5 tokens free)"
