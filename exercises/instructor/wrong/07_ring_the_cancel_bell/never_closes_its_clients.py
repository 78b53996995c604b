"""Makes a client for each guest, and closes the stream but not the client.

fails: no_sockets
"""

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse


def create_app(provider_url):
    guests = 0
    clients = []

    app = FastAPI()

    async def pour():
        nonlocal guests
        guests += 1
        client = httpx.AsyncClient(trust_env=False, timeout=None)
        clients.append(client)
        try:
            async with client.stream("GET", provider_url + "/stream") as response:
                async for chunk in response.aiter_bytes():
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
