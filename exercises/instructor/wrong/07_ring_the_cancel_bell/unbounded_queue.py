"""Ends its task, and lets it read ahead as far as it likes.

fails: silent
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
        try:
            async with app.state.client.stream("GET", provider_url + "/stream") as response:
                async for chunk in response.aiter_bytes():
                    await queue.put(chunk)
            await queue.put(None)
        except httpx.HTTPError as error:
            await queue.put(error)

    async def pour():
        nonlocal guests
        guests += 1
        queue = asyncio.Queue()
        task = asyncio.create_task(fill(queue))
        try:
            while (chunk := await queue.get()) is not None:
                if isinstance(chunk, Exception):
                    raise chunk
                yield chunk
        finally:
            guests -= 1
            task.cancel()

    @app.get("/stream")
    async def stream():
        return StreamingResponse(pour(), media_type="text/event-stream")

    @app.get("/guests")
    async def count():
        return guests

    return app
