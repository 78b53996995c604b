"""FastAPI's own event streams, which bring their headers; and the times of events only."""

import asyncio
from collections.abc import AsyncIterable
from itertools import groupby
from typing import NamedTuple

import httpx
from fastapi import FastAPI
from fastapi.sse import EventSourceResponse, ServerSentEvent

from labsupport import Decoder
from labsupport.probe.observe import observe


class Diagnosis(NamedTuple):
    kind: str
    evidence: float


def diagnose(capture):
    if capture.ending != "clean" and capture.ending != "stopped by us":
        return Diagnosis("cut", len(capture.events))
    together = []  # [time, number of events]
    for at, group in groupby(capture.arrivals, key=lambda arrival: arrival[0]):
        count = len(list(group))
        if together and at - together[-1][0] < 0.004:
            together[-1][1] += count
        else:
            together.append([at, count])
    first = capture.arrivals[0][0]
    if len(together) == 1:
        return Diagnosis("held", first)
    bursts = [burst for burst in observe(capture).bursts[:-1] if burst.events]
    if sum(not burst.whole for burst in bursts) > 0:
        return Diagnosis("tray", max(burst.size for burst in bursts))
    gaps = sorted(b[0] - a[0] for a, b in zip(together, together[1:], strict=False))
    usual = gaps[len(gaps) // 2]
    if abs(usual - 0.21) < 0.05 and len(capture.events) > 3 * len(together):
        return Diagnosis("cork", usual)
    return Diagnosis("streamed", first)


app = FastAPI()


@app.get("/stream", response_class=EventSourceResponse)
async def stream(source: str, beat: float = 15.0) -> AsyncIterable[ServerSentEvent]:
    queue: asyncio.Queue[str | None] = asyncio.Queue(1)

    async def fill() -> None:
        decoder = Decoder()
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            async with client.stream("GET", source) as response:
                async for chunk in response.aiter_bytes():
                    for event in decoder.feed(chunk):
                        if event.event == "token":
                            await queue.put(event.data)
        await queue.put(None)

    task = asyncio.create_task(fill())
    try:
        while True:
            try:
                async with asyncio.timeout(beat):
                    token = await queue.get()
            except TimeoutError:
                yield ServerSentEvent(comment="still cooking")
                continue
            if token is None:
                return
            yield ServerSentEvent(event="token", raw_data=token)
    finally:
        task.cancel()
