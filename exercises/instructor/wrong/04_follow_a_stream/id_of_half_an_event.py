"""Takes the id of an unfinished event, when its line comes.

fails: half
"""

import asyncio

import httpx


async def follow(url: str) -> list[str]:
    tokens, last_id, retry = [], "", 3000
    async with httpx.AsyncClient() as client:
        while True:
            headers = {"Last-Event-ID": last_id} if last_id else {}
            try:
                async with client.stream("GET", url, headers=headers) as response:
                    if response.status_code == 204:
                        return tokens
                    kind = response.headers.get("content-type", "no content type")
                    if response.status_code != 200 or not kind.startswith("text/event-stream"):
                        raise RuntimeError(f"no stream: status {response.status_code}, {kind}")
                    name, data = "", []
                    async for line in response.aiter_lines():
                        field, _, value = line.partition(":")
                        value = value.removeprefix(" ")
                        if field == "id":
                            last_id = value
                        elif field == "retry":
                            retry = int(value)
                        elif field == "event":
                            name = value
                        elif field == "data":
                            data.append(value)
                        elif not line:
                            if name == "done":
                                return tokens
                            if name == "token" and data:
                                tokens.append("\n".join(data))
                            name, data = "", []
            except httpx.TransportError:
                pass
            await asyncio.sleep(retry / 1000)
