"""Counts the words of the text as tokens.

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
    seen = [(at, event.data) for at, event in capture.arrivals if event.event == "token"]
    text = "".join(data for _, data in seen)
    return Timing(seen[0][0] if seen else None, capture.ended_at, len(text.split()))
