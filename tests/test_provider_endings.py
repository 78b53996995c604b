"""How a provider's stream ends when the script says so: failed, hung up, reset."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from labsupport.errors import UsageError
from labsupport.provider import Provider, Usage
from labsupport.recorder import record
from labsupport.script import Fail, HangUp, Pause, Reset, Script
from labsupport.server import serve
from labsupport.sse import Event
from labsupport.wire import Capture, Ending

pytestmark = pytest.mark.usefixtures("no_leaks")


def play(script: Script, path: str) -> tuple[Capture, Usage, list[str]]:
    """What a client saw, what the meter counted, and what the server had to say."""
    provider = Provider(script)
    with serve(provider.app) as server:
        capture = record(server.url + path)
        (usage,) = provider.meter.settle().requests
    return capture, usage, server.log


def test_a_failure_is_an_event_of_its_own_and_then_a_clean_end() -> None:
    capture, usage, _ = play(Script("a", "b", Fail("too\nbusy"), "c"), "/stream")
    tokens = [Event("a", "token"), Event("b", "token")]
    assert capture.events == [*tokens, Event("too\nbusy", "failed")]
    assert (capture.status, capture.ending) == (200, Ending.CLEAN)
    assert usage == Usage("/stream", generated=2, delivered=2, ended="failed")


def test_a_failure_in_json_has_a_status_and_wastes_all_tokens() -> None:
    capture, usage, _ = play(Script("a", "b", Fail("too busy")), "/json")
    assert (capture.status, json.loads(capture.body)) == (500, {"error": "too busy"})
    assert capture.ending is Ending.CLEAN
    assert usage == Usage("/json", generated=2, delivered=0, ended="failed")


def test_a_hang_up_leaves_the_stream_without_an_ending() -> None:
    capture, usage, _ = play(Script("a", "b", HangUp(), "c"), "/stream")
    assert capture.events == [Event("a", "token"), Event("b", "token")]
    assert capture.ending is Ending.TRUNCATED
    assert not capture.raw.endswith(b"0\r\n\r\n")
    assert usage == Usage("/stream", generated=2, delivered=2, ended="hung up")


def test_a_hang_up_before_the_json_answers_nothing_and_wastes_all_tokens() -> None:
    capture, usage, _ = play(Script("a", "b", HangUp()), "/json")
    assert (capture.raw, capture.ending) == (b"", Ending.TRUNCATED)
    assert usage == Usage("/json", generated=2, delivered=0, ended="hung up")


def test_a_reset_aborts_the_connection() -> None:
    capture, usage, _ = play(Script("a", "b", Reset(), "c"), "/stream")
    assert capture.ending is Ending.RESET
    # A system may throw away what its reader has not taken when the RST comes.
    seen = capture.events if capture.reads else []
    assert seen == [Event("a", "token"), Event("b", "token")][: len(seen)]
    assert usage == Usage("/stream", generated=2, delivered=2, ended="reset")


def test_a_reset_before_the_json_wastes_all_tokens() -> None:
    capture, usage, _ = play(Script("a", Reset()), "/json")
    assert (capture.raw, capture.ending) == (b"", Ending.RESET)
    assert usage == Usage("/json", generated=1, delivered=0, ended="reset")


@pytest.mark.parametrize("path", ["/stream", "/json"])
@pytest.mark.parametrize("end", [HangUp(), Reset(), Fail()])
def test_an_ending_makes_no_noise(
    end: HangUp | Reset | Fail, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    _, _, log = play(Script("a", Pause(0), end), path)
    assert [line for line in log if not line.startswith(f'"GET {path} HTTP/1.1" ')] == []
    assert capfd.readouterr() == ("", "")


def test_after_an_ending_the_next_client_is_served() -> None:
    provider = Provider(Script("a", HangUp()))
    with serve(provider.app) as server:
        for _ in range(3):
            assert record(server.url + "/stream").ending is Ending.TRUNCATED
    assert [usage.ended for usage in provider.meter.requests] == ["hung up"] * 3


async def call(app: Any) -> list[Any]:
    """What `app` sends when nothing is under it that could be closed or reset."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/stream",
        "raw_path": b"/stream",
        "query_string": b"",
        "headers": [],
        "server": ("127.0.0.1", 80),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        sent.append(message)

    await asyncio.wait_for(app(scope, receive, send), 20)
    return sent


def test_a_reset_on_a_server_without_a_way_to_reset_says_what_to_do() -> None:
    with pytest.raises(UsageError) as caught:
        asyncio.run(call(Provider(Script("a", Reset())).app))
    assert str(caught.value) == (
        "expected a server that lets an app reset its connection, such as uvicorn, got one that "
        "does not, or a middleware in between. "
        "Next: Put a labsupport.faults.Reset in a Proxy in front of it."
    )


def test_a_hang_up_on_any_other_server_is_a_return_without_an_ending() -> None:
    sent = asyncio.run(call(Provider(Script("a", HangUp())).app))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[-1]["more_body"] is True
