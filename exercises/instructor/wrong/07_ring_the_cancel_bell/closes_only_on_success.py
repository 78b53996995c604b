"""Closes the provider's stream after the loop, which a guest who leaves never reaches.

fails: cleans_up
"""

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse


def create_app(provider_url):
    app = FastAPI()
    client = httpx.AsyncClient(trust_env=False, timeout=None)
    open_streams = {}

    async def pour(number):
        request = client.build_request("GET", provider_url + "/stream")
        response = open_streams[number] = await client.send(request, stream=True)
        chunks = open_streams[number, "chunks"] = response.aiter_bytes()
        async for chunk in chunks:
            yield chunk
        await response.aclose()
        del open_streams[number], open_streams[number, "chunks"]

    @app.get("/stream")
    async def stream():
        return StreamingResponse(pour(object()), media_type="text/event-stream")

    @app.get("/guests")
    async def guests():
        return len(open_streams) // 2

    return app
