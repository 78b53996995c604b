"""Presets that keep answers: who is served from what is kept, and when the upstream is asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sockets import CHUNKED, GENEROUS, Peer, framed, raw_server

from labsupport import Ending, Proxy, presets, record
from labsupport.presets import Preset

pytestmark = pytest.mark.usefixtures("no_leaks")


class Kitchen:
    """An upstream that sends `one`, then waits for `go`, then `two`."""

    def __init__(self, head: bytes = CHUNKED) -> None:
        self.head, self.asked, self.go = head, 0, threading.Event()

    def play(self, peer: Peer) -> None:
        self.asked += 1
        peer.send(self.head + framed(b"data: one\n\n"))
        assert self.go.wait(GENEROUS)
        peer.send(framed(b"data: two\n\n") + b"0\r\n\r\n")


@contextmanager
def path(preset: Preset, kitchen: Kitchen) -> Iterator[str]:
    with raw_server(kitchen.play) as url, Proxy(url, preset) as proxy:
        yield proxy.url


def texts(capture: object) -> list[str]:
    return [event.data for event in capture.events]  # type: ignore[attr-defined]


@pytest.mark.parametrize("preset", [presets.varnish(), presets.nginx(proxy_cache="z")])
def test_the_next_client_gets_what_was_kept_and_the_upstream_is_not_asked(preset: Preset) -> None:
    kitchen = Kitchen()
    kitchen.go.set()
    with path(preset, kitchen) as url:
        first, second = record(url), record(url)
    assert texts(first) == texts(second) == ["one", "two"]
    assert kitchen.asked == 1 and second.headers["x-cache"] == "HIT"


def test_varnish_lets_a_client_join_a_fetch_that_is_under_way() -> None:
    kitchen = Kitchen()
    with path(presets.varnish(), kitchen) as url:
        left = record(url, stop_after_events=1)  # the fetch goes on without it
        joined = record(url, on_chunk=lambda chunk, events: kitchen.go.set())
    assert texts(left) == ["one"] and texts(joined) == ["one", "two"]
    assert kitchen.asked == 1 and joined.ending is Ending.CLEAN


def test_nginx_asks_again_while_the_first_answer_is_not_whole() -> None:
    kitchen = Kitchen()
    with path(presets.nginx(proxy_cache="on"), kitchen) as url:
        record(url, stop_after_events=1)
        second = record(url, on_chunk=lambda chunk, events: kitchen.go.set())
    assert texts(second) == ["one", "two"] and kitchen.asked == 2


@pytest.mark.parametrize("said", [b"no-cache", b"no-store", b"private", b"max-age=0"])
def test_cache_control_forbids_to_keep_an_answer(said: bytes) -> None:
    kitchen = Kitchen(CHUNKED.replace(b"\r\n\r\n", b"\r\nCache-Control: " + said + b"\r\n\r\n"))
    kitchen.go.set()
    with path(presets.varnish(), kitchen) as url:
        assert texts(record(url)) == texts(record(url)) == ["one", "two"]
    assert kitchen.asked == 2


@pytest.mark.parametrize(
    ("preset", "headers", "method"),
    [
        (presets.varnish(mode="pass"), {}, "GET"),
        (presets.varnish(), {"cookie": "a=b"}, "GET"),
        (presets.varnish(), {"authorization": "Bearer x"}, "GET"),
        (presets.varnish(), {}, "POST"),
        (presets.squid(), {}, "GET"),
        (presets.caddy(), {}, "GET"),
    ],
)
def test_what_is_not_kept_is_asked_for_again(
    preset: Preset, headers: dict[str, str], method: str
) -> None:
    kitchen = Kitchen()
    kitchen.go.set()
    with path(preset, kitchen) as url:
        for _ in range(2):
            assert texts(record(url, method=method, headers=headers)) == ["one", "two"]
    assert kitchen.asked == 2


def test_an_answer_that_broke_off_is_not_kept() -> None:
    asked = []

    def play(peer: Peer) -> None:
        asked.append(peer)
        peer.send(CHUNKED + framed(b"data: one\n\n"))

    with raw_server(play) as url, Proxy(url, presets.varnish()) as proxy:
        endings = [record(proxy.url).ending for _ in range(2)]
    assert endings == [Ending.TRUNCATED, Ending.TRUNCATED] and len(asked) == 2
