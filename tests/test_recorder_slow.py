"""record as a slow reader: what the sender comes to feel, in bytes."""

from __future__ import annotations

import _thread
import itertools
import select
import socket
import threading
from typing import Any

import pytest
from sockets import CHUNKED, GENEROUS, UNTIL_CLOSE, Peer, framed, raw_server

from labsupport.recorder import race, record
from labsupport.wire import Ending

pytestmark = pytest.mark.usefixtures("no_leaks")

BLOCK = 1024
SMALL = 4096
"""A receive window, and a send buffer, of the size of two or three tokens' packets."""


class Sender:
    """Sends blocks until the other side's window, and our buffer, take no more."""

    def __init__(self, most: int) -> None:
        self.most, self.sent, self.refused = most, 0, threading.Event()

    def __call__(self, peer: Peer) -> None:
        peer.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        peer.send(UNTIL_CLOSE)
        peer.connection.setblocking(False)
        while self.sent < self.most:
            try:
                self.sent += peer.connection.send(b"x" * BLOCK)
            except BlockingIOError:
                # Not a moment's jam: nothing goes for as long as nobody reads.
                if not select.select([], [peer.connection], [], 0.3)[1]:
                    self.refused.set()
                    break
        peer.connection.settimeout(GENEROUS)
        peer.wait_closed()


def test_a_sender_is_refused_within_a_few_thousand_bytes_of_a_small_window() -> None:
    sender = Sender(most=4_000_000)
    with raw_server(sender) as url:
        seen = record(
            url,
            stop_after_chunks=1,
            leave="silent",
            stay=2.0,
            receive_window=SMALL,
            max_bytes=64_000,
            deadline=GENEROUS,
        )
        assert sender.refused.wait(GENEROUS)
    assert sender.sent < 64_000
    assert seen.ending is Ending.STOPPED and len(seen.body) < 64_000


def test_without_a_window_the_systems_take_in_more_than_that() -> None:
    """The control of the test above: what it measures is the window."""
    sender = Sender(most=128_000)
    with raw_server(sender) as url:
        record(url, stop_after_chunks=1, leave="silent", stay=2.0, deadline=GENEROUS)
    assert sender.sent >= 64_000


def test_a_window_above_what_a_system_can_count_is_its_largest() -> None:
    with raw_server(lambda peer: peer.send(UNTIL_CLOSE + b"data: x\n\n")) as url:
        assert len(record(url, receive_window=2**40, deadline=GENEROUS).events) == 1


def test_a_sender_is_never_far_ahead_of_a_slow_reader() -> None:
    whole, ahead, read = 1_000_000, [0], 0
    sent = 0

    def play(peer: Peer) -> None:
        nonlocal sent
        peer.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        peer.send(UNTIL_CLOSE)
        while sent < whole:
            peer.send(b"x" * BLOCK)
            sent += BLOCK

    def look(chunk: Any, events: Any) -> None:
        nonlocal read
        read += len(chunk.data)
        ahead.append(sent - read)

    with raw_server(play) as url:
        seen = record(
            url,
            receive_window=SMALL,
            bytes_per_second=2_000_000,
            on_chunk=look,
            deadline=GENEROUS * 3,
        )
    assert (seen.ending, len(seen.body)) == (Ending.CLEAN, sent)
    assert 0 < max(ahead) < 64_000


def test_the_reads_of_a_slow_reader_are_small_and_no_faster_than_it_says() -> None:
    body = bytes(range(256)) * 8
    with raw_server(lambda peer: peer.send(CHUNKED + framed(body) + b"0\r\n\r\n")) as url:
        seen = record(url, bytes_per_second=4000, deadline=GENEROUS)
    assert (seen.ending, seen.body) == (Ending.CLEAN, body)
    assert max(len(one.data) for one in seen.reads) == 400
    before = itertools.accumulate((len(one.data) for one in seen.reads), initial=0)
    for read, earlier in zip(seen.reads, before, strict=False):
        assert read.at - seen.reads[0].at >= earlier / 4000 - 1e-6


def test_a_very_slow_reader_takes_one_byte_at_a_time() -> None:
    with raw_server(lambda peer: peer.send(CHUNKED + framed(b"data: one\n\n"))) as url:
        seen = record(url, bytes_per_second=1.5, stop_after_seconds=1.0, deadline=GENEROUS)
    assert (seen.ending, seen.note) == (Ending.STOPPED, "after 1 s")
    assert 1 <= len(seen.reads) <= 2
    assert {len(one.data) for one in seen.reads} == {1}


def test_a_slow_reader_stops_at_the_event_it_waits_for() -> None:
    events = b"".join(framed(b"data: %d\n\n" % n) for n in range(1000))
    with raw_server(lambda peer: peer.send(CHUNKED + events)) as url:
        seen = record(url, bytes_per_second=2000, stop_after_events=3, deadline=GENEROUS)
    assert seen.ending is Ending.STOPPED and seen.note.startswith("after ")
    assert 3 <= len(seen.events) < 30  # one read has at most 200 bytes


def test_a_deadline_ends_a_pause_between_two_reads() -> None:
    with raw_server(lambda peer: peer.send(CHUNKED)) as url:
        seen = record(url, bytes_per_second=0.001, deadline=0.4)
    assert (seen.ending, len(seen.raw)) == (Ending.TIMED_OUT, 1)
    assert seen.ended_at < GENEROUS


def test_ctrl_c_ends_a_pause_between_two_reads() -> None:
    def play(peer: Peer) -> None:
        peer.send(b"H")
        threading.Timer(0.3, _thread.interrupt_main).start()
        peer.wait_closed()

    with raw_server(play) as url:
        seen = record(url, bytes_per_second=0.001, deadline=GENEROUS * 10)
    assert (seen.ending, seen.note) == (Ending.STOPPED, "interrupted")
    assert seen.raw == b"H" and seen.ended_at < GENEROUS


def test_a_slow_lane_and_a_fast_one_read_the_same_bytes() -> None:
    body = b"data: x\n\n" * 300
    with raw_server(lambda peer: peer.send(CHUNKED + framed(body) + b"0\r\n\r\n")) as url:
        lanes: dict[str, Any] = {"fast": url, "slow": {"url": url, "bytes_per_second": 10_000}}
        seen = race(lanes, receive_window=SMALL, deadline=GENEROUS)
    assert seen["fast"].body == seen["slow"].body == body
    assert seen["slow"].ended_at >= 0.2
    assert len(seen["slow"].reads) > 2
