"""Sends lines of JSON, as another kind of stream does, without `data:`.

fails: field_names
"""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

EVENTS = [{"start": {}}, {"token": " soup\nof the day"}, {"done": True}]
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
app = FastAPI()


async def three_events() -> AsyncIterator[bytes]:
    for one in EVENTS:
        yield json.dumps(one).encode() + b"\n"
        await asyncio.sleep(0.03)


@app.get("/stream")
async def stream():
    return StreamingResponse(three_events(), media_type="text/event-stream", headers=HEADERS)


received = [json.dumps(one) for one in EVENTS]
