"""Gives milliseconds where seconds are asked for.

fails: counts
"""

import asyncio
from typing import NamedTuple

from labsupport import record


class Timing(NamedTuple):
    first: float | None
    total: float
    tokens: int


async def measure(url):
    capture = await asyncio.to_thread(record, url)
    times = [round(at * 1000) for at, event in capture.arrivals if event.event == "token"]
    return Timing(min(times, default=None), capture.ended_at * 1000, len(times))
