"""serve many times, in odd company, and in cells that run again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from apps import Endless, hello
from jupyter_client.blocking.client import BlockingKernelClient
from leaks import no_leaks
from sockets import GENEROUS

from labsupport.authoring.kernel import KernelManager
from labsupport.server import serve

APP = """
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
"""

USE = """
def use():
    import urllib.request
    from labsupport.server import serve
    with serve(app) as server:
        assert urllib.request.urlopen(server.url, timeout=20).read() == b"hello"
"""

RUN = {
    "no loop": "use()",
    "inside a running loop": (
        "import asyncio\n"
        "async def main(): use()\n"
        "loop = asyncio.new_event_loop()\n"
        "loop.run_until_complete(main())\n"
        "loop.close()"
    ),
}

PATCH = {
    "no nest_asyncio": "",
    "nest_asyncio before uvicorn": "import nest_asyncio; nest_asyncio.apply()",
    "nest_asyncio after uvicorn": "import labsupport.server, nest_asyncio; nest_asyncio.apply()",
    "nest_asyncio2 before uvicorn": "import nest_asyncio2; nest_asyncio2.apply()",
    "nest_asyncio2 after uvicorn": "import labsupport.server, nest_asyncio2; nest_asyncio2.apply()",
}


def test_two_hundred_servers_leave_no_thread_socket_or_task() -> None:
    with no_leaks():
        for _ in range(200):
            with serve(hello) as server:
                assert server.running


def test_twenty_servers_stopped_under_open_streams_leave_nothing() -> None:
    app = Endless()
    with no_leaks():
        for _ in range(20):
            with serve(app) as server, httpx.Client(trust_env=False) as client:
                with client.stream("GET", server.url) as response:
                    assert next(response.iter_bytes())
                    server.stop()
    assert app.ended == ["CancelledError"] * 20


def test_servers_run_side_by_side_on_ports_of_their_own() -> None:
    servers = [serve(hello) for _ in range(10)]
    assert len({server.port for server in servers}) == 10
    for server in servers:
        assert httpx.get(server.url, timeout=GENEROUS, trust_env=False).text == "hello"
        server.stop()


def child(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("patch", PATCH)
@pytest.mark.parametrize("run", RUN)
def test_serve_works_whatever_became_of_asyncio(patch: str, run: str) -> None:
    done = child("\n".join([PATCH[patch], APP, USE, RUN[run]]))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_interpreter_exits_with_a_server_running_and_its_streams_are_told() -> None:
    done = child(
        "import asyncio, urllib.request\n"
        "from labsupport.server import serve\n"
        "async def app(scope, receive, send):\n"
        "    assert scope['type'] == 'http'\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        "    await send({'type': 'http.response.body', 'body': b'x', 'more_body': True})\n"
        "    try:\n"
        "        await asyncio.sleep(3600)\n"
        "    finally:\n"
        "        print('told', flush=True)\n"
        "server = serve(app)\n"
        "stream = urllib.request.urlopen(server.url, timeout=20)\n"
        "assert stream.read(1) == b'x'\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "told\n", "")


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    manager = KernelManager()
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    run(client, APP + "from labsupport.server import serve\nimport gc, threading")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def run(client: BlockingKernelClient, code: str, cell: str | None = None) -> str:
    """Run a cell as a front end does; what it printed, on stdout and stderr, and its result."""
    content: dict[str, Any] = {"code": code, "silent": False, "store_history": True}
    message = client.session.msg("execute_request", content)
    message["metadata"] = {"cellId": cell} if cell else {}
    client.shell_channel.send(message)
    said = ""
    while True:
        news = client.get_iopub_msg(timeout=60)
        if news["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        content = news["content"]
        said += content.get("text", "") or content.get("data", {}).get("text/plain", "")
        said += "\n".join(content.get("traceback", []))
        if content.get("execution_state") == "idle":
            client.get_shell_msg(timeout=60)
            return said


COUNT = "sum('labsupport server' in thread.name for thread in threading.enumerate())"
STOP = "for thing in list(globals().values()):\n    getattr(thing, 'stop', int)()"


def test_a_cell_that_runs_twice_leaves_one_server(kernel: BlockingKernelClient) -> None:
    assert run(kernel, "server = serve(app); server").startswith("Server(http")
    assert run(kernel, "server = serve(app); server").startswith("Server(http")
    assert run(kernel, COUNT) == "1"  # though Out[...] still holds the first
    run(kernel, STOP)


def test_a_cell_with_a_fixed_port_runs_twice(kernel: BlockingKernelClient) -> None:
    with serve(hello) as free:
        port = free.port
    for _ in range(2):
        assert run(kernel, f"server = serve(app, port={port}); server.running") == "True"
    assert run(kernel, COUNT) == "1"
    run(kernel, STOP)


def test_an_edited_cell_replaces_its_server_by_the_cell_s_id(kernel: BlockingKernelClient) -> None:
    run(kernel, "one = serve(app)", cell="a")
    run(kernel, "two = serve(app)  # edited", cell="a")
    assert run(kernel, "one.running, two.running") == "(False, True)"
    run(kernel, "three = serve(app)", cell="b")
    assert run(kernel, "two.running, three.running") == "(True, True)"
    run(kernel, STOP)


def test_several_servers_of_one_run_are_kept_and_replaced_together(
    kernel: BlockingKernelClient,
) -> None:
    code = "servers = [serve(app) for _ in range(3)]; [s.running for s in servers]"
    assert run(kernel, code) == "[True, True, True]"
    assert run(kernel, code) == "[True, True, True]"
    assert run(kernel, COUNT) == "3"
    run(kernel, "del servers; [s.stop() for s in gc.get_objects() if type(s).__name__ == 'Server']")


def test_a_helper_from_one_cell_may_serve_in_two_others(kernel: BlockingKernelClient) -> None:
    run(kernel, "def launch():\n    return serve(app)")
    run(kernel, "left = launch()")
    run(kernel, "right = launch()")
    assert run(kernel, "left.running, right.running") == "(True, True)"
    run(kernel, STOP)


def test_top_level_await_and_nest_asyncio_in_the_kernel(kernel: BlockingKernelClient) -> None:
    use = (
        "import asyncio, httpx\n"
        "with serve(app) as server:\n"
        "    async with httpx.AsyncClient() as client:\n"
        "        page = await client.get(server.url)\n"
        "page.text"
    )
    assert run(kernel, use) == "'hello'"
    assert run(kernel, "import nest_asyncio; nest_asyncio.apply()") == ""
    assert run(kernel, use) == "'hello'"
    assert run(kernel, COUNT) == "0"
