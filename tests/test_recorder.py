"""record: what it sends, when it stops, and what it keeps."""

from __future__ import annotations

import json
import socket
import threading
import time
import tracemalloc
from typing import Any

import pytest
from sockets import CHUNKED, GENEROUS, UNTIL_CLOSE, Peer, closed_port, framed, raw_server

from labsupport.errors import ConnectError
from labsupport.recorder import record
from labsupport.wire import Ending

pytestmark = pytest.mark.usefixtures("no_leaks")

PLAIN = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def sent(**options: Any) -> bytes:
    """The request that a server receives; it is the one the capture shows."""
    got: list[bytes] = []

    def play(peer: Peer) -> None:
        got.append(peer.request)
        peer.send(PLAIN)

    with raw_server(play) as url:
        capture = record(url + options.pop("path", ""), **options)
    assert capture.request == got[0]
    return got[0]


def endless(peer: Peer) -> None:
    peer.send(CHUNKED)
    while True:
        peer.send(framed(b"data: more\n\n"))
        time.sleep(0.005)


def test_a_plain_request_asks_for_an_event_stream_and_for_nothing_compressed() -> None:
    lines = sent().decode().split("\r\n")
    assert lines[0] == "GET / HTTP/1.1"
    assert lines[1].startswith("host: 127.0.0.1:")
    assert lines[2:] == ["accept: text/event-stream", "user-agent: labsupport", "", ""]


def test_json_is_posted_with_its_type_and_length() -> None:
    head, _, body = sent(json={"word": "süß"}).partition(b"\r\n\r\n")
    assert head.startswith(b"POST / HTTP/1.1\r\n")
    assert b"\r\ncontent-type: application/json\r\n" in head
    assert head.endswith(b"content-length: %d" % len(body))
    assert json.loads(body) == {"word": "süß"}


@pytest.mark.parametrize("body", ["süß", "süß".encode()])
def test_a_body_is_posted_as_it_is(body: str | bytes) -> None:
    request = sent(body=body)
    assert request.startswith(b"POST ")
    assert request.endswith(b"content-length: 5\r\n\r\ns\xc3\xbc\xc3\x9f")


def test_method_and_headers_of_the_caller_win() -> None:
    request = sent(method="put", body=b"", headers={"Accept": "*/*", "Last-Event-ID": "7"})
    assert request.startswith(b"PUT / HTTP/1.1\r\n")
    assert request.count(b"accept:") == 1
    assert b"\r\naccept: */*\r\n" in request
    assert b"\r\nlast-event-id: 7\r\n" in request
    assert b"\r\nhost: kitchen\r\n" in sent(headers={"Host": "kitchen"})


def test_path_and_query_are_sent_in_ascii_and_the_fragment_stays_here() -> None:
    assert sent(path="süß menü?q=a b&c=%20#top").startswith(
        b"GET /s%C3%BC%C3%9F%20men%C3%BC?q=a%20b&c=%20 HTTP/1.1\r\n"
    )


def test_a_name_for_this_machine_works_like_its_address() -> None:
    with raw_server(lambda peer: peer.send(PLAIN)) as url:
        assert record(url.replace("127.0.0.1", "localhost")).body == b"ok"


def test_the_next_address_of_a_host_is_tried_if_one_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with raw_server(lambda peer: peer.send(PLAIN)) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        found = [("127.0.0.1", closed_port()), ("127.0.0.1", port)]
        answer = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", where) for where in found]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: answer)
        assert record("http://two.test/").body == b"ok"


def test_a_host_without_an_address_is_a_connect_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: [])
    with pytest.raises(ConnectError, match="got the host's name stands for no address; no request"):
        record("http://none.test/")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with raw_server(lambda peer: peer.send(PLAIN)) as url:
        assert record(url).status == 200


def test_each_read_is_a_chunk_with_a_time_that_does_not_go_back() -> None:
    seen = threading.Semaphore(0)

    def play(peer: Peer) -> None:
        peer.send(CHUNKED)
        for word in (b"a", b"b", b"c"):
            peer.send(framed(b"data: %s\n\n" % word))
            assert seen.acquire(timeout=GENEROUS)  # the next one is a read of its own
        peer.send(b"0\r\n\r\n")

    with raw_server(play) as url:
        capture = record(url, on_chunk=lambda chunk, events: seen.release())
    assert [chunk.data for chunk in capture.chunks] == [
        b"data: a\n\n",
        b"data: b\n\n",
        b"data: c\n\n",
    ]
    times = [read.at for read in capture.reads]
    assert 0 <= times[0] and times == sorted(times) and times[-1] <= capture.ended_at


def test_on_chunk_gets_each_chunk_with_the_events_it_completed() -> None:
    shown: list[tuple[bytes, list[str]]] = []
    seen = threading.Semaphore(0)

    def show(chunk: Any, events: Any) -> None:
        shown.append((chunk.data, [event.data for event in events]))
        seen.release()

    def play(peer: Peer) -> None:
        for piece in (UNTIL_CLOSE + b"data: a\n", b"\ndata: b\n\ndata: c\n\n"):
            peer.send(piece)
            assert seen.acquire(timeout=GENEROUS)

    with raw_server(play) as url:
        record(url, on_chunk=show)
    assert shown == [(b"data: a\n", []), (b"\ndata: b\n\ndata: c\n\n", ["a", "b", "c"])]


def test_on_chunk_of_what_is_not_a_stream_gets_no_events() -> None:
    shown: list[Any] = []
    with raw_server(lambda peer: peer.send(PLAIN)) as url:
        record(url, on_chunk=lambda chunk, events: shown.append((chunk.data, events)))
    assert shown == [(b"ok", [])]


def test_what_on_chunk_raises_comes_out_after_the_connection_is_closed() -> None:
    left: list[str] = []

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + framed(b"data: a\n\n"))
        left.append(peer.wait_closed())

    def fail(chunk: Any, events: Any) -> None:
        raise LookupError("mine")

    with raw_server(play) as url:
        with pytest.raises(LookupError, match="mine"):
            record(url, on_chunk=fail)
    assert left == ["close"]


@pytest.mark.parametrize("option", ["stop_after_events", "stop_after_chunks"])
def test_it_stops_after_the_read_that_brings_the_nth(option: str) -> None:
    with raw_server(endless) as url:
        capture = record(url, deadline=GENEROUS, **{option: 3})
    counted = capture.events if option == "stop_after_events" else capture.chunks
    assert capture.ending is Ending.STOPPED
    assert len(counted) >= 3
    assert capture.note.startswith("after ")


def test_it_stops_after_seconds() -> None:
    with raw_server(endless) as url:
        capture = record(url, stop_after_seconds=0.3, deadline=GENEROUS)
    assert (capture.ending, capture.note) == (Ending.STOPPED, "after 0.3 s")
    assert 0.3 <= capture.ended_at < GENEROUS


def test_it_stops_after_seconds_of_silence() -> None:
    with raw_server(Peer.wait_closed) as url:
        capture = record(url, stop_after_seconds=0.1)
    assert (capture.ending, capture.reads) == (Ending.STOPPED, ())


def test_no_more_than_max_bytes_is_kept() -> None:
    with raw_server(endless) as url:
        capture = record(url, max_bytes=1000, deadline=GENEROUS)
    assert (capture.ending, capture.note) == (Ending.STOPPED, "max_bytes (1,000) reached")
    assert len(capture.raw) == 1000


def test_a_message_of_exactly_max_bytes_is_clean() -> None:
    with raw_server(lambda peer: peer.send(PLAIN)) as url:
        assert record(url, max_bytes=len(PLAIN)).ending is Ending.CLEAN


def test_memory_stays_near_max_bytes_while_a_server_sends_200_megabytes() -> None:
    def flood(peer: Peer) -> None:
        peer.send(UNTIL_CLOSE)
        for _ in range(200):
            peer.send(b"data: " + b"x" * 999_992 + b"\n\n")

    with raw_server(flood) as url:
        tracemalloc.start()
        try:
            capture = record(url, max_bytes=4_000_000, on_chunk=lambda chunk, events: None)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert capture.ending is Ending.STOPPED
    assert peak < 16_000_000
