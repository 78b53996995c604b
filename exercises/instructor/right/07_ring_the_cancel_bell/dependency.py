"""FastAPI's own event stream, over a dependency that opens and closes the provider's."""

from collections.abc import AsyncIterable
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI
from fastapi.sse import EventSourceResponse, ServerSentEvent
from httpx_sse import EventSource


def create_app(provider_url: str) -> FastAPI:
    app = FastAPI()
    guests: list[httpx.Response] = []

    async def upstream():
        async with httpx.AsyncClient(trust_env=False, timeout=None) as client:
            async with client.stream("GET", provider_url + "/stream") as response:
                guests.append(response)
                try:
                    yield response
                finally:
                    guests.remove(response)

    @app.get("/stream", response_class=EventSourceResponse)
    async def stream(
        response: Annotated[httpx.Response, Depends(upstream)],
    ) -> AsyncIterable[ServerSentEvent]:
        try:
            async for event in EventSource(response).aiter_sse():
                yield ServerSentEvent(event=event.event, raw_data=event.data)
        except httpx.HTTPError as error:
            yield ServerSentEvent(event="failed", raw_data=type(error).__name__)

    @app.get("/guests")
    async def count() -> int:
        return len(guests)

    return app
