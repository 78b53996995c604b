"""Rests with time.sleep, which stops every other stream too.

fails: side_by_side
"""

import time
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

TOKEN = " soup\nof the day"
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
app = FastAPI()


async def three_events() -> AsyncIterator[bytes]:
    yield b"event: start\ndata: {}\n\n"
    time.sleep(0.03)  # noqa: ASYNC251
    lines = "".join(f"data: {line}\n" for line in TOKEN.split("\n"))
    yield f"event: token\n{lines}\n".encode()
    time.sleep(0.03)  # noqa: ASYNC251
    yield b"event: done\ndata: [DONE]\n\n"


@app.get("/stream")
async def stream():
    return StreamingResponse(three_events(), media_type="text/event-stream", headers=HEADERS)


received = ["event: start", "data: {}", ""]
received += ["event: token", "data:  soup", "data: of the day", ""]
received += ["event: done", "data: [DONE]", ""]
