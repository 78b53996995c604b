"""Counts `data:` lines after an `event: token`: a token of two lines counts twice.

fails: any_cut
"""

import time
from typing import NamedTuple

import httpx


class Timing(NamedTuple):
    first: float | None
    total: float
    tokens: int


async def measure(url):
    start, first, tokens, name = time.perf_counter(), None, 0, ""
    async with httpx.AsyncClient(trust_env=False) as client, client.stream("GET", url) as response:
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: ") and name == "token":
                tokens += 1
                first = first or time.perf_counter() - start
    return Timing(first, time.perf_counter() - start, tokens)
