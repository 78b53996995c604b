"""How an upstream's end, and a client's leaving, pass through a proxy."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable

import pytest
from raw_client import connected, read_until, reset_by
from sockets import CHUNKED, GENEROUS, UNTIL_CLOSE, Peer, framed, raw_server

from labsupport import Ending, record
from labsupport.faults import Buffer, Delay, Fault, Merge, Split, Stall
from labsupport.proxy import Proxy

pytestmark = pytest.mark.usefixtures("no_leaks")
GET = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"
SIZED = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"
EVENT = b"data: x\n\n"


def silent(peer: Peer) -> str:
    peer.send(CHUNKED + framed(b"data: held"))
    return peer.wait_closed()


def dead(peer: Peer) -> str:
    return peer.wait_closed()


def endless(peer: Peer) -> None:
    peer.send(CHUNKED)
    while True:  # until sending fails
        peer.send(framed(EVENT * 100))


def half_close(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("fault", [Split(100), Buffer(None), Merge(60), Delay(0.01)], ids=repr)
@pytest.mark.parametrize(
    "answer",
    [
        CHUNKED + framed(b"one") + framed(b"two"),
        CHUNKED + framed(b"one") + b"6\r\ntwo",
        CHUNKED + framed(b"onetwo") + b"not hex\r\n",
        SIZED + b"onetwo",
    ],
)
def test_an_upstream_that_breaks_off_is_truncated_with_every_byte_that_came(
    answer: bytes, fault: Fault
) -> None:
    with raw_server(lambda peer: peer.send(answer)) as url, Proxy(url, fault) as proxy:
        seen = record(proxy.url)
        assert "truncated: the upstream's body broke off" in proxy.log[0]
    assert (seen.body, seen.ending) == (b"onetwo", Ending.TRUNCATED)


def test_an_upstream_that_ends_by_closing_gets_a_clean_end_forged() -> None:
    with raw_server(lambda peer: peer.send(UNTIL_CLOSE + b"half of i")) as url:
        assert record(url).framing == "until close"
        with Proxy(url) as proxy:
            seen = record(proxy.url)
    assert (seen.framing, seen.ending) == ("chunked", Ending.CLEAN)


@pytest.mark.parametrize("head", [CHUNKED, UNTIL_CLOSE, SIZED], ids=["chunked", "close", "sized"])
def test_an_upstream_that_resets_is_truncated_and_not_reset(head: bytes) -> None:
    gone = threading.Event()

    def play(peer: Peer) -> None:
        peer.send(head + (framed(b"one") if head is CHUNKED else b"one"))
        assert gone.wait(GENEROUS)
        peer.reset()

    with raw_server(play) as url, Proxy(url) as proxy, connected(proxy.url, GET) as connection:
        got = read_until(connection, b"one")
        gone.set()
        got += b"".join(iter(lambda: connection.recv(65536), b""))  # an RST would raise here
        assert "truncated: the upstream's connection broke" in proxy.log[0]
    assert b"0\r\n\r\n" not in got


def test_bytes_held_by_a_buffer_are_lost_when_the_upstream_resets() -> None:
    seen_by_proxy = threading.Event()

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + framed(b"held"))
        assert seen_by_proxy.wait(GENEROUS)
        peer.reset()

    with raw_server(play) as url, Proxy(url, Buffer(None)) as proxy:
        with connected(proxy.url, GET) as connection:
            head = read_until(connection, b"\r\n\r\n")
            seen_by_proxy.set()
            rest = b"".join(iter(lambda: connection.recv(65536), b""))
    assert head.startswith(b"HTTP/1.1 200") and rest == b""


@pytest.mark.parametrize("leave", [socket.socket.close, reset_by, half_close])
@pytest.mark.parametrize("fault", [None, Split(100), Buffer(None), Merge(60), Delay(60), Stall(0)])
@pytest.mark.parametrize("upstream", [silent, dead], ids=["silent", "without an answer"])
def test_a_client_that_leaves_closes_the_upstream_while_nothing_comes(
    upstream: Callable[[Peer], str],
    fault: Fault | None,
    leave: Callable[[socket.socket], None],
) -> None:
    came: queue.Queue[None] = queue.Queue()
    noticed: queue.Queue[str] = queue.Queue()

    def play(peer: Peer) -> None:
        came.put(None)
        noticed.put(upstream(peer))

    with raw_server(play) as url, Proxy(url, *([fault] if fault else [])) as proxy:
        with connected(proxy.url, GET) as connection:
            came.get(timeout=GENEROUS)
            leave(connection)
            assert noticed.get(timeout=GENEROUS) == "close"
        assert [line.endswith("the client left") for line in proxy.log] == [True]


@pytest.mark.parametrize("fault", [Split(100), Buffer(4096), Merge(0.01), Delay(0.01)], ids=repr)
def test_a_client_that_leaves_in_the_middle_closes_the_upstream(fault: Fault) -> None:
    noticed: queue.Queue[None] = queue.Queue()

    def play(peer: Peer) -> None:
        try:
            endless(peer)
        except OSError:
            noticed.put(None)

    with raw_server(play) as url, Proxy(url, fault) as proxy:
        assert record(proxy.url, stop_after_events=3).ending is Ending.STOPPED
        noticed.get(timeout=GENEROUS)


def test_a_client_that_leaves_in_the_middle_of_its_request_closes_the_upstream() -> None:
    noticed: queue.Queue[str] = queue.Queue()
    head = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\n12345"
    with raw_server(lambda peer: noticed.put(peer.wait_closed()), read=False) as url:
        with Proxy(url) as proxy:
            with connected(proxy.url, head):
                pass
            noticed.get(timeout=GENEROUS)


@pytest.mark.parametrize("faults", [(), (Split(4096),), (Delay(0.0),)], ids=repr)
def test_a_client_that_does_not_read_slows_the_upstream_down(faults: tuple[Fault, ...]) -> None:
    """What is held on the way is bounded: the upstream cannot send all of 200 MB."""
    sent, stuck = 0, threading.Event()

    def play(peer: Peer) -> None:
        nonlocal sent
        peer.connection.settimeout(0.5)
        peer.send(CHUNKED)
        try:
            while sent < 200_000_000:
                peer.send(framed(b"x" * 65536))
                sent += 65536
        except TimeoutError:
            stuck.set()

    with raw_server(play) as url, Proxy(url, *faults) as proxy, connected(proxy.url, GET):
        assert stuck.wait(GENEROUS)
    assert 0 < sent < 50_000_000
