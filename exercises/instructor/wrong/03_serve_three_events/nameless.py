"""Leaves the events without names and puts the name into the data.

fails: names
"""

import asyncio
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

TOKEN = " soup\nof the day"
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
app = FastAPI()


async def three_events() -> AsyncIterator[bytes]:
    yield b"data: start\n\n"
    await asyncio.sleep(0.03)
    lines = "".join(f"data: {line}\n" for line in TOKEN.split("\n"))
    yield f"{lines}\n".encode()
    await asyncio.sleep(0.03)
    yield b"data: [DONE]\n\n"


@app.get("/stream")
async def stream():
    return StreamingResponse(three_events(), media_type="text/event-stream", headers=HEADERS)


received = ["data: start", ""]
received += ["data:  soup", "data: of the day", ""]
received += ["data: [DONE]", ""]
