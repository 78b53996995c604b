"""No framework: an ASGI app, and CRLF for line ends."""

import asyncio


async def three_events():
    yield b"event: start\r\ndata: {}\r\n\r\n"
    await asyncio.sleep(0.03)
    yield b"event: token\r\ndata:  soup\r\ndata: of the day\r\n\r\n"
    await asyncio.sleep(0.03)
    yield b"event: done\r\ndata: [DONE]\r\n\r\n"


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
        return
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-cache"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async for piece in three_events():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})


received = ["event: start", "data: {}", ""]
received += ["event: token", "data:  soup", "data: of the day", ""]
received += ["event: done", "data: [DONE]", ""]
