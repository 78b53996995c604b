"""Google's own SDK, sync and async, as a reader of a provider's streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from google import genai
from google.genai import types

from labsupport.provider import Provider
from labsupport.recorder import record
from labsupport.script import Script
from labsupport.server import serve
from labsupport.sse import Decoder

ASKED = {"contents": [{"role": "user", "parts": [{"text": "Is the soup ready?"}]}]}
Chunks = list[types.GenerateContentResponse]
Read = Callable[..., tuple[Chunks, Exception | None]]


def read_sync(url: str, **config: Any) -> tuple[Chunks, Exception | None]:
    got: Chunks = []
    with genai.Client(api_key="k", http_options=types.HttpOptions(base_url=url)) as client:
        try:
            for chunk in client.models.generate_content_stream(
                model="soup-1",
                contents="Is the soup ready?",
                config=types.GenerateContentConfig(**config),
            ):
                got.append(chunk)
        except Exception as error:
            return got, error
    return got, None


def read_async(url: str, **config: Any) -> tuple[Chunks, Exception | None]:
    async def read() -> tuple[Chunks, Exception | None]:
        got: Chunks = []
        client = genai.Client(api_key="k", http_options=types.HttpOptions(base_url=url))
        async with client.aio as aio:
            try:
                async for chunk in await aio.models.generate_content_stream(
                    model="soup-1",
                    contents="Is the soup ready?",
                    config=types.GenerateContentConfig(**config),
                ):
                    got.append(chunk)
            except Exception as error:
                return got, error
        return got, None

    return asyncio.run(read())


def stream(script: Script, *, path: str = "v1", **body: Any) -> bytes:
    """The body of one stream."""
    with serve(Provider(script).app) as server:
        url = f"{server.url}/{path}/models/soup-1:streamGenerateContent?alt=sse"
        return record(url, json=ASKED | body).body


def told(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(event.data) for event in Decoder().feed(data)]


def text(chunks: Chunks) -> str:
    return "".join(chunk.text or "" for chunk in chunks)


def ending(chunks: Chunks) -> str:
    (candidate,) = chunks[-1].candidates or []
    return str(candidate.finish_reason and candidate.finish_reason.value)
