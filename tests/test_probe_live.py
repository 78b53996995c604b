"""Through real sockets: faults stand in the path, a direct capture beside it, no clock decides."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from apps import piece, start
from probe_captures import events

from labsupport.faults import Buffer, Fault, Merge, Passthrough
from labsupport.probe import judge, probe
from labsupport.proxy import Proxy
from labsupport.server import Server, serve
from labsupport.wire import Ending


async def kitchen(scope: Any, receive: Any, send: Any) -> None:
    """30 events of 300 bytes, as many milliseconds apart as the query says."""
    if scope["type"] != "http":
        return
    every = int(scope["query_string"] or b"20") / 1000
    await start(send)
    for one in events(30, 300):
        await piece(send, one)
        await asyncio.sleep(every)
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve(kitchen) as running:
        yield running


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (Passthrough(), "streamed"),
        (Buffer(4096, exact=True), "held until 4096 bytes"),
        (Buffer(None), "held until the end"),
        (Merge(0.204), "corked for about 200 ms"),
    ],
    ids=repr,
)
def test_beside_a_direct_stream_each_fault_has_its_verdict(
    server: Server, fault: Fault, verdict: str
) -> None:
    with Proxy(server.url, fault) as path:
        found = probe(path.url, direct=server.url)
    assert found.streamed is (verdict == "streamed")
    assert found.held is not found.streamed
    if not isinstance(fault, Merge):  # its rhythm needs a machine that keeps time
        assert found.verdict == verdict


def test_two_paces_show_what_a_buffer_waits_for(server: Server) -> None:
    with Proxy(server.url, Buffer(4096, exact=True)) as path:
        found = probe(path.url + "/?{pace}", paces=(5, 20))
    assert found.verdict == "held until 4096 bytes" and len(found.captures) == 2


def test_what_was_recorded_can_be_judged_again(server: Server) -> None:
    found = probe(server.url)
    assert judge(found.captures) == found


def test_ctrl_c_judges_what_came_until_then_and_asks_no_more(server: Server) -> None:
    said: list[str] = []

    def tell(words: str) -> None:
        said.append(words)
        if "3 events" in words:
            raise KeyboardInterrupt

    found = probe(server.url, again=True, tell=tell)
    assert found.captures[0].ending is Ending.STOPPED and found.again is None
    assert found.seen is not None and found.seen.events >= 3
    assert not any(words.startswith("again") for words in said)


def test_progress_says_what_is_asked_and_how_far_it_is(server: Server) -> None:
    said: list[str] = []
    probe(server.url, direct=server.url, tell=said.append)
    assert said[0] == "direct: asked, waiting" and "path: asked, waiting" in said
    assert said[-1].startswith("path: 30 events, last bytes at ")
