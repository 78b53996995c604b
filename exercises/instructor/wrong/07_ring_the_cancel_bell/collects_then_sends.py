"""Asks for the whole answer, and sends it when it is there.

fails: relays
"""

from contextlib import asynccontextmanager

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
            response = await app.state.client.get(provider_url + "/stream")
            yield response.content
        finally:
            guests -= 1

    @app.get("/stream")
    async def stream():
        return StreamingResponse(pour(), media_type="text/event-stream")

    @app.get("/guests")
    async def count():
        return guests

    return app
