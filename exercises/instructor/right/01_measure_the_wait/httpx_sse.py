"""httpx and httpx-sse, with the clock in the loop."""

import time
from dataclasses import dataclass

import httpx
from httpx_sse import aconnect_sse


@dataclass
class Timing:
    first: float | None
    total: float
    tokens: int


async def measure(url: str) -> Timing:
    start, first, tokens = time.perf_counter(), None, 0
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
        aconnect_sse(client, "GET", url) as source,
    ):
        async for event in source.aiter_sse():
            if event.event != "token":
                continue
            tokens += 1
            if first is None:
                first = time.perf_counter() - start
    return Timing(first, time.perf_counter() - start, tokens)
