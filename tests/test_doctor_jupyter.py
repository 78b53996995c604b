"""The doctor in the kernel of a real Jupyter Server, with and without jupyter-server-proxy."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import metadata

import psutil
import pytest
from real_jupyter import BASE, TOKEN, Lab
from test_doctor import HEALTHY

from labsupport import Proxy
from labsupport.doctor import proxied
from labsupport.doctor.owner import Owner
from labsupport.faults import Buffer


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Lab]]:
    """Two servers started side by side: with the proxy and a kernel, and without."""
    with ExitStack() as stack:
        both = []
        for extensions in ({"jupyter_server_proxy": True}, {}):
            both.append(Lab(tmp_path_factory.mktemp("lab"), extensions))
            stack.callback(both[-1].close)
        for one in both:
            one.open()
        both[0].start_kernel()
        yield both[0], both[1]


@pytest.fixture
def lab(labs: tuple[Lab, Lab]) -> Lab:
    return labs[0]


@pytest.fixture
def bare(labs: tuple[Lab, Lab]) -> Lab:
    return labs[1]


@pytest.fixture
def front(lab: Lab) -> Iterator[Callable[..., Proxy]]:
    """Something that stands before the server and does what a fault does."""
    with ExitStack() as stack:
        port = lab.said["port"]

        def make(*faults: Buffer) -> Proxy:
            return stack.enter_context(Proxy(f"http://127.0.0.1:{port}", *faults))

        yield make


def port_of(proxy: Proxy) -> int:
    return int(proxy.url.rpartition(":")[2])


def hub(lab: Lab, public: str = "") -> str:
    """Python for the environment that JupyterHub gives to a server."""
    return f"env = {{'JUPYTERHUB_SERVICE_PREFIX': {BASE!r}, 'JUPYTERHUB_API_TOKEN': {TOKEN!r}, " + (
        f"'JUPYTERHUB_PUBLIC_URL': {public!r}}}"
    )


def test_a_stream_passes_jupyters_proxy_event_by_event(lab: Lab) -> None:
    found = lab.finding()
    assert (found["state"], found["name"]) == ("fine", "Jupyter's proxy, event by event")
    assert found["optional"] and found["detail"].startswith("3 events, ")


def test_a_request_that_accepts_anything_is_held_and_the_detail_says_so(lab: Lab) -> None:
    said = "a request without exactly 'Accept: text/event-stream' is held until the end"
    assert said in lab.finding()["detail"]


def test_in_a_kernel_the_doctor_reads_as_in_a_terminal(lab: Lab) -> None:
    said = lab.run(
        "from labsupport.doctor import doctor\ncheckup = doctor()\n"
        "said = [repr(checkup), checkup.details]"
    )
    assert said[0] == HEALTHY
    assert "✓ the kernel python3\n  this is it\n✓ Jupyter's proxy, event by event" in said[1]
    assert TOKEN not in said[1]


def test_a_server_without_the_proxy_says_how_to_get_it(
    bare: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxied, "owner", lambda: Owner(bare.said["url"], TOKEN))
    found = proxied.jupyter()
    assert (found.state, found.name) == ("look", "jupyter-server-proxy is not enabled")
    assert "jupyter server extension enable jupyter_server_proxy" in found.next

    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(proxied.metadata, "version", absent)
    found = proxied.jupyter()
    assert (found.state, found.name) == ("look", "jupyter-server-proxy is not installed")
    assert "pip install jupyter-server-proxy" in found.next and not found.optional


def test_a_proxy_that_holds_is_pointed_out_and_nothing_is_left(
    lab: Lab, front: Callable[..., Proxy]
) -> None:
    server = psutil.Process(lab.process.pid)
    before = len(server.net_connections(kind="inet"))
    with lab.saying(port=port_of(front(Buffer(None)))):
        found = lab.finding(deadline=0.8)
    assert (found["state"], found["name"]) == ("look", "Jupyter's proxy holds events back")
    assert found["detail"] == "0 of 3 events, timed out" and not found["optional"]
    assert "pip install --upgrade jupyter-server-proxy" in found["next"]
    until = time.monotonic() + 10
    while len(server.net_connections(kind="inet")) > before:
        assert time.monotonic() < until, server.net_connections(kind="inet")
        time.sleep(0.05)


def test_a_hub_that_does_not_tell_its_address_is_tested_inside_only(lab: Lab) -> None:
    with lab.saying(token=""):  # as a hub's server does: the hub's token opens it
        found = lab.finding(hub(lab))
    assert found["state"] == "fine" and found["detail"].startswith("inside the hub: 3 events")
    assert found["detail"].endswith("not tested: the hub's own front, for it does not tell its "
                                    "public address")  # fmt: skip


def test_a_hubs_public_address_is_tested_if_it_is_told(
    lab: Lab, front: Callable[..., Proxy]
) -> None:
    with lab.saying(token=""):
        found = lab.finding(hub(lab, front().url + BASE))
        held = lab.finding(hub(lab, front(Buffer(None)).url + BASE), deadline=2.0)
    assert found["state"] == "fine" and "; at the public address: 3 events, " in found["detail"]
    assert held["name"] == "JupyterHub's public address holds events back"
    assert held["state"] == "look" and not held["optional"] and "proxy_buffering" in held["next"]


def test_a_kernel_finds_its_own_server_among_several(lab: Lab, bare: Lab) -> None:
    other = lab.runtime / bare.file.name
    other.write_text(json.dumps(bare.said), encoding="utf-8")
    code = "from labsupport.doctor.owner import owner\nfound = owner()\nsaid = found and found.url"
    try:
        assert lab.run(code) == lab.said["url"]
        with lab.saying(port=bare.said["port"], pid=bare.said["pid"]):
            assert lab.run(code) is None  # a server that does not list the kernel is not its own
    finally:
        other.unlink()
