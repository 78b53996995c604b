"""Our streams cut into two at every place, and into single bytes, as the SDKs' decoders see them.

The cuts are made in a transport in memory, so that the SDK's HTTP library hands over exactly these
pieces; single bytes travel over TCP too.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx2
import pytest

from labsupport.faults import Split
from labsupport.provider import Provider
from labsupport.proxy import Proxy
from labsupport.recorder import record
from labsupport.script import Script
from labsupport.server import serve
from tests.sdk_matrix.asking import At, Shared
from tests.sdk_matrix.clients import CLIENTS
from tests.sdk_matrix.vocabulary import OK

# google-genai, not we, derives from a class of aiohttp at its first async call.
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession")

TOKEN = "süß"
"""Two of its letters are two bytes each: some cuts go through them."""

MESSAGES: Any = [{"role": "user", "content": "two words"}]
PLAIN: Any = {"include_obfuscation": False}
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
BODIES: dict[str, Any] = {
    "chat": {"model": "m", "messages": MESSAGES, "stream_options": PLAIN},
    "responses": {"model": "m", "input": "two words", "stream_options": PLAIN},
    "messages": {"model": "m", "messages": MESSAGES, "max_tokens": 9},
}
ENDS = {"LF": b"\n", "CRLF": b"\r\n", "CR": b"\r"}


class Pieces(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Answers each request with these pieces."""

    pieces: list[bytes]

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers=HEADERS, content=iter(self.pieces))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        async def content() -> AsyncIterator[bytes]:
            for piece in self.pieces:
                yield piece

        return httpx2.Response(200, headers=HEADERS, content=content())


HEADERS = {"content-type": "text/event-stream; charset=utf-8"}


@pytest.fixture(scope="module")
def streams() -> dict[str, bytes]:
    """The bytes of a short stream in each dialect."""
    with serve(Provider(Script(TOKEN)).app) as server:
        return {
            name: record(server.url + path, json=BODIES[name] | {"stream": True}).body
            for name, path in PATHS.items()
        }


Read = Callable[[str, list[bytes]], list[Any]]


@pytest.fixture(scope="module")
def read() -> Iterator[Read]:
    """`read("chat", pieces)` gives the events that the SDK makes of them."""
    # Here, not above: each worker imports this file, and one needs the SDKs' three seconds.
    import anthropic
    import openai

    transport = Pieces()
    with httpx2.Client(transport=transport) as http:
        gpt = openai.OpenAI(api_key="none", base_url="http://test/v1", http_client=http)
        claude = anthropic.Anthropic(api_key="none", base_url="http://test", http_client=http)
        create = {
            "chat": gpt.chat.completions.create,
            "responses": gpt.responses.create,
            "messages": claude.messages.create,
        }

        def read_all(dialect: str, pieces: list[bytes]) -> list[Any]:
            transport.pieces = pieces
            with create[dialect](stream=True, **BODIES[dialect]) as stream:
                return list(stream)

        yield read_all


def said(events: list[Any]) -> str:
    """The text in the events of any dialect."""
    text = ""
    for event in events:
        if event_type := getattr(event, "type", None):
            delta = getattr(event, "delta", "") if event_type.endswith("delta") else ""
            text += delta if isinstance(delta, str) else getattr(delta, "text", "")
        else:
            text += "".join(choice.delta.content or "" for choice in event.choices)
    return text


def check(read: Read, dialect: str, body: bytes, cuts: list[int]) -> None:
    """The events are those of the whole body for each cut."""
    whole = read(dialect, [body])
    assert said(whole) == TOKEN
    assert len(cuts) > 200
    wrong = [cut for cut in cuts if read(dialect, [body[:cut], body[cut:]]) != whole]
    assert wrong == []


@pytest.mark.parametrize("dialect", ["chat", "messages"])
def test_the_events_are_the_same_for_each_cut_into_two(
    dialect: str, streams: dict[str, bytes], read: Read
) -> None:
    body = streams[dialect]
    check(read, dialect, body, list(range(1, len(body))))


@pytest.mark.parametrize(
    ("dialect", "end"),
    [("responses", "LF"), ("responses", "CRLF"), ("chat", "CRLF"), ("messages", "CRLF")],
)
def test_the_events_are_the_same_for_cuts_around_line_ends_and_at_regular_places(
    dialect: str, end: str, streams: dict[str, bytes], read: Read
) -> None:
    """The long dialect, and the line end of which a cut can make two."""
    body = streams[dialect].replace(b"\n", ENDS[end])
    near = {
        place
        for found in re.finditer(rb"[\r\n]+", body)
        for place in range(found.start() - 1, found.end() + 2)
    }
    each = 13 if dialect == "responses" else 3
    cuts = {*near, *range(1, len(body), each)} & {*range(1, len(body))}
    check(read, dialect, body, sorted(cuts))


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("dialect", PATHS)
def test_single_bytes_make_the_same_events(
    dialect: str, end: str, streams: dict[str, bytes], read: Read
) -> None:
    whole = read(dialect, [streams[dialect]])
    body = streams[dialect].replace(b"\n", ENDS[end])
    assert read(dialect, [bytes([byte]) for byte in body]) == whole
    assert said(whole) == TOKEN


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("dialect", PATHS)
def test_single_bytes_make_the_same_events_for_the_async_clients(
    dialect: str, end: str, streams: dict[str, bytes], read: Read
) -> None:
    body = streams[dialect].replace(b"\n", ENDS[end])
    events = asyncio.run(_read_async(dialect, [bytes([byte]) for byte in body]))
    assert events == read(dialect, [streams[dialect]])


@pytest.mark.parametrize("client", CLIENTS)
def test_single_bytes_over_tcp_say_the_same(client: str) -> None:
    async def call() -> str:
        shared = Shared()
        at = At(shared, proxy.url)
        try:
            if inspect.iscoroutinefunction(CLIENTS[client]):
                await CLIENTS[client](at)
            else:
                await asyncio.to_thread(CLIENTS[client], at)
        finally:
            await shared.close()
        return at.heard.words()

    with (
        serve(Provider(Script(TOKEN, " soup")).app) as server,
        Proxy(server.url, Split(1)) as proxy,
    ):
        words = OK[client.partition(" ")[0]].replace("Hello", f"{TOKEN} soup")
        assert asyncio.run(call()) == words


async def _read_async(dialect: str, pieces: list[bytes]) -> list[Any]:
    transport = Pieces()
    transport.pieces = pieces
    async with httpx2.AsyncClient(transport=transport) as http:
        create: Any
        if dialect == "messages":
            import anthropic

            create = anthropic.AsyncAnthropic(api_key="none", http_client=http).messages.create
        else:
            import openai

            gpt = openai.AsyncOpenAI(api_key="none", http_client=http)
            create = gpt.chat.completions.create if dialect == "chat" else gpt.responses.create
        async with await create(stream=True, **BODIES[dialect]) as stream:
            return [event async for event in stream]
