"""Starting, stopping and forgetting proxies leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, ClassVar

import pytest
from raw_client import connected, read_until
from sockets import GENEROUS
from starlette.responses import StreamingResponse

from labsupport import Ending, record, serve
from labsupport.clock import Clock
from labsupport.errors import StartError, StopError
from labsupport.faults import Buffer, Stall
from labsupport.proxy import Proxy
from labsupport.relay import thread
from labsupport.wire import Chunk

pytestmark = pytest.mark.usefixtures("no_leaks")
GET = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"


class Ticks:
    """An app that streams events until its client leaves; `ended` counts the streams that did."""

    def __init__(self) -> None:
        self.ended = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        stream = StreamingResponse(self.events(), media_type="text/event-stream")
        await stream(scope, receive, send)

    async def events(self) -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"data: tick\n\n"
                await asyncio.sleep(0.01)
        finally:
            self.ended += 1


def test_a_hundred_starts_and_stops_with_a_client_each_leave_nothing() -> None:
    for turn in range(100):
        with Proxy("http://h") as proxy:
            client = socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2])))
            if turn % 2:
                client.close()
        client.close()


def test_stop_cuts_the_streams_that_are_open_in_time() -> None:
    app = Ticks()
    with serve(app) as server:
        proxy = Proxy(server.url).start()
        held = Proxy(server.url, Buffer(None)).start()
        with connected(proxy.url, GET) as one, connected(held.url, GET) as other:
            read_until(one, b"tick")
            read_until(other, b"\r\n\r\n")
            for stopping in (proxy, held):
                before = time.monotonic()
                stopping.stop()
                assert time.monotonic() - before < GENEROUS
            for connection in (one, other):
                with suppress(ConnectionError):
                    while connection.recv(65536):
                        pass
        until = time.monotonic() + GENEROUS
        while app.ended < 2:
            assert time.monotonic() < until, "the upstream's streams were not closed"
            time.sleep(0.01)


def test_a_second_start_or_stop_does_nothing_and_a_start_after_a_stop_works() -> None:
    with serve(Ticks()) as server:
        proxy = Proxy(server.url)
        proxy.stop()
        url = proxy.start().url
        assert proxy.start().url == url
        proxy.stop()
        proxy.stop()
        with proxy:
            assert record(proxy.url, stop_after_events=1).ending is Ending.STOPPED


def test_after_stop_the_port_is_closed() -> None:
    with Proxy("http://h") as proxy:
        port = int(proxy.url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=GENEROUS)


def test_a_forgotten_proxy_is_collected_and_stops() -> None:
    def alive() -> int:
        return sum(thread.name.startswith("labsupport proxy") for thread in threading.enumerate())

    proxy = Proxy("http://h").start()
    assert alive() == 1
    del proxy
    gc.collect()
    until = time.monotonic() + GENEROUS
    while alive():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_an_interpreter_that_exits_with_a_stream_open_neither_hangs_nor_prints() -> None:
    program = """
import socket
from labsupport.proxy import Proxy
from labsupport.faults import Buffer

proxy = Proxy(%r, Buffer(None)).start()
client = socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2])))
client.sendall(b"GET / HTTP/1.1\\r\\nhost: h\\r\\n\\r\\n")
assert client.recv(1)
client.detach()
"""
    with serve(Ticks()) as server:
        command = [sys.executable, "-W", "error", "-c", program % server.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_works_inside_a_running_loop_and_after_nest_asyncio() -> None:
    program = """
import asyncio, nest_asyncio
nest_asyncio.apply()
from labsupport import record
from labsupport.faults import Merge
from labsupport.proxy import Proxy

async def main():
    with Proxy(%r, Merge(0.01)) as proxy:
        return record(proxy.url, stop_after_events=3).ending

print(asyncio.run(main()))
"""
    with serve(Ticks()) as server:
        command = [sys.executable, "-c", program % server.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("stopped by us\n", "")


def test_a_fault_that_ignores_being_cancelled_makes_stop_say_so() -> None:
    release = threading.Event()

    class Deaf:
        conserves: ClassVar[bool] = True

        async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
            async for chunk in chunks:
                yield chunk
                while not release.is_set():
                    time.sleep(0.01)  # a mistake that blocks the loop  # noqa: ASYNC251

    with serve(Ticks()) as server:
        proxy = Proxy(server.url, Deaf(), stop_deadline=0.2).start()
        with connected(proxy.url, GET) as connection:
            read_until(connection, b"tick")
            with pytest.raises(StopError, match=r"end within 0\.2 s, got a thread that is still"):
                proxy.stop()
        release.set()
        assert not proxy.running


def test_the_error_of_a_with_block_is_not_hidden_by_a_stop_that_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(self: object) -> None:
        raise StopError(expected="a", got="b", next="c")

    proxy = Proxy("http://h").start()
    with monkeypatch.context() as patched, pytest.raises(KeyError, match="the block's own"):
        patched.setattr("labsupport.relay.thread.RelayThread.stop", fail)
        with proxy:
            relay = proxy._relay
            raise KeyError("the block's own")
    assert relay is not None
    relay.stop()


def test_no_file_descriptor_left_is_a_start_error_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: object, **options: object) -> socket.socket:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(thread, "listen", refuse)
    with pytest.raises(StartError, match="a free port and file descriptors for a proxy, got OSErr"):
        Proxy("http://h").start()


def test_two_hundred_streams_at_once_with_clients_leaving_at_any_point_leave_nothing() -> None:
    """Every stream of the upstream ends, and what each client read is a beginning."""
    app = Ticks()
    with serve(app) as server, Proxy(server.url) as fast, Proxy(server.url, Stall(100)) as slow:

        async def one(number: int) -> None:
            url = slow.url if number % 3 == 0 else fast.url
            port = int(url.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(GET)
            got = await reader.readuntil(b"\r\n\r\n")
            if number % 2:
                got += await reader.readexactly(12 * (number % 7))
            assert got.startswith(b"HTTP/1.1 200")
            if number % 5:
                writer.close()
            else:
                writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()

        async def all_of_them() -> None:
            await asyncio.gather(*(one(number) for number in range(200)))

        asyncio.run(asyncio.wait_for(all_of_them(), 60))
        until = time.monotonic() + GENEROUS
        while app.ended < 200:
            assert time.monotonic() < until, f"{app.ended} of 200 ended"
            time.sleep(0.02)
        while len(fast.log) + len(slow.log) < 200:
            assert time.monotonic() < until, "some answers were not told of"
            time.sleep(0.02)
        assert all("the client left" in line for line in fast.log + slow.log)
