"""Small ASGI apps for the tests, written by hand so that nothing stands between."""

from __future__ import annotations

import asyncio
from typing import Any


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """Answers every request with `hello`; knows no lifespan."""
    assert scope["type"] == "http"
    await start(send, b"text/plain")
    await send({"type": "http.response.body", "body": b"hello"})


async def start(send: Any, kind: bytes = b"text/event-stream") -> None:
    headers = [(b"content-type", kind)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def piece(send: Any, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


class Endless:
    """Streams events for ever; tells what happened to its streams.

    `ended` holds the name of the exception that ended each stream. With `deaf`, a stream ignores
    being cancelled.
    """

    def __init__(self, *, deaf: bool = False) -> None:
        self.deaf = deaf
        self.ended: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await start(send)
        try:
            while True:
                await self.tick(send)
        except BaseException as error:
            self.ended.append(type(error).__name__)
            raise

    async def tick(self, send: Any) -> None:
        try:
            await piece(send, b"data: tick\n\n")
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            if not self.deaf:
                raise
