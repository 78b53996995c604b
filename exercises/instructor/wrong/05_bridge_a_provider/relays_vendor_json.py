"""Passes the provider's own events on, with its names and its JSON.

fails: openai
"""

from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse

from labsupport import Decoder, encode


def ask(dialect, question):
    said = {"model": "soup-1", "messages": [{"role": "user", "content": question}]}
    if dialect == "openai":
        options = {"include_usage": True}
        return "/v1/chat/completions", said | {"stream": True, "stream_options": options}
    return "/v1/messages", said | {"stream": True, "max_tokens": 500}


async def decoded(response):
    decoder = Decoder()
    async for chunk in response.aiter_bytes():
        for event in decoder.feed(chunk):
            yield event


def create_app(provider_url):
    @asynccontextmanager
    async def lifespan(app):
        async with httpx.AsyncClient(trust_env=False, timeout=30) as app.state.client:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/chat")
    async def chat(order: dict[str, str]):
        path, body = ask(order["dialect"], order["question"])
        client = app.state.client
        request = client.build_request("POST", provider_url + path, json=body)
        response = await client.send(request, stream=True)
        if response.status_code != 200:
            await response.aclose()
            if response.status_code == 429:
                headers = {"Retry-After": response.headers.get("retry-after", "1")}
                raise HTTPException(429, "Come again.", headers)
            raise HTTPException(502, "The kitchen has failed us.")
        return StreamingResponse(pour(response), media_type="text/event-stream")

    async def pour(response):
        try:
            async for event in decoded(response):
                yield encode(event.data, event=event.event)
        finally:
            await response.aclose()

    return app
