"""Makes all events, then yields them.

fails: at_once
"""

import asyncio
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

TOKEN = " soup\nof the day"
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
app = FastAPI()


async def three_events() -> AsyncIterator[bytes]:
    events = [b"event: start\ndata: {}\n\n"]
    await asyncio.sleep(0.03)
    lines = "".join(f"data: {line}\n" for line in TOKEN.split("\n"))
    events.append(f"event: token\n{lines}\n".encode())
    await asyncio.sleep(0.03)
    events.append(b"event: done\ndata: [DONE]\n\n")
    for event in events:
        yield event


@app.get("/stream")
async def stream():
    return StreamingResponse(three_events(), media_type="text/event-stream", headers=HEADERS)


received = ["event: start", "data: {}", ""]
received += ["event: token", "data:  soup", "data: of the day", ""]
received += ["event: done", "data: [DONE]", ""]
