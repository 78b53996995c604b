"""stop when a stream ignores being cancelled, or sits in a thread that cannot be cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from apps import Endless
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from leaks import no_leaks
from sockets import GENEROUS

from labsupport.errors import StopError
from labsupport.server import serve

DEAF = """
import asyncio, contextlib
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()

@app.get("/")
async def deaf():
    async def tokens():
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                yield b"data: tick\\n\\n"
                await asyncio.sleep(0.01)
    return StreamingResponse(tokens())
"""


def test_a_stream_that_ignores_cancellation_makes_stop_say_so_by_its_deadline() -> None:
    server = serve(Endless(deaf=True))
    with httpx.stream("GET", server.url, trust_env=False) as response:
        assert next(response.iter_bytes())
        before = time.monotonic()
        with pytest.raises(StopError, match=r"1 still running, now abandoned.*Let .*Cancelled"):
            server.stop()
        assert time.monotonic() - before < GENEROUS
    assert not server.running
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=GENEROUS)
    server.stop()  # it has said what it had to say


def test_the_error_of_a_with_block_is_not_hidden_by_a_stop_that_fails() -> None:
    with pytest.raises(KeyError, match="the block's own"):
        with serve(Endless(deaf=True)) as server:
            with httpx.stream("GET", server.url, trust_env=False) as response:
                assert next(response.iter_bytes())
                raise KeyError("the block's own")


def test_a_deaf_generator_of_fastapi_prints_nothing_even_when_the_interpreter_exits() -> None:
    use = """
import httpx
from labsupport.errors import StopError
from labsupport.server import serve

server = serve(app)
with httpx.stream("GET", server.url, trust_env=False) as response:
    assert next(response.iter_bytes())
    try:
        server.stop()
    except StopError as error:
        print(error.got)
"""
    command = [sys.executable, "-c", DEAF + use]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2 still running, now abandoned\n"


def test_a_plain_generator_in_a_worker_thread_does_not_hold_stop_up() -> None:
    release, ended = threading.Event(), threading.Event()
    app = FastAPI()

    @app.get("/")
    def slow() -> StreamingResponse:
        def tokens() -> Iterator[bytes]:
            yield b"data: tick\n\n"
            release.wait(GENEROUS)
            ended.set()

        return StreamingResponse(tokens())

    with no_leaks():
        with serve(app) as server, httpx.stream("GET", server.url, trust_env=False) as response:
            assert next(response.iter_bytes())
            server.stop()
            assert not server.running
            assert not ended.is_set()  # a thread cannot be cancelled: it goes on by itself
        release.set()
        assert ended.wait(GENEROUS)


def test_stop_from_inside_the_app_does_not_wait_for_itself() -> None:
    stopped = threading.Event()

    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        assert scope["type"] == "http"
        server.stop()
        stopped.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)

    with no_leaks():
        with serve(app) as server:
            assert httpx.get(server.url, timeout=GENEROUS, trust_env=False).status_code == 500
            assert stopped.wait(GENEROUS)
