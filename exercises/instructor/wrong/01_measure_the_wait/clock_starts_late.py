"""Starts the clock when the response has begun.

fails: from_request
"""

import time
from typing import NamedTuple

import httpx

from labsupport import Decoder


class Timing(NamedTuple):
    first: float | None
    total: float
    tokens: int


async def measure(url):
    first, tokens, decoder = None, 0, Decoder()
    async with httpx.AsyncClient(trust_env=False) as client, client.stream("GET", url) as response:
        start = time.perf_counter()
        async for chunk in response.aiter_raw():
            for event in decoder.feed(chunk):
                if event.event == "token":
                    tokens += 1
                    first = first or time.perf_counter() - start
    return Timing(first, time.perf_counter() - start, tokens)
