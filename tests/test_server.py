"""serve: what it promises when all is well."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import threading
from typing import Any

import httpx
import pytest
from apps import Endless, hello
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from sockets import GENEROUS

from labsupport import Proxy, record
from labsupport.server import Server, serve

pytestmark = pytest.mark.usefixtures("no_leaks")


def get(url: str) -> httpx.Response:
    return httpx.get(url, timeout=GENEROUS, trust_env=False)


def test_a_request_is_answered_as_soon_as_serve_returns() -> None:
    with serve(hello) as server:
        assert get(server.url).text == "hello"


def test_the_url_is_loopback_with_the_port_and_no_slash_at_the_end() -> None:
    with serve(hello) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server.app is hello


def test_the_app_starts_before_serve_returns_and_ends_before_stop_returns() -> None:
    seen: list[str] = []

    async def lifespan(app: object):  # type: ignore[no-untyped-def]
        seen.append("started")
        yield
        seen.append("ended")

    import contextlib

    with serve(FastAPI(lifespan=contextlib.asynccontextmanager(lifespan))):
        assert seen == ["started"]
    assert seen == ["started", "ended"]


def test_a_port_asked_for_by_number_is_free_again_after_stop() -> None:
    with serve(hello) as first:
        port = first.port
        get(first.url)
    with serve(hello, port=port) as second:
        assert second.port == port
        assert get(second.url).text == "hello"


def test_repr_says_where_it_is_and_whether_it_runs() -> None:
    server = serve(hello)
    assert repr(server) == f"Server({server.url}, running)"
    server.stop()
    assert repr(server) == f"Server({server.url}, stopped)"


def test_stop_may_be_called_again() -> None:
    server = serve(hello)
    server.stop()
    server.stop()
    assert not server.running


def test_after_stop_the_port_refuses() -> None:
    with serve(hello) as server:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=GENEROUS).close()


def test_stop_cancels_open_streams_so_that_their_finally_runs() -> None:
    app = Endless()
    with serve(app) as server, httpx.stream("GET", server.url, trust_env=False) as response:
        pieces = response.iter_bytes()
        assert next(pieces)
        server.stop()
        assert app.ended == ["CancelledError"]
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            list(pieces)
    assert not any("Cancelled" in line for line in server.log)


def test_stop_ends_a_stream_that_nobody_reads() -> None:
    app = FastAPI()

    @app.get("/")
    async def endless() -> StreamingResponse:
        async def flood():  # type: ignore[no-untyped-def]
            while True:
                yield b"x" * 65536

        return StreamingResponse(flood())

    with serve(app) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=GENEROUS) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert idle.recv(15) == b"HTTP/1.1 200 OK"
            server.stop()
    assert not server.running


def test_stop_cancels_tasks_that_the_app_started_by_itself() -> None:
    started, ended = threading.Event(), threading.Event()

    async def forever() -> None:
        try:
            started.set()
            await asyncio.sleep(3600)
        finally:
            ended.set()

    kept: list[object] = []

    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        kept.append(asyncio.create_task(forever()))
        await hello(scope, receive, send)

    with serve(app) as server:
        get(server.url)
        assert started.wait(GENEROUS)
    assert ended.is_set()
    kept.clear()


def test_a_server_that_nobody_holds_stops() -> None:
    server: Server | None = serve(hello)
    assert server is not None
    port, engine = server.port, server._engine
    server = None
    gc.collect()
    engine.thread.join(GENEROUS)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=GENEROUS).close()


def test_nothing_reaches_stderr_and_log_tells_of_requests_and_exceptions(
    capfd: pytest.CaptureFixture[str],
) -> None:
    app = FastAPI()

    @app.get("/soup")
    async def soup() -> str:
        raise LookupError("no soup today")

    with serve(app) as server:
        assert get(server.url + "/soup").status_code == 500
        with socket.create_connection(("127.0.0.1", server.port), timeout=GENEROUS) as odd:
            odd.sendall(b"not http\r\n\r\n")
            assert odd.recv(12) == b"HTTP/1.1 400"
    assert capfd.readouterr() == ("", "")
    assert server.log[0] == '"GET /soup HTTP/1.1" 500'
    assert server.log[1].startswith("Exception in ASGI application")
    assert server.log[1].endswith("LookupError: no soup today")
    assert server.log[2] == "Invalid HTTP request received."


def test_access_log_shows_requests_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with serve(hello, access_log=True) as server:
        get(server.url + "/a?b=c")
    assert capsys.readouterr().err == '"GET /a?b=c HTTP/1.1" 200\n'


def test_the_loop_s_own_complaints_go_to_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": "a callback failed", "exception": OSError("pot")})
        logging.getLogger("asyncio").warning("slow %s", "soup")
        await hello(scope, receive, send)

    with serve(app) as server:
        get(server.url)
    assert "a callback failed: OSError('pot')" in server.log
    assert "slow soup" in server.log
    assert capfd.readouterr().err == ""


def test_other_threads_keep_uvicorn_s_loggers_as_they_are(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shared = logging.getLogger("uvicorn.error")
    before = (shared.level, shared.propagate, list(shared.handlers), list(shared.filters))
    with serve(hello) as server:
        shared.error("from the test's own thread")
    assert caplog.messages == ["from the test's own thread"]
    assert server.log == []
    assert before == (shared.level, shared.propagate, shared.handlers, shared.filters)


def test_connections_do_not_wait_to_send() -> None:
    """With Nagle's algorithm a small event waits for the answer to the one before it."""
    found = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sock = receive.__self__.transport.get_extra_info("socket")
        found.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with serve(app) as server, Proxy(server.url) as path:
        record(path.url)
    assert found == [1]
