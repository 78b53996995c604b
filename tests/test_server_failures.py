"""serve and stop when they cannot do what was asked: the error says what and what next."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from apps import hello, piece, start
from fastapi import FastAPI
from sockets import GENEROUS

from labsupport.errors import StartError, StopError, UsageError
from labsupport.server import serve

pytestmark = pytest.mark.usefixtures("no_leaks")


def app_with(startup: Any) -> FastAPI:
    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await startup()
        yield

    return FastAPI(lifespan=lifespan)


def test_a_startup_that_raises_is_named_and_chained(capfd: pytest.CaptureFixture[str]) -> None:
    async def broken() -> None:
        raise LookupError("no recipe book")

    with pytest.raises(StartError, match="got LookupError: no recipe book. Next: Read") as caught:
        serve(app_with(broken))
    assert isinstance(caught.value.__cause__, LookupError)
    assert capfd.readouterr().err == ""


def test_a_startup_that_exits_the_interpreter_is_an_error_like_any_other() -> None:
    async def leaving() -> None:
        raise SystemExit(3)

    with pytest.raises(StartError, match="got SystemExit: 3"):
        serve(app_with(leaving))


def test_an_app_that_reports_a_failed_startup_is_quoted() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "the oven is cold"})

    with pytest.raises(StartError, match="got the oven is cold"):
        serve(app)


def test_a_startup_that_never_ends_meets_the_deadline() -> None:
    async def stuck() -> None:
        await asyncio.sleep(3600)

    with pytest.raises(StartError, match=r"within 0\.1 s, got one that is still running\. Next"):
        serve(app_with(stuck), start_deadline=0.1)


def test_a_startup_that_blocks_is_named_with_its_line() -> None:
    release = threading.Event()

    async def block() -> None:
        release.wait(GENEROUS)

    with pytest.raises(StartError, match=r"still running in wait\(\), threading.py:\d+"):
        serve(app_with(block), start_deadline=0.1, stop_deadline=0.1)
    release.set()


def test_a_taken_port_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartError, match=f"expected port {port} .*Next: Leave port out"):
            serve(hello, port=port)


def test_a_port_that_our_own_server_holds_names_that_server() -> None:
    with serve(hello) as first:
        with pytest.raises(StartError, match=f"got Server\\({first.url}, running\\), started here"):
            serve(hello, port=first.port)


@pytest.mark.parametrize("port", [-1, 65536, 70000, "8000", True, None, 80.0])
def test_a_port_out_of_range_is_refused(port: Any) -> None:
    with pytest.raises(UsageError, match="expected a port from 1 to 65535, or 0 for a free one"):
        serve(hello, port=port)


@pytest.mark.parametrize("deadline", [0, -1.0, float("nan"), float("inf")])
def test_a_deadline_must_be_a_positive_number(deadline: float) -> None:
    with pytest.raises(UsageError, match="expected a deadline in seconds, more than 0"):
        serve(hello, start_deadline=deadline)
    with pytest.raises(UsageError, match="expected a deadline in seconds, more than 0"):
        serve(hello, stop_deadline=deadline)


@pytest.mark.parametrize(
    ("app", "hint"),
    [
        (None, "Pass the app itself"),
        ("main:app", "Import the app and pass the object"),
        (FastAPI, "Call it first"),
        (lambda: FastAPI(), "Call it first"),
        (lambda environ, start_response: [], "Pass the app itself"),
    ],
)
def test_what_cannot_be_an_app_is_refused_with_a_hint(app: Any, hint: str) -> None:
    with pytest.raises(UsageError, match=f"expected an ASGI app.*Next: {hint}"):
        serve(app)


def test_a_plain_function_of_three_arguments_is_not_an_app() -> None:
    with pytest.raises(UsageError, match="an awaitable from app.*got NoneType from <function"):
        serve(lambda scope, receive, send: None)


def test_a_stream_that_blocks_the_loop_is_named_with_its_line() -> None:
    entered, release = threading.Event(), threading.Event()

    async def blocking(scope: Any, receive: Any, send: Any) -> None:
        await start(send)
        await piece(send, b"data: 1\n\n")
        entered.set()
        release.wait(GENEROUS)

    server = serve(blocking, stop_deadline=0.2)
    with httpx.stream("GET", server.url, trust_env=False):
        assert entered.wait(GENEROUS)
        with pytest.raises(StopError, match=r"busy in wait\(\), threading.py:\d+.*asyncio.sleep"):
            server.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), timeout=GENEROUS)
        release.set()
    server.stop()
    assert not server.running
