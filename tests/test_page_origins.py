"""Where the page that shows this notebook comes from."""

from __future__ import annotations

import pytest

from labsupport.doctor import owner as module
from labsupport.doctor.owner import Owner
from labsupport.page.origins import host_of, origin_of, own_origins


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("http://127.0.0.1:8888/", "http://127.0.0.1:8888"),
        ("http://localhost:8888/lab/tree/a.ipynb?token=x#y", "http://localhost:8888"),
        ("https://Hub.Example.org/user/ann/", "https://hub.example.org"),
        ("https://hub.example.org:443", "https://hub.example.org"),
        ("http://hub.example.org:80", "http://hub.example.org"),
        ("https://hub.example.org:80", "https://hub.example.org:80"),
        ("http://[::1]:8888/lab", "http://[::1]:8888"),
        ("http://ann:secret@hub.example.org", "http://hub.example.org"),
        ("vscode-webview://1a2b/index.html", "vscode-webview://1a2b"),
    ],
)
def test_an_origin_is_written_as_a_browser_writes_it(address: str, origin: str) -> None:
    assert origin_of(address) == origin


def test_the_host_of_an_origin_has_no_port() -> None:
    assert host_of("http://[::1]:8888") == "[::1]"
    assert host_of("https://hub.example.org") == "hub.example.org"


def of(monkeypatch: pytest.MonkeyPatch, url: str, **env: str) -> tuple[str, ...]:
    for name in ("JUPYTERHUB_PUBLIC_URL", "JUPYTERHUB_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "owner", lambda: Owner(url, "a token") if url else None)
    return own_origins()


def test_without_a_jupyter_server_no_page_is_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of(monkeypatch, "", JUPYTERHUB_PUBLIC_URL="https://hub.example.org/") == ()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_loopback_goes_by_three_names(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    found = of(monkeypatch, f"http://{host}:8888/base/")
    assert sorted(found) == ["http://127.0.0.1:8888", "http://[::1]:8888", "http://localhost:8888"]


def test_another_host_has_its_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of(monkeypatch, "https://lab.example.org:8443/") == ("https://lab.example.org:8443",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JUPYTERHUB_PUBLIC_URL", "https://hub.example.org/user/ann/"),
        ("JUPYTERHUB_HOST", "https://hub.example.org"),
    ],
)
def test_a_hub_tells_its_public_address(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    found = of(monkeypatch, "http://10.0.0.7:8888/user/ann/", **{name: value})
    assert found == ("http://10.0.0.7:8888", "https://hub.example.org")
