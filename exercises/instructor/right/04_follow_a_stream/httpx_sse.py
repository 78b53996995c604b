"""httpx-sse, with the errors of the status left to httpx."""

import asyncio

import httpx
from httpx_sse import aconnect_sse


async def follow(url: str) -> list[str]:
    tokens: list[str] = []
    headers = {}
    pause = 3.0
    while True:
        try:
            async with (
                httpx.AsyncClient(timeout=30) as client,
                aconnect_sse(client, "GET", url, headers=dict(headers)) as source,
            ):
                if source.response.status_code == 204:
                    return tokens
                source.response.raise_for_status()
                async for sse in source.aiter_sse():
                    if sse.retry is not None:
                        pause = sse.retry / 1000
                    if sse.id:
                        headers["Last-Event-ID"] = sse.id
                    if sse.event == "done":
                        return tokens
                    if sse.event == "token":
                        tokens.append(sse.data)
        except (httpx.NetworkError, httpx.RemoteProtocolError, httpx.TimeoutException):
            pass
        await asyncio.sleep(pause)
