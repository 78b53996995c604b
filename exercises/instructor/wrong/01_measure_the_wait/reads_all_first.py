"""Reads the whole body and looks at the clock then.

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
    start, first, tokens = time.perf_counter(), None, 0
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.get(url)
    for event in Decoder().feed(response.content):
        if event.event == "token":
            tokens += 1
            first = first or time.perf_counter() - start
    return Timing(first, time.perf_counter() - start, tokens)
