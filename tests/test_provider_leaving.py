"""Clients that leave, clients that come together, and servers that are stopped."""

from __future__ import annotations

import socket
import threading

import pytest
from gate_clock import GENEROUS, GateClock

from labsupport.provider import Provider, Usage
from labsupport.recorder import race, record
from labsupport.script import Pause, Script
from labsupport.server import Server, serve
from labsupport.wire import Capture, Ending

pytestmark = pytest.mark.usefixtures("no_leaks")

PAUSED = Script("a", "b", "c", Pause(60), "d", "e")


def let_the_server_notice(server: Server) -> None:
    """A connection made after another was closed is answered after that was seen."""
    for _ in range(2):
        assert record(server.url + "/nowhere").status == 404


@pytest.mark.parametrize("leave", ["close", "reset"])
def test_when_the_client_leaves_the_generation_stops(leave: str) -> None:
    clock = GateClock()
    provider = Provider(PAUSED, clock=clock)
    with serve(provider.app) as server:
        capture = record(server.url + "/stream", stop_after_events=3, leave=leave)  # type: ignore[arg-type]
        (usage,) = provider.meter.settle(GENEROUS).requests  # nobody opens the gate
        assert server.log == ['"GET /stream HTTP/1.1" 200']
    assert (capture.ending, len(capture.events)) == (Ending.STOPPED, 3)
    assert usage == Usage("/stream", generated=3, delivered=3, ended="client left")
    assert clock.cancelled == 1


def test_of_a_fast_stream_that_is_left_at_most_one_token_is_wasted() -> None:
    provider = Provider(Script(*["token "] * 20_000))
    with serve(provider.app) as server:
        capture = record(server.url + "/stream", stop_after_events=3)
        (usage,) = provider.meter.settle(GENEROUS).requests
    assert usage.ended == "client left"
    assert len(capture.events) <= usage.delivered <= usage.generated < 20_000
    assert usage.wasted <= 1


def test_a_client_that_stops_reading_stops_the_generation_too() -> None:
    # More than all buffers between here and there can hold.
    provider = Provider(Script(*["x" * 100_000] * 400))
    with serve(provider.app) as server:
        client = socket.create_connection(("127.0.0.1", server.port), timeout=GENEROUS)
        client.sendall(b"GET /stream HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert client.recv(1)
        client.close()  # with bytes unread
        (usage,) = provider.meter.settle(GENEROUS).requests
    assert usage.ended == "client left"
    assert usage.wasted <= 1
    assert usage.generated < 400


def test_a_client_that_leaves_before_the_json_wastes_all_of_it() -> None:
    clock = GateClock()
    provider = Provider(PAUSED, clock=clock)
    with serve(provider.app) as server:
        client = socket.create_connection(("127.0.0.1", server.port), timeout=GENEROUS)
        client.sendall(b"GET /json HTTP/1.1\r\nhost: localhost\r\n\r\n")
        clock.wait_asked()
        client.close()
        (usage,) = provider.meter.settle(GENEROUS).requests
    assert usage == Usage("/json", generated=3, delivered=0, ended="client left")


def test_a_deaf_provider_goes_on_for_nobody() -> None:
    clock = GateClock()
    provider = Provider(PAUSED, deaf=True, clock=clock)
    with serve(provider.app) as server:
        record(server.url + "/stream", stop_after_events=3)
        clock.wait_asked()
        let_the_server_notice(server)
        assert provider.meter.requests == (Usage("/stream", 3, 3, "running"),)
        clock.open()
        (usage,) = provider.meter.settle(GENEROUS).requests
        assert not [line for line in server.log if "Error" in line or "without" in line]
    assert usage == Usage("/stream", generated=5, delivered=3, ended="client left")
    assert repr(provider.meter) == (
        "Meter(1 request: 5 tokens generated, 3 delivered, 2 wasted, $0.000020)"
    )


def test_a_deaf_provider_serves_a_client_that_stays() -> None:
    provider = Provider(Script("a", "b"), deaf=True)
    with serve(provider.app) as server:
        assert record(server.url + "/stream").ending is Ending.CLEAN
    assert provider.meter.requests == (Usage("/stream", 2, 2, "done"),)


def test_clients_are_served_at_the_same_time_and_counted_apart() -> None:
    clock = GateClock()
    provider = Provider(Script("a", Pause(1), "b"), clock=clock)
    with serve(provider.app) as server:
        opener = threading.Thread(target=clock.open, args=(8,))  # when all eight wait together
        opener.start()
        paths = {f"{n}": server.url + ("/stream" if n % 2 else "/json") for n in range(8)}
        captures = race(paths, deadline=GENEROUS)
        opener.join()
        usages = provider.meter.settle(GENEROUS).requests
    assert {capture.ending for capture in captures.values()} == {Ending.CLEAN}
    assert len(usages) == 8
    assert {(u.generated, u.delivered, u.ended) for u in usages} == {(2, 2, "done")}


def test_one_client_leaving_does_not_touch_the_others() -> None:
    clock = GateClock()
    provider = Provider(PAUSED, clock=clock)
    with serve(provider.app) as server:
        stays: list[Capture] = []
        thread = threading.Thread(target=lambda: stays.append(record(server.url + "/stream")))
        thread.start()
        clock.wait_asked()
        record(server.url + "/stream", stop_after_events=3)
        clock.wait_asked(2)
        let_the_server_notice(server)
        assert [usage.ended for usage in provider.meter.requests] == ["running", "client left"]
        clock.open()
        thread.join()
    assert stays[0].ending is Ending.CLEAN
    assert [usage.generated for usage in provider.meter.requests] == [5, 3]


@pytest.mark.parametrize("deaf", [False, True])
def test_a_stopped_server_stops_the_generation_even_of_a_deaf_provider(deaf: bool) -> None:
    clock = GateClock()
    provider = Provider(PAUSED, deaf=deaf, clock=clock)
    with serve(provider.app) as server:
        client = socket.create_connection(("127.0.0.1", server.port), timeout=GENEROUS)
        client.sendall(b"GET /stream HTTP/1.1\r\nhost: localhost\r\n\r\n")
        clock.wait_asked()
    client.close()
    assert provider.meter.requests == (Usage("/stream", 3, 3, "stopped"),)
