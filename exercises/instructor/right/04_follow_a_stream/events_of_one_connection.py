"""An async generator of one connection's events; the loop around it knows nothing of HTTP."""

import asyncio
from collections.abc import AsyncIterator

import httpx

from labsupport import Decoder, Event


class NoStream(Exception):
    """The server answered with something else."""


class Over(Exception):
    """The server says that there is nothing more."""


async def connection(url: str, decoder: Decoder, last_id: str) -> AsyncIterator[Event]:
    headers = {"Accept": "text/event-stream"}
    if last_id:
        headers["Last-Event-ID"] = last_id
    async with (
        httpx.AsyncClient(headers=headers) as client,
        client.stream("GET", url) as response,
    ):
        kind = response.headers.get("content-type", "").split(";")[0].strip()
        match response.status_code, kind:
            case 200, "text/event-stream":
                async for chunk in response.aiter_raw():
                    for event in decoder.feed(chunk):
                        yield event
            case 204, _:
                raise Over
            case status, _:
                raise NoStream(f"status {status}, content type {kind or 'none'}")


async def follow(url: str) -> list[str]:
    tokens, last_id, seconds = [], "", 3.0
    for _ in range(1000):
        decoder = Decoder()
        try:
            async for event in connection(url, decoder, last_id):
                if event.event == "done":
                    return tokens
                if event.event == "token":
                    tokens.append(event.data)
        except Over:
            return tokens
        except httpx.RequestError:
            pass
        if decoder.last_event_id:
            last_id = decoder.last_event_id
        if decoder.retry is not None:
            seconds = decoder.retry / 1000
        await asyncio.sleep(seconds)
    raise NoStream("1000 connections, and no end")
