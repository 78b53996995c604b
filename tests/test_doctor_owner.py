"""Finding the Jupyter server around this Python: fake servers and odd runtime folders."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from labsupport import Server, serve
from labsupport.doctor import owner as module
from labsupport.doctor.owner import Owner, ask, owner

TOKEN, KERNEL = "a-token-that-nobody-may-see", "0b7e"
ELSEWHERE = 2**22 + 1
"""A process id that no system gives out by itself."""


@pytest.fixture
def fake() -> Iterator[Server]:
    """A server with one kernel, which lets in who has the token."""
    app = FastAPI()

    @app.get("/user/ann/api/kernels/{kernel}")
    def kernels(kernel: str, request: Request) -> Any:
        if request.headers.get("authorization") != f"token {TOKEN}":
            return Response(status_code=403)
        return {"name": "python3"} if kernel == KERNEL else Response(status_code=404)

    app.add_api_route("/user/ann/api/status", lambda: {"kernels": 1})
    with serve(app) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runtime folder of this kernel's server; nothing in the environment says more."""
    for name in list(os.environ):
        if name.startswith(("JUPYTERHUB_", "JUPYTER_SERVER_", "JPY_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(module, "_kernel", lambda: (KERNEL, tmp_path))
    return tmp_path


def leave(folder: Path, server: Server, **news: Any) -> str:
    """Write what a Jupyter Server writes about itself; returns its address."""
    said = {
        "base_url": "/user/ann/",
        "hostname": "127.0.0.1",
        "pid": ELSEWHERE,
        "port": server.port,
        "secure": False,
        "sock": "",
        "token": TOKEN,
        "url": f"{server.url}/user/ann/",
    } | news
    path = folder / f"jpserver-{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps(said), encoding="utf-8")
    return f"{server.url}/user/ann/"


def test_a_kernel_belongs_to_the_server_that_lists_it(folder: Path, fake: Server) -> None:
    url = leave(folder, fake)
    assert owner() == Owner(url, TOKEN, "python3")


def test_a_server_without_this_kernel_is_somebody_elses(
    folder: Path, fake: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(folder, fake, pid=os.getppid())
    monkeypatch.setattr(module, "_kernel", lambda: ("another", folder))
    assert owner() is None


def test_broken_files_and_dead_servers_are_passed_over_and_stay(folder: Path, fake: Server) -> None:
    (folder / "jpserver-a.json").write_text("{", encoding="utf-8")
    (folder / "jpserver-b.json").write_text("[1]", encoding="utf-8")
    (folder / "jpserver-c.json").write_bytes(b"\xff")
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    leave(folder, fake, port=port)
    url = leave(folder, fake)
    found = owner()
    assert found and found.url == url
    assert len(list(folder.iterdir())) == 5


def test_outside_a_kernel_only_a_server_that_the_environment_names_counts(
    folder: Path, fake: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = leave(folder, fake)
    monkeypatch.setattr(module, "_kernel", lambda: ("", None))
    assert owner() is None
    monkeypatch.setenv("JUPYTER_SERVER_URL", url)  # JupyterLab's own terminal has it
    assert owner() == Owner(url, TOKEN)


def test_a_hubs_server_is_opened_by_the_hubs_token(
    folder: Path, fake: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = leave(folder, fake, token="", hostname="0.0.0.0")
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ann/")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)
    assert owner() == Owner(url, TOKEN, "python3")


@pytest.mark.parametrize(
    ("news", "trouble"),
    [
        ({"token": ""}, "it answers 403"),
        ({"sock": "jupyter.sock"}, "it listens on a Unix socket"),
        ({"hostname": "no host"}, "expected a URL with http:// or https:// and a host, got "),
    ],
)
def test_a_server_that_cannot_be_asked_is_named_if_it_is_our_parent(
    news: dict[str, str], trouble: str, folder: Path, fake: Server
) -> None:
    leave(folder, fake, **news)
    assert owner() is None  # it may be anybody's
    leave(folder, fake, pid=os.getppid(), **news)
    found = owner()
    assert found and found.trouble.startswith(trouble) and found.headers == {}


def test_a_server_that_never_answers_costs_a_bounded_wait(
    folder: Path, fake: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ASK", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        leave(folder, fake, port=deaf.getsockname()[1], pid=os.getppid())
        found = owner()
    assert found and found.trouble == "no answer: timed out"


def test_a_token_is_sent_as_a_header_and_shown_nowhere(folder: Path, fake: Server) -> None:
    leave(folder, fake)
    found = owner()
    assert found and ask(found, f"api/kernels/{KERNEL}") == (200, {"name": "python3"})
    assert TOKEN not in repr(found) + found.url + "".join(fake.log)


def test_an_address_with_a_colon_gets_brackets(folder: Path, fake: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    leave(folder, fake, port=port, hostname="::1", pid=os.getppid(), secure=True, base_url="/")
    found = owner()
    assert found and found.url == f"https://[::1]:{port}/"


def test_a_python_that_is_no_kernel_has_no_id(monkeypatch: pytest.MonkeyPatch) -> None:
    import ipykernel.kernelapp  # noqa: F401 - loaded, but no kernel runs

    assert module._kernel() == ("", None)
    monkeypatch.setattr(module, "sys", SimpleNamespace(modules={}))
    assert module._kernel() == ("", None)
