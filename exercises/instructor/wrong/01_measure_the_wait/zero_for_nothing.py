"""Says that the first token came after 0 seconds when none came.

fails: no_token
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
    return Timing(min(times, default=0.0), capture.ended_at, len(times))
