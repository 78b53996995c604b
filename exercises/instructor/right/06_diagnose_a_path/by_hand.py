"""Bursts joined by hand; an app without a framework, with a queue between source and guest."""

import asyncio
import zlib
from dataclasses import dataclass
from urllib.parse import parse_qs

import httpx

from labsupport import Decoder


@dataclass
class Diagnosis:
    kind: str
    evidence: float


def joined(capture):
    """[time, bytes] of each burst: reads less than 5 ms after the one before belong to it."""
    found, last = [], -1.0
    for chunk in capture.chunks:
        if chunk.at - last > 0.005:
            found.append([chunk.at, b""])
        found[-1][1] += chunk.data
        last = chunk.at
    return found


def diagnose(capture):
    bursts = joined(capture)
    unpack = zlib.decompressobj(31).decompress if capture.encoding == "gzip" else bytes
    decoder, text, bearing = Decoder(), b"", []
    for at, data in bursts:
        plain = unpack(data)
        text += plain
        count = len(decoder.feed(plain))
        if count:
            bearing.append((at, count, text.endswith(b"\n\n")))
    total = sum(count for _, count, _ in bearing)
    if capture.ending.value in ("truncated", "reset"):
        return Diagnosis("cut", total)
    if len(bearing) < 2:
        return Diagnosis("held", bearing[0][0])
    if any(not whole for _, _, whole in bearing):
        return Diagnosis("tray", max(len(data) for _, data in bursts))
    length = (bearing[-1][0] - bearing[0][0]) / (len(bearing) - 1)
    if total / len(bearing) > 3 and 0.16 < length < 0.25:
        return Diagnosis("cork", length)
    return Diagnosis("streamed", bearing[0][0])


async def fetch(source, queue):
    async with httpx.AsyncClient(trust_env=False, timeout=None) as client:
        async with client.stream("GET", source) as response:
            decoder = Decoder()
            async for chunk in response.aiter_raw():
                for event in decoder.feed(chunk):
                    if event.event == "token":
                        lines = event.data.split("\n")
                        data = "".join(f"data: {line}\n" for line in lines)
                        await queue.put(f"event: token\n{data}\n".encode())
    await queue.put(b"")


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    asked = parse_qs(scope["query_string"].decode())
    source, beat = asked["source"][0], float(asked.get("beat", ["15"])[0])
    headers = {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
    }
    told = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": told})
    queue = asyncio.Queue(1)
    task = asyncio.create_task(fetch(source, queue))
    try:
        more = True
        while more:
            try:
                data = await asyncio.wait_for(queue.get(), beat)
                more = data != b""
            except TimeoutError:
                data = b": ping\r\n\r\n"
            await send({"type": "http.response.body", "body": data, "more_body": more})
    finally:
        task.cancel()
