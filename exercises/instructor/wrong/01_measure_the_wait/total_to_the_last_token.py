"""Ends the total at the last token.

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
    return Timing(min(times, default=None), max(times, default=0.0), len(times))
