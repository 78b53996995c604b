"""Transport truth on both sides of a proxy without faults: what ends, where, and who sees it."""

from __future__ import annotations

import queue
import socket
import threading
import time
from typing import Any, Literal

import pytest
from raw_client import connected, read_all, read_until
from sockets import CHUNKED, GENEROUS, HEAD, UNTIL_CLOSE, Peer, framed, raw_server

from labsupport import Ending, record
from labsupport.proxy import Proxy

pytestmark = pytest.mark.usefixtures("no_leaks")

ONE, TWO, LAST = framed(b"data: one\n\n"), framed(b"data: two\n\n"), b"0\r\n\r\n"
BODY = b"data: one\n\ndata: two\n\n"
ANSWERS = {
    "chunked": (CHUNKED, ONE + TWO + LAST),
    "sized": (HEAD + b"content-length: %d\r\n\r\n" % len(BODY), BODY),
    "until close": (UNTIL_CLOSE, BODY),
}
Way = Literal["close", "reset", "half-close", "silent"]


def promptly(connection: socket.socket) -> None:
    """Send each write as a segment of its own, without waiting for company (Nagle)."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def body_before(framing: str, cut: int) -> bytes:
    """The body bytes among the first `cut` bytes after the head."""
    if framing != "chunked":
        return BODY[:cut]
    at, body = 0, b""
    for data in (BODY[:11], BODY[11:]):
        at += len(b"%x\r\n" % len(data))
        body += data[: max(0, cut - at)]
        at += len(data) + 2
    return body


@pytest.mark.parametrize("framing", ANSWERS)
def test_an_upstream_that_ends_at_any_byte_is_told_from_one_that_is_whole(framing: str) -> None:
    head, rest = ANSWERS[framing]

    def play(peer: Peer) -> None:
        peer.send(head + rest[: int(peer.request.split(b" ")[1][1:])])

    with raw_server(play) as url, Proxy(url) as proxy:
        for cut in range(len(rest) + 1):
            seen = record(f"{proxy.url}/{cut}", deadline=GENEROUS)
            whole = cut == len(rest) or framing == "until close"
            assert seen.ending is (Ending.CLEAN if whole else Ending.TRUNCATED), cut
            assert seen.body == body_before(framing, cut), cut


@pytest.mark.parametrize("cut", [len(ONE), len(ONE) + 1, len(ONE) + 9, len(ONE + TWO) - 1])
def test_an_upstream_that_resets_in_or_between_chunks_is_truncated_there(cut: int) -> None:
    due = body_before("chunked", cut)
    arrived = threading.Event()
    got = b""

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + (ONE + TWO)[:cut])
        assert arrived.wait(GENEROUS)  # a reset may throw away what the proxy has not read
        peer.reset()

    def look(chunk: Any, events: Any) -> None:
        nonlocal got
        got += chunk.data
        if got == due:
            arrived.set()

    with raw_server(play) as url, Proxy(url) as proxy:
        seen = record(proxy.url, on_chunk=look, deadline=GENEROUS)
    assert (seen.ending, seen.body) == (Ending.TRUNCATED, due)


def test_an_answer_that_is_whole_is_over_though_its_upstream_keeps_the_connection() -> None:
    saw: queue.Queue[str] = queue.Queue()

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + ONE + TWO + LAST)
        saw.put(peer.wait_closed())

    with raw_server(play) as url, Proxy(url) as proxy:
        seen = record(proxy.url, deadline=GENEROUS)
        assert (seen.ending, seen.body) == (Ending.CLEAN, BODY)
        assert saw.get(timeout=GENEROUS) == "close"


def test_a_chunk_dribbled_byte_by_byte_arrives_byte_by_byte_at_once() -> None:
    """Each byte of the body is with the client before the upstream sends the next one."""
    arrived: queue.Queue[bytes] = queue.Queue()

    def play(peer: Peer) -> None:
        promptly(peer.connection)
        for byte in CHUNKED:
            peer.send(bytes([byte]))
        for data in (BODY[:11], BODY[11:]):
            for byte in b"%x\r\n" % len(data):
                peer.send(bytes([byte]))
            for byte in data:
                peer.send(bytes([byte]))
                assert arrived.get(timeout=GENEROUS) == bytes([byte])
            for byte in b"\r\n":
                peer.send(bytes([byte]))
        for byte in LAST:
            peer.send(bytes([byte]))

    with raw_server(play) as url, Proxy(url) as proxy:
        seen = record(proxy.url, on_chunk=lambda chunk, _: arrived.put(chunk.data))
    assert (seen.ending, seen.body) == (Ending.CLEAN, BODY)
    assert [chunk.data for chunk in seen.chunks] == [bytes([byte]) for byte in BODY]
    assert [event.data for event in seen.events] == ["one", "two"]


def test_bytes_that_frame_a_chunk_and_are_no_part_of_it_are_not_waited_for() -> None:
    """The event is with the client though the line that ends its chunk never comes."""

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + ONE.removesuffix(b"\r\n"))
        peer.wait_closed()

    with raw_server(play) as url, Proxy(url) as proxy:
        seen = record(proxy.url, stop_after_events=1, deadline=GENEROUS)
    assert (seen.ending, seen.body) == (Ending.STOPPED, BODY[:11])


def test_a_request_dribbled_byte_by_byte_arrives_upstream_whole() -> None:
    got: list[bytes] = []

    def play(peer: Peer) -> None:
        got.append(peer.request)
        peer.send(UNTIL_CLOSE)

    asked = b"POST /x HTTP/1.1\r\nhost: h\r\nx-own: 1\r\ncontent-length: 4\r\n\r\nbody"
    with raw_server(play) as url, Proxy(url) as proxy:
        with connected(proxy.url, b"") as connection:
            promptly(connection)
            for byte in asked:
                connection.sendall(bytes([byte]))
            assert read_all(connection).startswith(b"HTTP/1.1 200")
    assert got[0].startswith(b"POST /x HTTP/1.1\r\n") and got[0].endswith(b"\r\n\r\nbody")
    assert b"\r\nx-own: 1\r\n" in got[0]


@pytest.mark.parametrize("way", ["close", "reset", "half-close"])
def test_a_client_that_leaves_in_any_way_is_a_close_to_the_upstream_at_once(way: Way) -> None:
    """At once: the upstream sends nothing that could have failed. A reset is not passed on."""
    saw: queue.Queue[str] = queue.Queue()

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + ONE)
        saw.put(peer.wait_closed())

    with raw_server(play) as url, Proxy(url) as proxy:
        seen = record(proxy.url, stop_after_events=1, leave=way, deadline=GENEROUS)
        assert saw.get(timeout=GENEROUS) == "close"
        assert proxy.log == ["GET / 200: 11 bytes in 1 chunk, the client left"]
    ending = Ending.TRUNCATED if way == "half-close" else Ending.STOPPED
    assert (seen.ending, seen.body) == (ending, BODY[:11])


def test_a_silent_client_is_not_noticed_until_it_is_gone() -> None:
    saw: queue.Queue[tuple[str, float]] = queue.Queue()

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + ONE)
        began = time.monotonic()
        saw.put((peer.wait_closed(), time.monotonic() - began))

    with raw_server(play) as url, Proxy(url) as proxy:
        record(proxy.url, stop_after_events=1, leave="silent", stay=0.4, deadline=GENEROUS)
        how, after = saw.get(timeout=GENEROUS)
    assert how == "close" and after >= 0.4


@pytest.mark.parametrize("way", ["close", "reset", "half-close", "silent"])
def test_a_client_that_leaves_with_data_on_the_way_ends_a_busy_upstream(way: Way) -> None:
    """An upstream in the middle of sending gets an error from its own send."""
    failed: queue.Queue[OSError] = queue.Queue()

    def play(peer: Peer) -> None:
        peer.send(CHUNKED)
        try:
            while True:
                peer.send(framed(b": more\n\n" * 500))
        except OSError as error:
            failed.put(error)

    with raw_server(play) as url, Proxy(url) as proxy:
        seen = record(
            proxy.url,
            stop_after_chunks=2,
            leave=way,
            stay=0.5,
            receive_window=4096,
            deadline=GENEROUS,
        )
        assert isinstance(failed.get(timeout=GENEROUS), ConnectionError)
    assert seen.body == (b": more\n\n" * (len(seen.body) // 8 + 1))[: len(seen.body)]
    assert seen.ending is (Ending.TRUNCATED if way == "half-close" else Ending.STOPPED)


def test_an_upstream_that_dies_before_its_head_leaves_the_client_an_answer() -> None:
    with raw_server(lambda peer: peer.send(CHUNKED[:-5])) as url, Proxy(url) as proxy:
        with connected(proxy.url, b"GET / HTTP/1.1\r\nhost: h\r\n\r\n") as connection:
            assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 502 ")
