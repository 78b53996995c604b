"""Hangs up after the first token, since it has its number.

fails: counts
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
    start, decoder = time.perf_counter(), Decoder()
    async with httpx.AsyncClient(trust_env=False) as client, client.stream("GET", url) as response:
        async for chunk in response.aiter_raw():
            if any(event.event == "token" for event in decoder.feed(chunk)):
                first = time.perf_counter() - start
                return Timing(first, first, 1)
    return Timing(None, time.perf_counter() - start, 0)
