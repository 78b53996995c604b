"""Asks after each token whether the guest is there, and at no other time.

fails: closes
"""

from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from starlette.requests import Request


class Polling(StreamingResponse):
    """Asks; Starlette's own class would listen."""

    async def __call__(self, scope, receive, send):
        request = Request(scope, receive)
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for chunk in self.body_iterator:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if await request.is_disconnected():
                await self.body_iterator.aclose()
                return
        await send({"type": "http.response.body", "body": b""})


def create_app(provider_url):
    guests = 0

    @asynccontextmanager
    async def lifespan(app):
        async with httpx.AsyncClient(trust_env=False, timeout=None) as app.state.client:
            yield

    app = FastAPI(lifespan=lifespan)

    async def pour():
        nonlocal guests
        guests += 1
        try:
            async with app.state.client.stream("GET", provider_url + "/stream") as response:
                async for chunk in response.aiter_bytes():
                    yield chunk
        finally:
            guests -= 1

    @app.get("/stream")
    async def stream():
        return Polling(pour(), media_type="text/event-stream")

    @app.get("/guests")
    async def count():
        return guests

    return app
