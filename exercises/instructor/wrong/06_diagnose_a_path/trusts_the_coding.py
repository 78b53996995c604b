"""Takes every compressed stream for a held one.

fails: compressed
"""

import asyncio
from statistics import median
from typing import NamedTuple

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from labsupport import Decoder, Ending, encode
from labsupport.probe.observe import observe


class Diagnosis(NamedTuple):
    kind: str
    evidence: float


def diagnose(capture):
    seen = observe(capture)
    bursts = [burst for burst in seen.bursts if burst.events]
    if capture.ending in (Ending.TRUNCATED, Ending.RESET):
        return Diagnosis("cut", seen.events)
    if len(bursts) == 1 or seen.encoding == "gzip":
        return Diagnosis("held", seen.first_event)
    if not all(burst.whole for burst in bursts):
        return Diagnosis("tray", max(seen.sizes))
    gap = median(b.at - a.at for a, b in zip(bursts, bursts[1:], strict=False))
    if 0.15 < gap < 0.3 and median(burst.events for burst in bursts) >= 3:
        return Diagnosis("cork", gap)
    return Diagnosis("streamed", seen.first_event)


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
