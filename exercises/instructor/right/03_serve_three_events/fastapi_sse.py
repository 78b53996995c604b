"""fastapi.sse frames for the browser; three_events frames by hand; data before the name."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator

from fastapi import FastAPI
from fastapi.sse import EventSourceResponse, ServerSentEvent

from labsupport import Decoder

app = FastAPI()


async def three_events() -> AsyncIterator[bytes]:
    for name, text in {"start": "{}", "token": " soup\nof the day", "done": "[DONE]"}.items():
        data = "".join(f"data: {line}\n" for line in text.split("\n"))
        yield f"{data}event: {name}\n\n".encode()
        await asyncio.sleep(0.03)


@app.get("/stream", response_class=EventSourceResponse)
async def stream() -> AsyncIterable[ServerSentEvent]:
    decoder = Decoder()
    async for piece in three_events():
        for event in decoder.feed(piece):
            yield ServerSentEvent(raw_data=event.data, event=event.event)


received = """\
event: start
data: {}

event: token
data:  soup
data: of the day

event: done
data: [DONE]

""".splitlines()
