"""Puts asyncio.shield around what should stop.

fails: closes
"""

import asyncio
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

    async def fill(queue):
        async with app.state.client.stream("GET", provider_url + "/stream") as response:
            async for chunk in response.aiter_bytes():
                await queue.put(chunk)

    async def pour():
        nonlocal guests
        guests += 1
        queue = asyncio.Queue(1)
        cooking = asyncio.ensure_future(fill(queue))
        try:
            while not (cooking.done() and queue.empty()):
                waiting = asyncio.ensure_future(queue.get())
                await asyncio.wait({waiting, cooking}, return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done():
                    waiting.cancel()
                    continue
                yield waiting.result()
            await asyncio.shield(cooking)
        finally:
            guests -= 1
            await asyncio.shield(cooking)

    @app.get("/stream")
    async def stream():
        return StreamingResponse(pour(), media_type="text/event-stream")

    @app.get("/guests")
    async def count():
        return guests

    return app
