"""Stops the first clock at the response's headers.

fails: first_token
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
    start, tokens, decoder = time.perf_counter(), 0, Decoder()
    async with httpx.AsyncClient(trust_env=False) as client, client.stream("GET", url) as response:
        first = time.perf_counter() - start
        async for chunk in response.aiter_raw():
            tokens += sum(event.event == "token" for event in decoder.feed(chunk))
    return Timing(first if tokens else None, time.perf_counter() - start, tokens)
