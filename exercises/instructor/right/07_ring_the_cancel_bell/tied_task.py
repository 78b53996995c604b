"""A task that reads the provider, with a small queue, ended by the generator that began it."""

import asyncio
from contextlib import suppress

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse


def create_app(provider_url):
    app = FastAPI()
    app.state.guests = 0

    async def fill(queue):
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=None) as client:
                async with client.stream("GET", provider_url + "/stream") as response:
                    async for chunk in response.aiter_raw():
                        await queue.put(chunk)
            await queue.put(None)
        except httpx.HTTPError:
            await queue.put(b"event: failed\ndata: the provider broke off\n\n")
            await queue.put(None)

    async def pour():
        app.state.guests += 1
        queue = asyncio.Queue(1)
        task = asyncio.create_task(fill(queue))
        try:
            while (chunk := await queue.get()) is not None:
                yield chunk
        finally:
            app.state.guests -= 1
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @app.get("/stream")
    async def stream():
        return StreamingResponse(pour(), media_type="text/event-stream")

    @app.get("/guests")
    async def guests():
        return app.state.guests

    return app
