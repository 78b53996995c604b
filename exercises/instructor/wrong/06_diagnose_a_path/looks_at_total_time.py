"""Calls whatever takes long held.

fails: slow
"""

import asyncio
from typing import NamedTuple

import httpx
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from labsupport import Decoder, Ending, encode


class Diagnosis(NamedTuple):
    kind: str
    evidence: float


def diagnose(capture):
    if capture.ending in (Ending.TRUNCATED, Ending.RESET):
        return Diagnosis("cut", len(capture.events))
    first = capture.arrivals[0][0]
    if capture.ended_at > 5 or first > 0.9 * capture.ended_at:
        return Diagnosis("held", first)
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
