"""record: the ways of leaving, seen by the server that is left."""

from __future__ import annotations

import _thread
import threading
import time
from typing import Any

import pytest
from sockets import CHUNKED, GENEROUS, Peer, framed, raw_server

import labsupport._recording
from labsupport._leaving import stay_silent, stop_sending
from labsupport.errors import UsageError
from labsupport.recorder import race, record
from labsupport.wire import Capture, Ending

pytestmark = pytest.mark.usefixtures("no_leaks")

ONE, TWO, LAST = framed(b"data: one\n\n"), framed(b"data: two\n\n"), b"0\r\n\r\n"


class Witness:
    """A server that sends one event, then does `then(peer)`, and keeps what it saw."""

    def __init__(self, then: Any = None) -> None:
        self.then, self.saw = then, ""

    def __call__(self, peer: Peer) -> None:
        peer.send(CHUNKED + ONE)
        self.saw = peer.wait_closed()
        if self.then:
            self.then(peer)


def left(witness: Any, **options: Any) -> Capture:
    """The capture of a client that leaves after one event."""
    with raw_server(witness) as url:
        return record(url, stop_after_events=1, **{"deadline": GENEROUS, **options})


def words(capture: Capture) -> list[str]:
    return [event.data for event in capture.events]


def test_a_half_close_is_a_fin_to_the_server_and_what_it_still_sends_is_recorded() -> None:
    witness = Witness(lambda peer: peer.send(TWO + LAST))
    seen = left(witness, leave="half-close")
    assert witness.saw == "close"
    assert (seen.ending, seen.note) == (Ending.CLEAN, "half-close after 1 event")
    assert words(seen) == ["one", "two"]


def test_events_after_a_half_close_reach_on_chunk_too() -> None:
    shown: list[str] = []
    witness = Witness(lambda peer: peer.send(TWO + LAST))
    left(
        witness, leave="half-close", on_chunk=lambda _, events: shown.extend(e.data for e in events)
    )
    assert shown == ["one", "two"]


def test_a_server_that_takes_a_half_close_for_leaving_truncates() -> None:
    seen = left(Witness(), leave="half-close")
    assert seen.ending is Ending.TRUNCATED
    assert seen.note == (
        "half-close after 1 event; closed after 11 body bytes, before the last chunk"
    )


def test_a_server_that_answers_a_half_close_with_a_reset_is_reset() -> None:
    seen = left(Witness(Peer.reset), leave="half-close")
    assert seen.ending is Ending.RESET
    assert seen.note.startswith("half-close after 1 event; reset after 11 body bytes")


def test_a_server_that_goes_on_after_a_half_close_meets_the_deadline() -> None:
    done = threading.Event()
    with raw_server(Witness(lambda peer: done.wait(GENEROUS))) as url:
        seen = record(url, stop_after_events=1, leave="half-close", deadline=0.5)
        done.set()
    assert seen.ending is Ending.TIMED_OUT
    assert seen.note == "half-close after 1 event; the deadline of 0.5 s passed"


def test_stay_bounds_a_half_close_and_then_the_connection_is_closed() -> None:
    said: list[type[BaseException]] = []

    def go_on(peer: Peer) -> None:
        try:
            while True:
                peer.send(framed(b": still here\n\n"))
                time.sleep(0.01)
        except ConnectionError as error:
            said.append(type(error))

    seen = left(Witness(go_on), leave="half-close", stay=0.3)
    assert seen.ending is Ending.STOPPED
    assert seen.note == "half-close after 1 event; closed 0.3 s later"
    assert len(seen.chunks) > 1 and seen.ended_at >= 0.3
    assert len(said) == 1  # the server's next sends were refused


def test_after_a_message_that_is_whole_there_is_nothing_to_stay_for() -> None:
    left_how: list[str] = []

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + ONE + LAST)
        left_how.append(peer.wait_closed())

    seen = left(play, leave="half-close")
    assert (seen.ending, seen.note, left_how) == (Ending.STOPPED, "after 1 event", ["close"])


def test_max_bytes_is_kept_after_a_half_close_and_before_one() -> None:
    most = len(CHUNKED + ONE) + 5
    seen = left(Witness(lambda peer: peer.send(TWO)), leave="half-close", max_bytes=most)
    assert (seen.ending, len(seen.raw)) == (Ending.STOPPED, most)
    assert seen.note == f"half-close after 1 event; max_bytes ({most}) reached"
    with raw_server(Witness()) as url:
        seen = record(url, leave="half-close", max_bytes=most - 10)
    assert seen.note == f"max_bytes ({most - 10}) reached"


@pytest.mark.parametrize("unread", [b"", TWO], ids=["nothing unread", "bytes unread"])
def test_silence_is_nothing_at_all_and_then_a_reset(unread: bytes) -> None:
    shown = threading.Event()
    saw: list[Any] = []

    def play(peer: Peer) -> None:
        began = time.monotonic()  # before the client can have read, and so before its silence
        peer.send(CHUNKED + ONE)
        assert shown.wait(GENEROUS)
        peer.send(unread)  # the system takes it in; nobody reads it
        saw.extend([peer.wait_closed(), time.monotonic() - began])

    seen = left(play, leave="silent", stay=0.4, on_chunk=lambda *_: shown.set())
    assert saw[0] == "reset"
    assert saw[1] >= 0.4 and seen.ended_at >= 0.4
    assert seen.ending is Ending.STOPPED
    assert seen.note == "silent after 1 event; reset 0.4 s later"
    assert words(seen) == ["one"]


def test_silence_lasts_one_second_unless_told_otherwise() -> None:
    witness = Witness()
    seen = left(witness, leave="silent")
    assert seen.note == "silent after 1 event; reset 1 s later" and seen.ended_at >= 1
    assert witness.saw == "reset"


def test_silence_ends_at_the_deadline() -> None:
    seen = left(Witness(), leave="silent", stay=GENEROUS * 10, deadline=0.5)
    assert (seen.ending, seen.note) == (
        Ending.STOPPED,
        "silent after 1 event; reset at the deadline",
    )


@pytest.mark.parametrize(
    ("leave", "patched", "real", "saw"),
    [
        ("silent", "stay_silent", stay_silent, "reset"),
        ("half-close", "stop_sending", stop_sending, "close"),
    ],
)
def test_ctrl_c_ends_a_stay(
    leave: str, patched: str, real: Any, saw: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: Any) -> None:
        _thread.interrupt_main()
        real(*arguments)

    done = threading.Event()
    witness = Witness(lambda peer: done.wait(GENEROUS))
    monkeypatch.setattr(labsupport._recording, patched, interrupted)
    with raw_server(witness) as url:
        seen = record(url, stop_after_events=1, leave=leave, stay=9.0, deadline=GENEROUS)  # type: ignore[arg-type]
        done.set()
    assert (seen.ending, seen.note) == (Ending.STOPPED, f"{leave} after 1 event; interrupted")
    assert witness.saw == saw and words(seen) == ["one"]


@pytest.mark.parametrize("leave", ["close", "reset", "half-close", "silent"])
@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ({"stop_after_events": 1}, "after 1 event"),
        ({"stop_after_chunks": 1}, "after 1 chunk"),
        ({"stop_after_seconds": 0.2}, "after 0.2 s"),
    ],
    ids=["events", "chunks", "seconds"],
)
def test_each_reason_to_stop_works_with_each_way_of_leaving(
    limit: dict[str, Any], reason: str, leave: Any
) -> None:
    witness = Witness(lambda peer: peer.send(LAST))
    with raw_server(witness) as url:
        seen = record(url, leave=leave, stay=0.1, deadline=GENEROUS, **limit)
    assert witness.saw == {"reset": "reset", "silent": "reset"}.get(leave, "close")
    assert seen.note.removeprefix(f"{leave} ").startswith(reason)
    assert seen.ending is (Ending.CLEAN if leave == "half-close" else Ending.STOPPED)


def test_each_lane_of_a_race_leaves_in_its_own_way() -> None:
    ways = ("close", "reset", "half-close", "silent")
    saw: dict[str, str] = {}

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + ONE)
        saw[peer.request.split(b" ")[1].decode()[1:]] = peer.wait_closed()

    with raw_server(play) as url:
        lanes = {way: {"url": url + way, "leave": way} for way in ways}
        seen = race(lanes, stop_after_events=1, stay=0.2, deadline=GENEROUS)
    assert saw == {"close": "close", "reset": "reset", "half-close": "close", "silent": "reset"}
    assert [seen[way].note.split(" after")[0] for way in ways[2:]] == ["half-close", "silent"]
    assert seen["half-close"].ending is Ending.TRUNCATED


def test_a_half_close_under_tls_is_refused() -> None:
    with pytest.raises(
        UsageError, match=r"'half-close' with an http URL, got https://h/\. Next: TLS"
    ):
        record("https://h/", leave="half-close")
    with pytest.raises(UsageError, match="'half-close' with an http URL"):
        race({"a": "https://h/"}, leave="half-close")
