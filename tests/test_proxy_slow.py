"""A proxy between a fast upstream and a slow reader: bounded in memory, and every byte arrives."""

from __future__ import annotations

import gc
import hashlib
import random
import select
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from raw_client import read_until
from sockets import CHUNKED, GENEROUS, Peer, framed, raw_server

from labsupport import Ending, record
from labsupport.faults import Buffer, Delay, Fault, Merge, Split
from labsupport.proxy import Proxy

pytestmark = pytest.mark.usefixtures("no_leaks")

GET = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"
MEGABYTE = 1_000_000
SMALL = 4096
KERNELS = 20 * MEGABYTE
"""More than systems hold between an upstream and a client: two connections' buffers."""
PATHS: list[tuple[Fault, ...]] = [(), (Split(4096),), (Buffer(8192),), (Delay(0.01),)]


@contextmanager
def narrow(url: str) -> Iterator[socket.socket]:
    """A connection that takes in some 4 kB ahead of its reader."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        connection.settimeout(GENEROUS)
        connection.connect(("127.0.0.1", int(url.rpartition(":")[2])))
        yield connection


def send_until_stuck(peer: Peer, most: int) -> int:
    """How many bytes the other side, and the systems between, take in."""
    connection, sent = peer.connection, 0
    block = framed(b"x" * 16384)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    connection.setblocking(False)
    left = memoryview(block)
    try:
        while sent < most:
            if not select.select([], [connection], [], 0.5)[1]:
                return sent
            done = connection.send(left)
            sent += done
            left = left[done:] or memoryview(block)
        return sent
    finally:
        connection.settimeout(GENEROUS)


@pytest.mark.parametrize("faults", PATHS, ids=repr)
def test_what_a_client_does_not_read_is_not_piled_up_in_the_proxy(
    faults: tuple[Fault, ...],
) -> None:
    """The upstream's send blocks, and the proxy's own memory stays under 3 MB meanwhile."""
    stuck, sent = threading.Event(), 0

    def play(peer: Peer) -> None:
        nonlocal sent
        peer.send(CHUNKED)
        sent = send_until_stuck(peer, most=100 * MEGABYTE)
        stuck.set()

    with raw_server(play) as url, Proxy(url, *faults) as proxy:
        with narrow(proxy.url) as connection:
            gc.collect()
            tracemalloc.start()
            try:
                connection.sendall(GET)
                assert stuck.wait(GENEROUS)
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
    assert MEGABYTE // 100 < sent < KERNELS
    assert peak < 3 * MEGABYTE


@pytest.mark.parametrize("faults", PATHS, ids=repr)
def test_a_slow_reader_gets_every_byte_in_order(faults: tuple[Fault, ...]) -> None:
    given, taken = hashlib.sha256(), hashlib.sha256()
    blocks = random.Random(7)

    def play(peer: Peer) -> None:
        peer.send(CHUNKED)
        for _ in range(100):
            block = blocks.randbytes(80_000)
            given.update(block)
            peer.send(framed(block))
        peer.send(b"0\r\n\r\n")

    with raw_server(play) as url, Proxy(url, *faults) as proxy:
        seen = record(
            proxy.url,
            receive_window=16_384,
            bytes_per_second=20 * MEGABYTE,
            on_chunk=lambda chunk, events: taken.update(chunk.data),
            deadline=GENEROUS * 3,
        )
    assert (seen.ending, len(seen.body)) == (Ending.CLEAN, 8 * MEGABYTE)
    assert seen.ended_at >= 0.3  # no faster than it said
    assert given.digest() == taken.digest()


@pytest.mark.parametrize("faults", [(), (Split(7000),), (Merge(0.05),)], ids=repr)
def test_a_slow_reader_gets_all_that_came_before_its_upstream_broke_off(
    faults: tuple[Fault, ...],
) -> None:
    """The end does not overtake the bytes: what lies unread in the way is not thrown away."""
    body = random.Random(3).randbytes(400_000)
    gone = threading.Event()

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + b"%x\r\n" % (len(body) + 1) + body)  # one byte is missing
        gone.set()

    with raw_server(play) as url, Proxy(url, *faults) as proxy:
        with narrow(proxy.url) as connection:
            connection.sendall(GET)
            assert gone.wait(GENEROUS)  # the upstream is through before the first byte is read
            got = read_until(connection, b"\r\n\r\n")
            while data := connection.recv(5000):
                got += data
    assert unframed(got.partition(b"\r\n\r\n")[2]) == body
    assert not got.endswith(b"0\r\n\r\n")


def unframed(data: bytes) -> bytes:
    """The body of a chunked message that has no end."""
    body = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        body, data = body + data[: int(size, 16)], data[int(size, 16) + 2 :]
    return body


def test_one_slow_reader_does_not_hold_up_another_client() -> None:
    """The slow one is stuck for good; the other gets its whole answer meanwhile."""
    stuck = threading.Event()

    def play(peer: Peer) -> None:
        peer.send(CHUNKED)
        if b"/slow" in peer.request:
            send_until_stuck(peer, most=100 * MEGABYTE)
            stuck.set()
            peer.wait_closed()
        else:
            peer.send(framed(b"data: quick\n\n") * 100 + b"0\r\n\r\n")

    with raw_server(play) as url, Proxy(url) as proxy:
        with narrow(proxy.url) as connection:
            connection.sendall(GET.replace(b"/ ", b"/slow "))
            assert stuck.wait(GENEROUS)
            for _ in range(5):
                seen = record(proxy.url, deadline=GENEROUS)
                assert (seen.ending, len(seen.events)) == (Ending.CLEAN, 100)
