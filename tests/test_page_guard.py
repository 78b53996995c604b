"""The guard: which requests come in, which are refused, and that refused ones do no work."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from labsupport import Server, serve
from labsupport.doctor import owner
from labsupport.errors import UsageError
from labsupport.page.guard import DOOR, Guard, guard

PAGE, PUBLIC = "http://localhost:8888", "https://hub.example.org"
STRANGER = "https://stranger.example"

Fields = dict[str, str]


@pytest.fixture(scope="module")
def worked() -> list[str]:
    return []


@pytest.fixture(scope="module")
def server(worked: list[str]) -> Iterator[Server]:
    app = FastAPI()

    @app.api_route("/cook", methods=["GET", "POST"])
    def cook() -> str:
        worked.append("a dish")
        return "soup"

    with serve(Guard(app, [PAGE + "/lab", PUBLIC])) as made:
        yield made


def ask(server: Server, headers: Fields, method: str = "GET", path: str = "/cook") -> Any:
    with httpx.Client(trust_env=False) as client:
        return client.request(method, server.url + path, headers=headers)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="a program"),
        pytest.param({"origin": PAGE}, id="the page, directly"),
        pytest.param({"origin": PAGE, "sec-fetch-site": "same-site"}, id="as Chromium says it"),
        pytest.param({"host": "localhost:8888"}, id="through a proxy that keeps the host"),
        pytest.param({"host": "[::1]:8888"}, id="over IPv6"),
        pytest.param({"host": "LocalHost"}, id="a host in capitals, without a port"),
        pytest.param({"host": "hub.example.org", "sec-fetch-site": "same-origin"}, id="a hub"),
        pytest.param({"host": "hub.example.org", "origin": PUBLIC}, id="a POST through a hub"),
        pytest.param({"sec-fetch-site": "none"}, id="typed into the address bar"),
        pytest.param({"host": "127.0.0.1:9", "origin": "http://127.0.0.1:9"}, id="the app's page"),
    ],
)
def test_the_notebooks_page_and_programs_come_in(
    server: Server, worked: list[str], headers: Fields
) -> None:
    worked.clear()
    assert ask(server, headers).status_code == 200
    assert worked == ["a dish"]


@pytest.mark.parametrize(
    ("headers", "got"),
    [
        pytest.param({"origin": STRANGER}, f"Origin: {STRANGER}", id="a page elsewhere"),
        pytest.param({"origin": "null"}, "Origin: null", id="a sandboxed frame or a file"),
        pytest.param({"origin": "http://localhost:8889"}, "Origin: ", id="another port"),
        pytest.param({"origin": "https://localhost:8888"}, "Origin: ", id="another scheme"),
        pytest.param({"origin": PAGE + ".stranger.example"}, "Origin: ", id="a longer name"),
        pytest.param({"origin": ""}, "Origin: nothing", id="an empty origin"),
        pytest.param({"host": "stranger.example"}, "Host: stranger.example", id="rebinding"),
        pytest.param(
            {"host": "stranger.example", "origin": "http://stranger.example"},
            "Host: stranger.example",
            id="rebinding, and a POST",
        ),
        pytest.param({"host": "x@127.0.0.1"}, "Host: x@127.0.0.1", id="a name before the host"),
        pytest.param({"host": "127.0.0.1.nip.example"}, "Host: ", id="a host that begins well"),
        pytest.param({"host": "localhost."}, "Host: localhost.", id="a dot at the end"),
        pytest.param(
            {"sec-fetch-site": "cross-site"}, "Sec-Fetch-Site: cross-site", id="a picture"
        ),
        pytest.param({"sec-fetch-site": "same-site"}, "Sec-Fetch-Site: ", id="on another port"),
    ],
)
def test_strangers_are_refused_before_the_work(
    server: Server, worked: list[str], headers: Fields, got: str
) -> None:
    worked.clear()
    for method in ("GET", "POST"):
        answer = ask(server, headers, method)
        assert answer.status_code == 403
        assert answer.text.startswith(
            "expected a request from this notebook's own page, got " + got
        )
        assert "Next: if that page is yours, let it in with page.guard(app, " in answer.text
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert worked == []


def test_a_refusal_tells_a_stranger_nothing_about_the_notebook(server: Server) -> None:
    for headers in ({"origin": STRANGER}, {"host": "stranger.example"}):
        answer = ask(server, headers)
        assert "8888" not in answer.text and "hub" not in answer.text
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_two_hosts_or_two_origins_are_none() -> None:
    made = Guard(None, [PAGE])
    for twice in ([("host", "localhost")] * 2, [("host", "localhost"), *[("origin", PAGE)] * 2]):
        status, said = call(made, "http", [(key.encode(), value.encode()) for key, value in twice])
        assert status == 403 and b", " in said
    assert call(made, "http", [])[0] == 403  # HTTP/1.0 may leave Host out


def test_only_its_own_page_may_read_and_nobody_gets_a_star(server: Server) -> None:
    allowed = "access-control-allow-origin"
    assert ask(server, {"origin": PAGE}).headers[allowed] == PAGE
    assert ask(server, {"origin": PUBLIC}).headers[allowed] == PUBLIC
    assert ask(server, {"origin": PAGE}).headers["vary"] == "Origin"
    assert allowed not in ask(server, {}).headers


def test_a_preflight_is_answered_for_its_own_page_alone(server: Server, worked: list[str]) -> None:
    worked.clear()
    wish = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    answer = ask(server, {"origin": PAGE, **wish}, "OPTIONS")
    assert answer.status_code == 200
    assert "content-type" in answer.headers["access-control-allow-headers"]
    assert ask(server, {"origin": STRANGER, **wish}, "OPTIONS").status_code == 403
    assert worked == []


def test_the_door_answers_without_the_app(server: Server, worked: list[str]) -> None:
    worked.clear()
    assert ask(server, {"origin": PAGE}, path=DOOR).text == "come in"
    assert ask(server, {"origin": STRANGER}, path=DOOR).status_code == 403
    assert worked == []


def call(app: Any, kind: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    """Call an app as a server does; its status, or the code it closes a WebSocket with."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect" if kind == "websocket" else "http.request"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": kind, "path": "/", "method": "GET", "headers": headers}
    asyncio.run(app(scope, receive, send))
    first = sent[0]
    return first.get("status") or first["code"], b"".join(one.get("body", b"") for one in sent)


def test_a_websocket_from_a_stranger_is_closed_before_the_app_sees_it() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])
        await send({"type": "websocket.close", "code": 1000})

    made, host = Guard(app, [PAGE]), (b"host", b"127.0.0.1:5")
    assert call(made, "websocket", [host, (b"origin", STRANGER.encode())]) == (1008, b"")
    assert seen == []
    assert call(made, "websocket", [host, (b"origin", PAGE.encode())]) == (1000, b"")
    assert seen == ["websocket"]


def test_startup_and_shutdown_reach_the_app() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(Guard(app, [])({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]


def test_guard_adds_the_notebooks_own_page(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JUPYTERHUB_PUBLIC_URL", "JUPYTERHUB_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(owner, "owner", lambda: owner.Owner("https://lab.example.org/", ""))
    made = guard(FastAPI(), "https://Hub.example.org/user/ann")
    assert made.own == ("https://lab.example.org", PUBLIC)
    assert repr(made) == f"Guard(lets in https://lab.example.org, {PUBLIC})"
    assert repr(Guard(None, [])) == "Guard(lets in no page, only programs)"


@pytest.mark.parametrize("address", ["*", "null", "hub.example.org", "http://", "http://a:b"])
def test_there_is_no_way_to_let_in_everybody(address: str) -> None:
    with pytest.raises(UsageError) as error:
        Guard(None, [address])
    assert str(error.value) == (
        f"expected the address of a page, such as https://hub.example.org, got {address!r}. "
        "Next: Name each page that may come in; there is no way to let in all."
    )
