"""Reads the provider in a thread, which cannot be interrupted.

fails: closes
"""

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse


def create_app(provider_url):
    guests = 0

    app = FastAPI()

    def pour():
        nonlocal guests
        guests += 1
        try:
            with httpx.Client(trust_env=False, timeout=None) as client:
                with client.stream("GET", provider_url + "/stream") as response:
                    yield from response.iter_bytes()
        finally:
            guests -= 1

    @app.get("/stream")
    async def stream():
        return StreamingResponse(pour(), media_type="text/event-stream")

    @app.get("/guests")
    async def count():
        return guests

    return app
