"""A plain socket, HTTP/1.0 so that there is no chunked coding, and lines by hand."""

import asyncio
import time
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import urlsplit


class Timing(NamedTuple):
    first: float | None
    total: float
    tokens: int


async def measure(url):
    state = SimpleNamespace(first=None, tokens=0, name="", data=False)
    start = time.monotonic()
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(f"GET {where.path} HTTP/1.0\r\nHost: {where.netloc}\r\n\r\n".encode())
    while (await reader.readline()).strip():
        pass
    while line := await reader.readline():
        line = line.rstrip(b"\r\n")
        if line.startswith(b"event:"):
            state.name = line[6:].strip()
        elif line.startswith(b"data"):
            state.data = True
        elif not line:
            if state.data and state.name == b"token":
                state.tokens += 1
                state.first = state.first or time.monotonic() - start
            state.name, state.data = b"", False
    writer.close()
    await writer.wait_closed()
    return Timing(state.first, time.monotonic() - start, state.tokens)
