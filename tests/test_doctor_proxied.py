"""What the doctor makes of a proxy, by fake Jupyter servers that stream, hold, fail or hang."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from labsupport import serve
from labsupport.doctor import Checkup, proxied
from labsupport.doctor.owner import Owner
from labsupport.doctor.proxied import jupyter

TOKEN = "a-token-that-nobody-may-see"


def always(accept: str) -> bool:
    return True


def exact(accept: str) -> bool:
    return accept == "text/event-stream"


def relay(
    streams: Callable[[str], bool], status: int = 0, refuses: Callable[[str], bool] = always
) -> FastAPI:
    """A Jupyter server's `proxy/PORT/`, which goes by the Accept header: streams, or holds.

    With a `status`, it answers that to what it refuses.
    """
    app = FastAPI()

    @app.get("/proxy/{port}/{path}")
    async def proxy(port: int, path: str, request: Request) -> Response:
        accept = request.headers["accept"]
        if status and refuses(accept):
            return Response("no", status)

        async def body() -> AsyncIterator[bytes]:
            url = f"http://127.0.0.1:{port}/{path}"
            async with (
                httpx.AsyncClient(trust_env=False, timeout=30) as client,
                client.stream("GET", url) as answer,
            ):
                async for chunk in answer.aiter_raw():
                    yield chunk

        if streams(accept):
            return StreamingResponse(body(), media_type="text/event-stream")
        whole = b"".join([chunk async for chunk in body()])
        return Response(whole, media_type="text/event-stream")

    return app


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[FastAPI], str]]:
    """Serve an app as the Jupyter server around this Python."""
    for name in list(os.environ):
        if name.startswith("JUPYTERHUB_"):
            monkeypatch.delenv(name)
    with ExitStack() as stack:

        def make(app: FastAPI) -> str:
            url = stack.enter_context(serve(app)).url + "/"
            monkeypatch.setattr(proxied, "owner", lambda: Owner(url, TOKEN))
            return url

        yield make


def test_no_server_around_is_quietly_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxied, "owner", lambda: None)
    found = jupyter()
    assert str(found) == "✓ no Jupyter server around this Python" and found.optional


def test_a_proxy_that_streams_is_fine_and_left_out_of_repr(
    front: Callable[[FastAPI], str],
) -> None:
    front(relay(always))
    found = jupyter()
    assert str(found) == "✓ Jupyter's proxy, event by event"
    assert found.detail.endswith("without 'Accept: text/event-stream' streams too")
    assert "Jupyter" not in repr(Checkup((found,)))


def test_a_proxy_that_streams_to_eventsource_alone_is_fine_and_says_so(
    front: Callable[[FastAPI], str],
) -> None:
    front(relay(exact))
    found = jupyter()
    assert found.state == "fine"
    assert "'Accept: text/event-stream' is held until the end (EventSource sends" in found.detail


@pytest.mark.usefixtures("no_leaks")
def test_a_proxy_that_holds_everything_is_shown(
    front: Callable[[FastAPI], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxied, "DEADLINE", 0.5)
    front(relay(lambda accept: False))
    found = jupyter()
    assert str(found).startswith("! Jupyter's proxy holds events back\n  next: Run: pip install")
    assert found.detail == "0 of 3 events, timed out"
    assert "holds events back" in repr(Checkup((found,)))


@pytest.mark.parametrize("status", [403, 500, 599])
def test_a_proxy_that_does_not_reach_us_says_what_it_answers(
    status: int, front: Callable[[FastAPI], str]
) -> None:
    front(relay(exact, status))
    found = jupyter()
    assert (found.state, found.detail) == ("look", f"it answers {status}")
    assert found.name == "Jupyter's proxy does not reach this Python"


def test_a_server_that_is_gone_or_closed_to_us_is_no_alarm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proxied, "owner", lambda: Owner("http://127.0.0.1:1/", TOKEN))
    found = jupyter()
    assert (found.name, found.optional) == ("Jupyter's proxy was not tested", True)
    trouble = Owner("http://127.0.0.1:1/", "", trouble="it answers 403")
    monkeypatch.setattr(proxied, "owner", lambda: trouble)
    found = jupyter()
    assert found.detail == "this kernel's server cannot be asked: it answers 403" and found.optional


def test_a_plain_request_that_fails_is_not_called_held(front: Callable[[FastAPI], str]) -> None:
    front(relay(exact, 500, refuses=lambda accept: not exact(accept)))
    found = jupyter()
    assert found.state == "fine" and found.detail.endswith("was not tested")


@pytest.mark.parametrize("variable", ["JUPYTERHUB_PUBLIC_URL", "JUPYTERHUB_HOST"])
def test_a_hub_that_cannot_be_tested_from_outside_says_why(
    variable: str, front: Callable[[FastAPI], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    front(relay(exact))
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/")
    with serve(relay(exact, 403)) as public:
        monkeypatch.setenv(variable, public.url)
        found = jupyter()
    assert found.state == "fine" and found.optional
    assert found.detail.endswith("; not tested: the public address, which answers 403")
    found = jupyter()  # now it is gone
    assert found.state == "fine" and "; not tested: the hub's public address: " in found.detail
    assert TOKEN not in str(found) + found.detail
