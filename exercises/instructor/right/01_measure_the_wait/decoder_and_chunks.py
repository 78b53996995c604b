"""httpx's raw bytes into the bench's decoder, with the loop's own clock."""

import asyncio
from collections import namedtuple

import httpx

from labsupport import Decoder

Timing = namedtuple("Timing", "first total tokens")


async def measure(url):
    clock = asyncio.get_running_loop().time
    begun, decoder, seen = clock(), Decoder(), []
    async with httpx.AsyncClient(trust_env=False) as client, client.stream("GET", url) as response:
        async for chunk in response.aiter_raw():
            now = clock() - begun
            seen += [now for event in decoder.feed(chunk) if event.event == "token"]
    return Timing(seen[0] if seen else None, clock() - begun, len(seen))
