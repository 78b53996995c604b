"""Takes the total from the first token on: how long the tokens took.

fails: to_the_end
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
    times = [at for at, event in capture.arrivals if event.event == "token"]
    first = min(times, default=None)
    return Timing(first, capture.ended_at - (first or 0.0), len(times))
