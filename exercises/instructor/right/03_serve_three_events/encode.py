"""The bench's encode in a loop."""

import asyncio

from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from labsupport import encode

EVENTS = [("start", "{}"), ("token", " soup\nof the day"), ("done", "[DONE]")]
app = FastAPI()


async def three_events():
    for number, (name, data) in enumerate(EVENTS):
        await asyncio.sleep(0.03 if number else 0)
        yield encode(data, event=name)


class EventStream(StreamingResponse):
    media_type = "text/event-stream"

    def init_headers(self, headers=None):
        super().init_headers({"cache-control": "no-cache", "x-accel-buffering": "no"})


@app.get("/stream", response_class=Response)
def stream():
    return EventStream(three_events())


received = "event: start|data: {}||event: token|data:  soup|data: of the day||".split("|")[:-1]
received += ["event: done", "data: [DONE]", ""]
