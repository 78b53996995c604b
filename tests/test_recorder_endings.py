"""record: the five endings, over real sockets, for each way to frame a body."""

from __future__ import annotations

import gzip
import threading
import zlib

import pytest
from sockets import CHUNKED, GENEROUS, HEAD, UNTIL_CLOSE, Peer, framed, raw_server

from labsupport.recorder import record
from labsupport.wire import Ending

pytestmark = pytest.mark.usefixtures("no_leaks")

EVENT = b"data: one\n\n"
LENGTH = HEAD + b"content-length: 22\r\n\r\n"

STARTS = {
    "chunked": CHUNKED + framed(EVENT),
    "content-length": LENGTH + EVENT,
    "until close": UNTIL_CLOSE + EVENT,
}
ENDS = {"chunked": framed(EVENT) + b"0\r\n\r\n", "content-length": EVENT, "until close": EVENT}
FRAMINGS = pytest.mark.parametrize("framing", STARTS)


@FRAMINGS
def test_a_message_that_ends_as_it_said_is_clean(framing: str) -> None:
    with raw_server(lambda peer: peer.send(STARTS[framing] + ENDS[framing])) as url:
        seen = record(url)
    assert (seen.ending, seen.framing, seen.body) == (Ending.CLEAN, framing, EVENT * 2)
    assert [event.data for event in seen.events] == ["one", "one"]


@pytest.mark.parametrize("framing", ["chunked", "content-length"])
def test_a_framed_message_is_clean_while_the_connection_stays_open(framing: str) -> None:
    seen_whole = threading.Event()

    def play(peer: Peer) -> None:
        peer.send(STARTS[framing] + ENDS[framing])
        assert seen_whole.wait(GENEROUS)

    with raw_server(play) as url:
        seen = record(url, deadline=GENEROUS)
        seen_whole.set()
    assert (seen.ending, seen.note) == (Ending.CLEAN, "")


@pytest.mark.parametrize(
    ("framing", "note"),
    [
        ("chunked", "closed after 11 body bytes, before the last chunk"),
        ("content-length", "closed after 11 body bytes of 22"),
    ],
)
def test_a_framed_message_that_is_closed_early_is_truncated(framing: str, note: str) -> None:
    with raw_server(lambda peer: peer.send(STARTS[framing])) as url:
        seen = record(url)
    assert (seen.ending, seen.note, seen.body) == (Ending.TRUNCATED, note, EVENT)


def test_a_message_framed_by_closing_looks_clean_wherever_it_is_cut_and_the_note_says_so() -> None:
    with raw_server(lambda peer: peer.send(UNTIL_CLOSE + b"data: half an ev")) as url:
        seen = record(url)
    assert seen.ending is Ending.CLEAN
    assert seen.note == "no length was promised: a cut would look the same"
    assert seen.events == []


@FRAMINGS
def test_a_reset_is_told_from_a_close(framing: str) -> None:
    shown = threading.Event()

    def play(peer: Peer) -> None:
        peer.send(STARTS[framing])
        assert shown.wait(GENEROUS)  # RST may throw away what was not read yet
        peer.reset()

    with raw_server(play) as url:
        seen = record(url, on_chunk=lambda chunk, events: shown.set())
    assert (seen.ending, seen.body) == (Ending.RESET, EVENT)
    assert seen.note.startswith("reset after 11 body bytes")


@FRAMINGS
def test_a_deadline_returns_what_was_seen(framing: str) -> None:
    done = threading.Event()

    def play(peer: Peer) -> None:
        peer.send(STARTS[framing])
        done.wait(GENEROUS)

    with raw_server(play) as url:
        seen = record(url, deadline=0.5)
        done.set()
    assert (seen.ending, seen.body) == (Ending.TIMED_OUT, EVENT)
    assert seen.note == "the deadline of 0.5 s passed"
    assert seen.ended_at >= seen.chunks[-1].at


@FRAMINGS
def test_leaving_is_seen_as_a_close_by_the_server(framing: str) -> None:
    left: list[str] = []

    def play(peer: Peer) -> None:
        peer.send(STARTS[framing])
        left.append(peer.wait_closed())

    with raw_server(play) as url:
        seen = record(url, stop_after_events=1)
    assert (seen.ending, seen.note, seen.body) == (Ending.STOPPED, "after 1 event", EVENT)
    assert left == ["close"]


def test_leaving_by_reset_is_seen_as_a_reset_by_the_server() -> None:
    left: list[str] = []

    def play(peer: Peer) -> None:
        peer.send(STARTS["chunked"])
        left.append(peer.wait_closed())

    with raw_server(play) as url:
        assert record(url, stop_after_chunks=1, leave="reset").ending is Ending.STOPPED
    assert left == ["reset"]


@pytest.mark.parametrize(
    ("sent", "note"),
    [(b"", "closed before the first byte of a response"), (HEAD, "closed inside the head")],
)
def test_a_server_that_dies_before_the_end_of_its_head_is_truncated(sent: bytes, note: str) -> None:
    with raw_server(lambda peer: peer.send(sent)) as url:
        seen = record(url)
    assert (seen.ending, seen.note, seen.status) == (Ending.TRUNCATED, note, None)
    assert seen.raw == sent


def test_a_server_that_resets_before_its_head_is_reset() -> None:
    with raw_server(Peer.reset) as url:
        seen = record(url)
    assert (seen.ending, seen.status) == (Ending.RESET, None)
    assert seen.note == "reset before the first byte of a response"


def test_a_deadline_before_any_head_returns_an_empty_capture() -> None:
    with raw_server(Peer.wait_closed) as url:
        seen = record(url, deadline=0.3)
    assert (seen.ending, seen.status, seen.reads) == (Ending.TIMED_OUT, None, ())


def test_a_deadline_also_ends_a_server_that_never_pauses() -> None:
    def flood(peer: Peer) -> None:
        peer.send(UNTIL_CLOSE)
        while True:
            peer.send(b"data: more\n\n" * 1000)

    with raw_server(flood) as url:
        seen = record(url, deadline=0.3, max_bytes=1 << 40)
    assert seen.ending is Ending.TIMED_OUT


def test_a_request_that_the_server_does_not_read_meets_the_deadline_too() -> None:
    done = threading.Event()
    with raw_server(lambda peer: done.wait(GENEROUS), read=False) as url:
        seen = record(url, body=b"x" * 50_000_000, deadline=0.5)
        done.set()
    assert (seen.ending, seen.reads) == (Ending.TIMED_OUT, ())
    assert seen.note.endswith(", perhaps before the request was whole")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compressed_stream_is_noted_and_its_events_are_read(coding: str) -> None:
    pack = gzip.compress if coding == "gzip" else zlib.compress
    body = pack(EVENT * 2)
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\ncontent-encoding: %s\r\n\r\n" % coding.encode())
    seen_live: list[str] = []
    with raw_server(lambda peer: peer.send(head + framed(body) + b"0\r\n\r\n")) as url:
        seen = record(url, on_chunk=lambda _, events: seen_live.extend(e.data for e in events))
    assert (seen.ending, seen.encoding, seen.body) == (Ending.CLEAN, coding, body)
    assert seen.note == f"the body is {coding}: chunks are compressed, events are not"
    assert [event.data for event in seen.events] == seen_live == ["one", "one"]


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_a_body_is_clean_at_its_head(status: str) -> None:
    def play(peer: Peer) -> None:
        peer.send(f"HTTP/1.1 {status}\r\n\r\n".encode())
        peer.wait_closed()

    with raw_server(play) as url:
        seen = record(url)
    assert (seen.ending, seen.framing, seen.body) == (Ending.CLEAN, "none", b"")


def test_bytes_after_the_message_are_noted() -> None:
    with raw_server(lambda peer: peer.send(LENGTH + EVENT * 2 + b"HTTP/1.1 ")) as url:
        seen = record(url)
    assert (seen.ending, seen.note) == (Ending.CLEAN, "9 bytes followed the end")
