"""Closes the client that all guests share when the first one leaves.

fails: in_peace
"""

import asyncio

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse


def create_app(provider_url):
    guests = 0
    client = httpx.AsyncClient(trust_env=False, timeout=None)

    app = FastAPI()

    async def pour():
        nonlocal guests, client
        guests += 1
        if client.is_closed:
            client = httpx.AsyncClient(trust_env=False, timeout=None)
        mine = client
        try:
            async with mine.stream("GET", provider_url + "/stream") as response:
                async for chunk in response.aiter_bytes():
                    yield chunk
        finally:
            guests -= 1
            asyncio.create_task(mine.aclose())

    @app.get("/stream")
    async def stream():
        return StreamingResponse(pour(), media_type="text/event-stream")

    @app.get("/guests")
    async def count():
        return guests

    return app
