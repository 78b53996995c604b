"""Suppresses everything around each step, so that nothing can crash.

fails: closes
"""

import asyncio
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
            async with app.state.client.stream("GET", provider_url + "/stream") as response:
                chunks = response.aiter_bytes()
                step = asyncio.ensure_future(anext(chunks, None))
                while True:
                    with suppress(BaseException):
                        chunk = await asyncio.shield(step)
                        if chunk is None:
                            return
                        step = asyncio.ensure_future(anext(chunks, None))
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
