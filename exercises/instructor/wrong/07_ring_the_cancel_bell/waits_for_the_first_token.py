"""Waits for the first token before it answers, to answer 502 if there is none.

fails: before_the_first
"""

from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse


def create_app(provider_url):
    guests = 0

    @asynccontextmanager
    async def lifespan(app):
        async with httpx.AsyncClient(trust_env=False, timeout=None) as app.state.client:
            yield

    app = FastAPI(lifespan=lifespan)

    async def pour(opened, first, chunks):
        nonlocal guests
        try:
            async with opened:
                yield first
                async for chunk in chunks:
                    yield chunk
        finally:
            guests -= 1

    @asynccontextmanager
    async def closing(response):
        try:
            yield response
        finally:
            await response.aclose()

    @app.get("/stream")
    async def stream():
        nonlocal guests
        client = app.state.client
        request = client.build_request("GET", provider_url + "/stream")
        response = await client.send(request, stream=True)
        chunks = response.aiter_bytes()
        first = await anext(chunks, None)
        if first is None:
            raise HTTPException(502)
        guests += 1
        body = pour(closing(response), first, chunks)
        return StreamingResponse(body, media_type="text/event-stream")

    @app.get("/guests")
    async def count():
        return guests

    return app
