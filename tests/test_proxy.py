"""A proxy relays what it is asked for, and does to the answer what its faults say."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from apps import hello, piece, start

from labsupport import Ending, record, serve
from labsupport.errors import UsageError
from labsupport.faults import Buffer, Corrupt, Cut, Merge, Passthrough, Reset, Split, Stall
from labsupport.proxy import Proxy

pytestmark = pytest.mark.usefixtures("no_leaks")
EVENTS = [b"data: %d\n\n" % n for n in range(5)]


async def five(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    await start(send)
    for event in EVENTS:
        await piece(send, event)
    await send({"type": "http.response.body"})


async def mirror(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the request as it was seen."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    seen = [b"%s %s%s" % (scope["method"].encode(), scope["raw_path"], query)]
    seen += [b"%s: %s" % pair for pair in scope["headers"]]
    await start(send, b"text/plain")
    await send({"type": "http.response.body", "body": b"\n".join([*seen, b"", body])})


def chunk_sizes(raw: bytes) -> list[int]:
    """The sizes that the chunked framing of a raw response states."""
    sizes, rest = [], raw.partition(b"\r\n\r\n")[2]
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        sizes.append(int(size, 16))
        rest = rest[sizes[-1] + 2 :]
    return sizes


def test_a_proxy_without_faults_and_one_with_passthrough_hand_on_every_chunk_as_it_was() -> None:
    with serve(five) as server:
        for faults in [(), (Passthrough(),), (Passthrough(), Passthrough())]:
            with Proxy(server.url, *faults) as proxy:
                seen = record(proxy.url + "/")
            assert (seen.status, seen.ending, seen.body) == (200, Ending.CLEAN, b"".join(EVENTS))
            assert chunk_sizes(seen.raw) == [len(event) for event in EVENTS] + [0]
            assert [event.data for event in seen.events] == list("01234")


def test_each_chunk_that_leaves_the_faults_is_one_chunk_on_the_wire() -> None:
    with serve(five) as server:
        for fault, sizes in [
            (Split(4), [4, 4, 1] * 5),
            (Buffer(20), [27, 18]),
            (Buffer(20, exact=True), [20, 20, 5]),
            (Buffer(None), [45]),
            (Merge(60), [45]),
            (Stall(9, 0.01), [9] * 5),
            (Corrupt(at=6), [9] * 5),
        ]:
            with Proxy(server.url, fault) as proxy:
                assert chunk_sizes(record(proxy.url).raw) == [*sizes, 0], fault


def test_the_bytes_meet_the_faults_from_left_to_right() -> None:
    with serve(five) as server:
        with Proxy(server.url, Buffer(None), Split(20)) as proxy:
            assert chunk_sizes(record(proxy.url).raw) == [20, 20, 5, 0]
        with Proxy(server.url, Split(20), Buffer(None)) as proxy:
            assert chunk_sizes(record(proxy.url).raw) == [45, 0]


def test_a_cut_is_truncated_and_a_reset_is_reset_after_exactly_those_bytes() -> None:
    with serve(five) as server:
        for fault, ending in [(Cut(12), Ending.TRUNCATED), (Reset(12), Ending.RESET)]:
            with Proxy(server.url, fault) as proxy:
                seen = record(proxy.url)
            assert (seen.body, seen.ending) == (b"".join(EVENTS)[:12], ending)
        with Proxy(server.url, Cut(46), Reset(46)) as proxy:
            assert record(proxy.url).ending is Ending.CLEAN


def test_a_chain_of_proxies_is_a_path() -> None:
    with serve(five) as server, Proxy(server.url, Buffer(20)) as inner:
        with Proxy(inner.url, Split(10)) as outer:
            assert chunk_sizes(record(outer.url).raw) == [10, 10, 7, 10, 8, 0]


def test_method_path_query_headers_and_body_arrive_upstream() -> None:
    with serve(mirror) as server, Proxy(server.url) as proxy:
        got = httpx.request(
            "PATCH",
            proxy.url + "/a%20b/c?q=1&r=%2F",
            content=b"body",
            headers={"x-own": "yes", "last-event-id": "7"},
            trust_env=False,
        ).text
    head, _, body = got.partition("\n\n")
    lines = head.split("\n")
    assert lines[0] == "PATCH /a%20b/c?q=1&r=%2F"
    assert {"x-own: yes", "last-event-id: 7", "content-length: 4"} <= set(lines)
    assert f"host: {server.url[7:]}" in lines and "via: 1.1 labsupport" in lines
    assert body == "body"


def test_a_large_body_of_unknown_length_arrives_upstream() -> None:
    pieces = [b"x" * 70_000 for _ in range(20)]
    with serve(mirror) as server, Proxy(server.url) as proxy:
        got = httpx.post(proxy.url, content=iter(pieces), trust_env=False, timeout=30).content
    head, _, body = got.partition(b"\n\n")
    assert b"transfer-encoding: chunked" in head and b"content-length" not in head
    assert body == b"".join(pieces)


def test_a_path_in_the_upstream_url_comes_first() -> None:
    with serve(mirror) as server:
        for base, path, arrives in [
            ("/base", "/x", "/base/x"),
            ("/base/", "/x?y", "/base/x?y"),
            ("/stream", "/", "/stream"),
            ("/stream", "/?q", "/stream?q"),
            ("/", "/x", "/x"),
            ("", "/x", "/x"),
        ]:
            with Proxy(server.url + base) as proxy:
                first = record(proxy.url + path).body.split(b"\n")[0]
            assert first == b"GET " + arrives.encode()


def test_its_repr_tells_the_upstream_the_faults_and_whether_it_runs() -> None:
    proxy = Proxy("http://h:1", Split(1))
    stopped = "Proxy('http://h:1', Split(size=1, gap=0.0); stopped)"
    assert repr(proxy) == stopped and not proxy.running
    with pytest.raises(UsageError, match=r"a proxy that runs, got Proxy.*proxy\.start\(\)"):
        _ = proxy.url
    with proxy:
        assert repr(proxy) == f"Proxy('http://h:1', Split(size=1, gap=0.0); {proxy.url})"
        assert proxy.running and proxy.url.startswith("http://127.0.0.1:")
    assert repr(proxy) == stopped


def test_the_log_says_how_each_answer_ended_and_outlives_the_proxy() -> None:
    with serve(five) as server, Proxy(server.url, Buffer(20), Cut(30)) as proxy:
        record(proxy.url + "/a?b")
        line = "GET /a?b 200: 30 bytes in 2 chunks, truncated: cut after 30 bytes"
        assert proxy.log == [line]
    assert proxy.log == [line]


def test_plain_answers_pass_too() -> None:
    with serve(hello) as server, Proxy(server.url) as proxy:
        got = httpx.get(proxy.url, trust_env=False)
    assert got.text == "hello" and got.headers["content-type"] == "text/plain"
