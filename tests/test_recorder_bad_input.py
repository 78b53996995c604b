"""record: what cannot work is an error in our words, in good time."""

from __future__ import annotations

import socket
import ssl
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from sockets import CHUNKED, GENEROUS, UNTIL_CLOSE, Peer, closed_port, framed, raw_server

from labsupport.errors import ConnectError, NotAStream, ProtocolError, UsageError
from labsupport.recorder import record
from labsupport.wire import Ending

pytestmark = pytest.mark.usefixtures("no_leaks")

NOWHERE = "http://127.0.0.1:9/"
PEM = Path(__file__).with_name("tls.pem")
"""Key and self-signed certificate for 127.0.0.1, used by these tests and worth nothing else."""


def test_no_server_at_the_url_is_a_refused_connection() -> None:
    port = closed_port()
    with pytest.raises(
        ConnectError, match=f"a server at 127.0.0.1:{port}, got a refused"
    ) as caught:
        record(f"http://127.0.0.1:{port}/", deadline=GENEROUS)
    assert "no request was sent. Next: Start it" in str(caught.value)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_a_name_that_does_not_resolve_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: Any, **more: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # the network here may be any
    with pytest.raises(
        ConnectError, match=r"a host name that resolves, got 'kitchen.invalid' \(Na"
    ):
        record("http://kitchen.invalid/")


def test_a_name_server_that_never_answers_meets_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: release.wait(GENEROUS) and [])
    with pytest.raises(ConnectError, match="to kitchen.invalid:80 within the deadline, got no ans"):
        record("http://kitchen.invalid/", deadline=0.2)
    release.set()


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8000/stream",
        "localhost:8000",
        "ftp://127.0.0.1/",
        "http://",
        "http:///stream",
        "http://127.0.0.1:70000/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:port/",
        "http://[::1/",
        "http://soup kitchen/",
        "http://" + "a" * 70 + "/",
        "http://127.0.0.1/\r\nx: y",
        "",
        None,
    ],
)
def test_what_is_no_url_of_a_server_is_refused(url: Any) -> None:
    with pytest.raises(UsageError, match=r"expected a URL with http:// or https:// and a host"):
        record(url)


def test_a_port_out_of_range_is_said_to_be_that() -> None:
    with pytest.raises(UsageError, match="Port out of range 0-65535"):
        record("http://127.0.0.1:70000/")


def test_a_password_in_the_url_is_refused_and_not_shown() -> None:
    with pytest.raises(UsageError, match="without a user and password") as caught:
        record("http://me:secret@127.0.0.1/")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "headers",
    [{"x": "1\r\ny: 2"}, {"x": "1\n"}, {"x": "\0"}, {"x": "soup €"}, {"x": 1}, {"x y": "1"}]
    + [{"x:": "1"}, {"": "1"}, {"x\r\ny": "1"}, {b"x": "1"}],
)
def test_a_header_cannot_bring_another_line(headers: Any) -> None:
    with pytest.raises(UsageError, match="expected a (header name|value of x)"):
        record(NOWHERE, headers=headers)


def test_headers_that_are_no_dict_are_refused() -> None:
    with pytest.raises(UsageError, match="expected headers as a dict, got"):
        record(NOWHERE, headers=[("x", "1")])  # type: ignore[arg-type]


def test_an_odd_failure_to_connect_is_said_in_our_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(*arguments: Any, **more: Any) -> Any:
        raise ValueError("label too long")

    monkeypatch.setattr(socket, "getaddrinfo", odd)
    with pytest.raises(ConnectError, match="connection to .*:9, got ValueError: label too long"):
        record(NOWHERE)


@pytest.mark.parametrize("method", ["GET /\r\n", "G T", "GET\r", "é"])
def test_a_method_cannot_bring_more_than_itself(method: str) -> None:
    with pytest.raises(UsageError, match="expected a method such as GET or POST"):
        record(NOWHERE, method=method)


def test_json_and_body_together_are_refused() -> None:
    with pytest.raises(UsageError, match="expected json or body, got both"):
        record(NOWHERE, json={}, body=b"")


@pytest.mark.parametrize("json", [{1, 2}, object(), {"a": float("nan")}, [b"bytes"]])
def test_json_that_cannot_be_written_is_refused(json: Any) -> None:
    with pytest.raises(UsageError, match="expected json made of dicts"):
        record(NOWHERE, json=json)


def test_a_body_of_another_type_is_refused() -> None:
    with pytest.raises(UsageError, match="expected a body of bytes or str, got 7"):
        record(NOWHERE, body=7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("deadline", [0, -1, float("nan"), float("inf"), None, "5", True]),
        ("stop_after_seconds", [0, -1.0, float("nan"), "5"]),
        ("stop_after_events", [0, -1, 1.5, "5", True]),
        ("stop_after_chunks", [0, -1, 1.5]),
        ("max_bytes", [0, -1, None, 1.5]),
        ("leave", ["slam", None]),
        ("stay", [0, -1.0, float("nan"), float("inf"), "5"]),
        ("receive_window", [0, -1, 1.5, True]),
        ("bytes_per_second", [0, -1, float("nan"), float("inf"), "5"]),
    ],
)
def test_a_limit_that_cannot_mean_anything_is_refused(name: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(UsageError, match=f"expected {name} to be"):
            record(NOWHERE, **{name: value})


def test_counting_events_of_what_is_no_stream_raises_at_its_head() -> None:
    left: list[str] = []

    def play(peer: Peer) -> None:
        peer.send(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n"
        )
        left.append(peer.wait_closed())  # the body never comes: nobody waits for it

    with raw_server(play) as url:
        with pytest.raises(NotAStream, match="got status 200 with application/json") as caught:
            record(url, stop_after_events=1, deadline=GENEROUS)
    assert caught.value.capture.status == 200
    assert left == ["close"]


def test_what_is_no_stream_is_recorded_all_the_same() -> None:
    page = b"HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\nsoup"
    with raw_server(lambda peer: peer.send(page)) as url:
        seen = record(url)
    assert (seen.ending, seen.status, seen.body) == (Ending.CLEAN, 404, b"soup")
    with pytest.raises(NotAStream, match="got status 404 with text/html"):
        _ = seen.events


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (b"SSH-2.0-OpenSSH\r\n", "expected a status line such as HTTP/1.1 200 OK, got b'SSH"),
        (CHUNKED + b"soup\r\n", "expected a chunk size in hexadecimal, such as 1f, got b'soup'"),
        (CHUNKED + b"2\r\nabc\r\n", "expected CRLF after a chunk's last byte, got b'c'"),
        (b"HTTP/1.1 200 OK\r\nINFO: \r\nlog line\r\n", "expected a header line .*got b'log line'"),
    ],
)
def test_what_is_not_http_is_a_protocol_error_with_a_capture(sent: bytes, message: str) -> None:
    with raw_server(lambda peer: peer.send(sent)) as url:
        with pytest.raises(ProtocolError, match=message) as caught:
            record(url)
    assert caught.value.capture.raw == sent


def test_a_head_of_a_gigabyte_is_refused_early_and_in_little_memory() -> None:
    def play(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 200 OK\r\ncookie: ")
        for _ in range(1000):
            peer.send(b"x" * 1_000_000)

    with raw_server(play) as url:
        tracemalloc.start()
        try:
            with pytest.raises(ProtocolError, match="at most 65,536 bytes, got more"):
                record(url)
            assert tracemalloc.get_traced_memory()[1] < 8_000_000
        finally:
            tracemalloc.stop()


def test_a_body_that_does_not_decompress_is_a_protocol_error() -> None:
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n")
    with raw_server(lambda peer: peer.send(head + framed(b"not gzip"))) as url:
        with pytest.raises(ProtocolError, match="expected a body in the content coding"):
            record(url, stop_after_events=1)


def test_tls_to_a_plain_port_says_write_http() -> None:
    with raw_server(lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), read=False) as url:
        with pytest.raises(ConnectError, match="expected TLS at .* Next: Write http://"):
            record(url.replace("http:", "https:"), deadline=GENEROUS)


def test_a_certificate_that_is_not_trusted_is_refused() -> None:
    with raw_server(play_tls, read=False) as url:
        with pytest.raises(ConnectError, match="that this machine trusts, got self"):
            record(url.replace("http:", "https:"), deadline=GENEROUS)


def test_https_is_recorded_when_the_certificate_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    with raw_server(play_tls, read=False) as url:
        seen = record(url.replace("http:", "https:"), deadline=GENEROUS)
    assert (seen.ending, [event.data for event in seen.events]) == (Ending.CLEAN, ["safe"])


def play_tls(peer: Peer) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    with context.wrap_socket(peer.connection, server_side=True) as connection:
        safe = Peer(connection)
        safe.read_request()
        safe.send(UNTIL_CLOSE + b"data: safe\n\n")
