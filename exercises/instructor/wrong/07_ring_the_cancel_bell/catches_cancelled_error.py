"""Takes the bell for a hiccup of the provider, and goes on.

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

    async def pour():
        nonlocal guests
        guests += 1
        queue = asyncio.Queue(1)

        async def fill():
            async with app.state.client.stream("GET", provider_url + "/stream") as response:
                async for chunk in response.aiter_bytes():
                    await queue.put(chunk)
            await queue.put(None)

        task = asyncio.create_task(fill())
        try:
            while not task.done() or not queue.empty():
                try:
                    chunk = await queue.get()
                except asyncio.CancelledError:
                    await asyncio.wait({task})
                    raise
                if chunk is None:
                    break
                yield chunk
        finally:
            guests -= 1

    @app.get("/stream")
    async def stream():
        return StreamingResponse(pour(), media_type="text/event-stream")

    @app.get("/guests")
    async def count():
        return guests

    return app
