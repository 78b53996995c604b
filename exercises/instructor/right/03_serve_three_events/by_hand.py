"""Bytes written by hand, and StreamingResponse."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()


async def three_events() -> AsyncIterator[bytes]:
    yield b"event: start\ndata: {}\n\n"
    await asyncio.sleep(0.03)
    yield b"event: token\ndata:  soup\ndata: of the day\n\n"
    await asyncio.sleep(0.03)
    yield b"event: done\ndata: [DONE]\n\n"


@app.get("/stream")
async def stream():
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(three_events(), media_type="text/event-stream", headers=headers)


received = [
    "event: start",
    "data: {}",
    "",
    "event: token",
    "data:  soup",
    "data: of the day",
    "",
    "event: done",
    "data: [DONE]",
    "",
]
