"""Asks the provider again when it breaks off, and so pays twice.

fails: broken
"""

from contextlib import asynccontextmanager, suppress

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse


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
            for _ in range(3):
                with suppress(httpx.HTTPError):
                    async with app.state.client.stream("GET", provider_url + "/stream") as response:
                        async for chunk in response.aiter_bytes():
                            yield chunk
                        return
        finally:
            guests -= 1

    @app.get("/stream")
    async def stream():
        return StreamingResponse(pour(), media_type="text/event-stream")

    @app.get("/guests")
    async def count():
        return guests

    return app
