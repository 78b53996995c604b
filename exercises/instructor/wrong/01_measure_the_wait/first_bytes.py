"""Stops the first clock at the first bytes of the body, also if they are a comment.

fails: first_token
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
    tokens = sum(event.event == "token" for event in capture.events)
    return Timing(capture.chunks[0].at if tokens else None, capture.ended_at, tokens)
