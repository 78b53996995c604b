"""The proxy's HTTP/1.1: framing on both sides, headers of one connection, odd requests."""

from __future__ import annotations

import pytest
from raw_client import ask, connected, read_all, read_until
from sockets import CHUNKED, UNTIL_CLOSE, Peer, framed, raw_server

from labsupport import Ending, record
from labsupport.faults import Buffer, Cut, Split, Stall
from labsupport.proxy import Proxy
from labsupport.relay.fields import Target, end_to_end

pytestmark = pytest.mark.usefixtures("no_leaks")
GET = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"
SIZED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 6\r\n\r\nabcdef"


def answered(answer: bytes, request: bytes = GET, *faults: object) -> bytes:
    """What a client gets, raw, when the upstream sends `answer`."""
    with raw_server(lambda peer: peer.send(answer)) as url:
        with Proxy(url, *faults) as proxy:  # type: ignore[arg-type]
            return ask(proxy.url, request)


def test_a_chunked_answer_stays_chunked_and_says_that_the_connection_closes() -> None:
    got = answered(CHUNKED + framed(b"one") + framed(b"two") + b"0\r\n\r\n")
    head, _, body = got.partition(b"\r\n\r\n")
    assert body == b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
    assert sorted(head.split(b"\r\n")) == sorted(
        [
            b"HTTP/1.1 200 OK",
            b"content-type: text/event-stream",
            b"Transfer-Encoding: chunked",
            b"connection: close",
        ]
    )


def test_a_content_length_stays_while_every_fault_conserves_bytes() -> None:
    for fault in (Split(2), Buffer(4), Stall(3, 0.01)):
        got = answered(SIZED, GET, fault)
        assert b"content-length: 6" in got and b"chunked" not in got.lower()
        assert got.endswith(b"\r\n\r\nabcdef")


def test_a_content_length_goes_when_a_fault_may_lose_bytes() -> None:
    got = answered(SIZED, GET, Cut(7))
    assert b"content-length" not in got and got.endswith(b"\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n")


def test_an_answer_that_ends_by_closing_is_chunked_for_the_client() -> None:
    got = answered(UNTIL_CLOSE + b"abc")
    assert b"chunked" in got and got.endswith(b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n")


def test_a_client_of_http_1_0_gets_an_answer_that_ends_by_closing() -> None:
    got = answered(CHUNKED + framed(b"one") + b"0\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 200") and b"chunked" not in got
    assert got.endswith(b"\r\n\r\none")


def test_an_upstream_of_http_1_0_is_understood() -> None:
    got = answered(b"HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nold")
    assert got.endswith(b"3\r\nold\r\n0\r\n\r\n")


def test_a_head_request_gets_the_head_and_no_body_whatever_the_faults() -> None:
    request = b"HEAD / HTTP/1.1\r\nhost: h\r\n\r\n"
    head = SIZED.removesuffix(b"abcdef")
    for fault in (Cut(0), Stall(0), Buffer(None)):
        got = answered(head, request, fault)
        assert b"content-length: 6" in got and got.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_a_status_without_body_has_none(status: bytes) -> None:
    got = answered(b"HTTP/1.1 " + status + b"\r\netag: x\r\n\r\n", GET, Stall(0))
    assert got.startswith(b"HTTP/1.1 " + status) and got.endswith(b"\r\n\r\n")
    assert b"etag: x" in got and b"chunked" not in got.lower()


def test_the_status_and_reason_pass_and_interim_answers_do_not() -> None:
    got = answered(
        b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
        b"HTTP/1.1 418 Short And Stout\r\ncontent-length: 0\r\n\r\n"
    )
    assert got.startswith(b"HTTP/1.1 418 Short And Stout\r\n") and b"103" not in got


def test_headers_of_one_connection_are_not_handed_on_in_either_direction() -> None:
    seen: list[bytes] = []
    answer = (
        b"HTTP/1.1 200 OK\r\nconnection: X-Hop, keep-alive\r\nx-hop: 1\r\nkeep-alive: 5\r\n"
        b"trailer: t\r\nx-end: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\nt: 1\r\n\r\n"
    )

    def play(peer: Peer) -> None:
        seen.append(peer.request)
        peer.send(answer)

    with raw_server(play) as url, Proxy(url) as proxy:
        got = ask(
            proxy.url,
            b"GET / HTTP/1.1\r\nhost: h\r\nconnection: upgrade, x-own\r\nupgrade: websocket\r\n"
            b"x-own: 1\r\nte: trailers\r\nproxy-connection: keep-alive\r\nx-end: 2\r\n\r\n",
        )
    lines = got.lower().split(b"\r\n")
    assert b"x-end: 1" in lines and b"connection: close" in lines
    assert not any(b"hop" in line or b"keep-alive" in line or b"t: 1" in line for line in lines)
    asked = seen[0].lower().split(b"\r\n")
    assert b"x-end: 2" in asked and b"connection: close" in asked
    for gone in (b"upgrade", b"x-own", b"te:", b"proxy-connection"):
        assert not any(line.startswith(gone) for line in asked), gone


def test_a_client_that_asks_whether_to_send_its_body_is_told_to() -> None:
    def play(peer: Peer) -> None:
        assert b"expect" not in peer.request.lower()
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n" + peer.request[-4:])

    head = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n"
    with raw_server(play) as url, Proxy(url) as proxy:
        with connected(proxy.url, head) as connection:
            assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 100")
            connection.sendall(b"body")
            assert read_all(connection).endswith(b"\r\n\r\nbody")


def test_an_answer_that_comes_before_the_request_is_whole_arrives() -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno"
    with raw_server(lambda peer: peer.send(refusal), read=False) as url, Proxy(url) as proxy:
        head = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 300000\r\n\r\n"
        with connected(proxy.url, head) as connection:
            assert read_until(connection, b"no").startswith(b"HTTP/1.1 413")
            for _ in range(3):
                connection.sendall(b"x" * 100_000)  # it is still taken, and thrown away
            assert read_all(connection) == b""


def test_a_request_that_is_not_http_gets_an_answer_that_says_so() -> None:
    with Proxy("http://h") as proxy:
        assert ask(proxy.url, b"what?\r\n\r\n").startswith(b"HTTP/1.1 400 ")
        got = ask(proxy.url, b"GET / HTTP/1.1\r\nhost: h\r\nx: " + b"y" * 70_000)
        assert got.startswith(b"HTTP/1.1 431 ")
        assert b"expected an HTTP/1.1 request, got Receive buffer too long. Next:" in got


def test_a_request_for_a_tunnel_is_refused() -> None:
    with Proxy("http://h") as proxy:
        got = ask(proxy.url, b"CONNECT h:443 HTTP/1.1\r\nhost: h\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 501 ") and b"a request for this proxy's upstream" in got


def test_a_refused_head_request_has_no_body() -> None:
    with Proxy("http://127.0.0.1:1") as proxy:
        got = ask(proxy.url, b"HEAD / HTTP/1.1\r\nhost: h\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 502 ") and got.endswith(b"\r\n\r\n")


def test_a_client_that_connects_and_says_nothing_is_let_go() -> None:
    with Proxy("http://h") as proxy:
        with connected(proxy.url, b""):
            pass
        assert proxy.log == []


def test_a_chunk_that_comes_in_pieces_is_handed_on_in_pieces() -> None:
    def play(peer: Peer) -> None:
        peer.send(CHUNKED + b"6\r\nabc")
        assert peer.connection.recv(1) == b""  # the test below has seen the three bytes, and left

    with raw_server(play) as url, Proxy(url) as proxy:
        assert record(proxy.url, stop_after_chunks=1).body == b"abc"


def test_a_compressed_answer_passes_as_it_is() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n"
    with raw_server(lambda peer: peer.send(head + b"\x1f\x8b\x08\x00")) as url:
        with Proxy(url) as proxy:
            seen = record(proxy.url)
    assert (seen.body, seen.encoding, seen.ending) == (b"\x1f\x8b\x08\x00", "gzip", Ending.CLEAN)


def test_fields_named_by_connection_are_dropped_and_the_others_keep_their_order() -> None:
    fields = [(b"b", b"1"), (b"connection", b"Close, C"), (b"c", b"2"), (b"a", b"3"), (b"b", b"4")]
    assert end_to_end(fields) == [(b"b", b"1"), (b"a", b"3"), (b"b", b"4")]
    assert end_to_end(fields, b"b") == [(b"a", b"3")]


def test_a_target_in_absolute_form_means_its_path() -> None:
    target = Target.of("https://h/base")
    assert (target.port, target.tls, target.host) == (443, True, b"h")
    assert target.path(b"http://other:80/x?y") == b"/base/x?y"
    assert target.path(b"http://other") == b"/base"
    assert target.path(b"*") == b"*"
    assert Target.of("http://[::1]:81").address == "::1"
