"""race: several recordings at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sockets import CHUNKED, GENEROUS, Peer, closed_port, framed, raw_server

from labsupport.errors import ConnectError, NotAStream, UsageError
from labsupport.recorder import race
from labsupport.wire import Ending

pytestmark = pytest.mark.usefixtures("no_leaks")


def two_events(peer: Peer) -> None:
    peer.send(CHUNKED + framed(b"data: a\n\n") + framed(b"data: b\n\n") + b"0\r\n\r\n")


def test_the_lanes_come_back_by_name_in_the_order_they_were_given() -> None:
    with raw_server(two_events) as url:
        captures = race({"slow": url, "fast": url + "fast"})
    assert [(name, seen.url) for name, seen in captures.items()] == [
        ("slow", url),
        ("fast", url + "fast"),
    ]
    assert all(seen.ending is Ending.CLEAN and len(seen.events) == 2 for seen in captures.values())


def test_the_lanes_are_open_at_the_same_time() -> None:
    together = threading.Barrier(3)

    def play(peer: Peer) -> None:
        together.wait(GENEROUS)  # passes only if three requests are here at once
        two_events(peer)

    with raw_server(play) as url:
        captures = race(dict.fromkeys("abc", url), deadline=GENEROUS)
    assert [len(seen.events) for seen in captures.values()] == [2, 2, 2]


def test_a_lane_may_have_options_of_its_own_over_the_common_ones() -> None:
    got: dict[str, bytes] = {}

    def play(peer: Peer) -> None:
        got[peer.request.split(b" ")[1].decode()] = peer.request
        two_events(peer)

    with raw_server(play) as url:
        lanes = {"plain": url, "json": {"url": url + "json", "json": [1], "headers": {"x": "2"}}}
        race(lanes, headers={"x": "1"})
    assert b"\r\nx: 1\r\n" in got["/"]
    assert got["/json"].startswith(b"POST ") and b"\r\nx: 2\r\n" in got["/json"]


def test_on_chunk_runs_in_the_calling_thread_with_the_name_of_the_lane() -> None:
    shown: list[tuple[str, str, int]] = []

    def show(name: str, chunk: Any, events: Any) -> None:
        shown.append((name, threading.current_thread().name, len(events)))

    with raw_server(two_events) as url:
        race({"a": url, "b": url}, on_chunk=show)
    assert {thread for _, thread, _ in shown} == {threading.current_thread().name}
    assert {name: sum(n for lane, _, n in shown if lane == name) for name in "ab"} == {
        "a": 2,
        "b": 2,
    }


def test_a_lane_that_fails_stops_the_others_and_is_named() -> None:
    with raw_server(Peer.wait_closed) as url:
        with pytest.raises(ConnectError, match="a refused connection") as caught:
            race({"good": url, "bad": f"http://127.0.0.1:{closed_port()}/"}, deadline=GENEROUS)
    assert caught.value.__notes__ == ["in lane 'bad'"]


def test_what_on_chunk_raises_stops_all_lanes() -> None:
    def fail(name: str, chunk: Any, events: Any) -> None:
        raise LookupError("mine")

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + framed(b"data: a\n\n"))
        peer.wait_closed()

    with raw_server(play) as url:
        with pytest.raises(LookupError, match="mine"):
            race({"a": url, "b": url}, on_chunk=fail, deadline=GENEROUS)


def test_a_lane_that_is_no_stream_raises_when_events_are_counted() -> None:
    plain = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
    with raw_server(lambda peer: peer.send(plain)) as url:
        with pytest.raises(NotAStream, match="got status 404"):
            race({"a": url}, stop_after_events=1)


def test_an_option_that_record_does_not_have_is_refused() -> None:
    with pytest.raises(UsageError, match="expected lane 'a' to have options .*'timeout'"):
        race({"a": "http://127.0.0.1:1/"}, timeout=3)


def test_a_race_without_lanes_has_no_captures() -> None:
    assert race({}) == {}
