"""Takes each read for a burst.

fails: reads
"""

import asyncio
from statistics import median
from typing import NamedTuple

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from labsupport import Decoder, Ending, encode


class Diagnosis(NamedTuple):
    kind: str
    evidence: float


def diagnose(capture):
    first = capture.arrivals[0][0] if capture.arrivals else None
    if capture.ending in (Ending.TRUNCATED, Ending.RESET):
        return Diagnosis("cut", len(capture.events))
    times = [at for at, _ in capture.arrivals]
    sizes = [len(chunk.data) for chunk in capture.chunks]
    if len(set(times)) == 1:
        return Diagnosis("held", first)
    if len(set(sizes[1:-1])) == 1 and len(sizes) > 3:
        return Diagnosis("tray", max(sizes))
    gaps = [b - a for a, b in zip(times, times[1:], strict=False) if b > a]
    if 0.15 < median(gaps) < 0.3 and len(times) >= 3 * len(gaps):
        return Diagnosis("cork", median(gaps))
    return Diagnosis("streamed", first)


async def tokens(source):
    async with httpx.AsyncClient(trust_env=False, timeout=None) as client:
        async with client.stream("GET", source) as response:
            decoder = Decoder()
            async for chunk in response.aiter_raw():
                for event in decoder.feed(chunk):
                    if event.event == "token":
                        yield event.data


async def or_silence(items, beat):
    coming = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(items, StopAsyncIteration))
            await asyncio.wait({coming}, timeout=beat)
            if not coming.done():
                yield None
            elif (item := coming.result()) is StopAsyncIteration:
                return
            else:
                coming = None
                yield item
    finally:
        if coming:
            coming.cancel()


async def relay(source, beat):
    async for token in or_silence(tokens(source), beat):
        yield b": still cooking\n\n" if token is None else encode(token, event="token")


app = FastAPI()


@app.get("/stream")
async def stream(source: str, beat: float = 15.0):
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(relay(source, beat), media_type="text/event-stream", headers=headers)
