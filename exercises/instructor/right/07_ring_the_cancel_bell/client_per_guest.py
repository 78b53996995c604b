"""A client for each guest, a context manager that counts, and the events decoded on the way."""

from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from httpx_sse import aconnect_sse

from labsupport import encode


def create_app(provider_url):
    app = FastAPI()
    app.state.guests = set()

    @asynccontextmanager
    async def seat():
        guest = object()
        app.state.guests.add(guest)
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=httpx.Timeout(60)) as client:
                yield client
        finally:
            app.state.guests.discard(guest)

    async def serve():
        async with seat() as client:
            async with aconnect_sse(client, "GET", f"{provider_url}/stream") as provider:
                async for event in provider.aiter_sse():
                    yield encode(event.data, event=event.event)

    @app.get("/stream")
    async def stream():
        return StreamingResponse(serve(), media_type="text/event-stream")

    @app.get("/guests")
    def count():
        return len(app.state.guests)

    return app
