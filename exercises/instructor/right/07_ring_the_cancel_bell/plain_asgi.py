"""No framework at all: one task relays, another one listens for the bell."""

import asyncio

import httpx


def create_app(provider_url):
    there = 0

    async def relay(send):
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
        async with httpx.AsyncClient(trust_env=False, timeout=None) as client:
            async with client.stream("GET", provider_url + "/stream") as response:
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                async for chunk in response.aiter_bytes():
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def hear(receive):
        while (await receive())["type"] != "http.disconnect":
            pass

    async def app(scope, receive, send):
        nonlocal there
        if scope["type"] != "http":
            return
        if scope["path"] == "/guests":
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": str(there).encode()})
            return
        there += 1
        tasks = [asyncio.create_task(relay(send)), asyncio.create_task(hear(receive))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            there -= 1
            for task in tasks:
                task.cancel()

    return app
