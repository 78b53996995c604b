"""Retries on 404 for ever: httpx.HTTPError has the status errors in it too.

fails: gives_up
"""

import asyncio

import httpx

from labsupport import Decoder


async def follow(url: str) -> list[str]:
    tokens, last_id, retry = [], "", 3000
    async with httpx.AsyncClient() as client:
        while True:
            decoder, headers = Decoder(), {"Last-Event-ID": last_id} if last_id else {}
            try:
                async with client.stream("GET", url, headers=headers) as response:
                    if response.status_code == 204:
                        return tokens
                    response.raise_for_status()
                    async for chunk in response.aiter_bytes():
                        for event in decoder.feed(chunk):
                            if event.event == "done":
                                return tokens
                            if event.event == "token":
                                tokens.append(event.data)
            except httpx.HTTPError:
                pass
            last_id = decoder.last_event_id or last_id
            retry = retry if decoder.retry is None else decoder.retry
            await asyncio.sleep(retry / 1000)
