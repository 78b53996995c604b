"""record and race under Ctrl-C: it means "enough", and what was seen comes back.

`interrupt_main` does what Ctrl-C does on Windows: it wakes no system call, so these tests pass
only if every wait is short.
"""

from __future__ import annotations

import _thread
import socket
import threading
from typing import Any

import pytest
from sockets import CHUNKED, GENEROUS, Peer, framed, raw_server

from labsupport.recorder import race, record
from labsupport.wire import Capture, Ending

pytestmark = pytest.mark.usefixtures("no_leaks")


def one_then_silence(peer: Peer) -> None:
    peer.send(CHUNKED + framed(b"data: one\n\n"))
    peer.wait_closed()


def silence_then_interrupt(peer: Peer) -> None:
    _thread.interrupt_main()
    peer.wait_closed()


def interrupted(capture: Capture) -> bool:
    return capture.ending is Ending.STOPPED and capture.note.startswith("interrupted")


def test_ctrl_c_in_a_silent_stream_returns_what_was_seen() -> None:
    shown = threading.Event()

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + framed(b"data: one\n\n"))
        assert shown.wait(GENEROUS)
        silence_then_interrupt(peer)

    with raw_server(play) as url:
        capture = record(url, on_chunk=lambda chunk, events: shown.set(), deadline=GENEROUS)
    assert interrupted(capture)
    assert [event.data for event in capture.events] == ["one"]


def test_ctrl_c_before_any_answer_returns_an_empty_capture() -> None:
    with raw_server(silence_then_interrupt) as url:
        capture = record(url, deadline=GENEROUS)
    assert interrupted(capture) and capture.reads == ()


def test_ctrl_c_in_the_callback_returns_what_was_seen() -> None:
    def enough(chunk: Any, events: Any) -> None:
        raise KeyboardInterrupt

    with raw_server(one_then_silence) as url:
        capture = record(url, on_chunk=enough, deadline=GENEROUS)
    assert interrupted(capture) and len(capture.events) == 1


def test_ctrl_c_while_connecting_returns_a_capture_of_nothing_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = threading.Event()

    def stuck(*arguments: Any, **more: Any) -> Any:
        _thread.interrupt_main()
        release.wait(GENEROUS)
        raise OSError("never")

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    capture = record("http://kitchen.invalid/", deadline=GENEROUS)
    release.set()
    assert capture.ending is Ending.STOPPED
    assert capture.note == "interrupted: nothing was sent"


def test_ctrl_c_stops_every_lane_of_a_race() -> None:
    names: set[str] = set()

    def show(name: str, chunk: Any, events: Any) -> None:
        names.add(name)
        if len(names) == 3:
            _thread.interrupt_main()

    with raw_server(one_then_silence) as url:
        captures = race(dict.fromkeys("abc", url), on_chunk=show, deadline=GENEROUS)
    assert list(captures) == ["a", "b", "c"]
    assert all(interrupted(one) and len(one.events) == 1 for one in captures.values())
