"""The probe's own judgement, in the exercise's words; tokens relayed line by line."""

import asyncio
from typing import NamedTuple

import httpx
from httpx_sse import aconnect_sse
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

from labsupport import encode
from labsupport.probe.observe import observe
from labsupport.probe.shapes import find


class Diagnosis(NamedTuple):
    kind: str
    evidence: float


def diagnose(capture):
    seen = observe(capture)
    if str(capture.ending) in ("truncated", "reset"):
        return Diagnosis("cut", seen.events)
    match find(seen, sure=True).kind:
        case "end" | "gzip":
            return Diagnosis("held", seen.first_event)
        case "size":
            return Diagnosis("tray", max(seen.sizes))
        case "cork":
            return Diagnosis("cork", sorted(seen.gaps)[len(seen.gaps) // 2])
        case _:
            return Diagnosis("streamed", seen.first_event)


async def relay(source, beat):
    timeout = httpx.Timeout(5, read=None)
    async with httpx.AsyncClient(trust_env=False, timeout=timeout) as client:
        async with aconnect_sse(client, "GET", source) as stream:
            events = stream.aiter_sse()
            step = asyncio.create_task(anext(events, None))
            try:
                while True:
                    try:
                        event = await asyncio.wait_for(asyncio.shield(step), beat)
                    except TimeoutError:
                        yield ":\n\n"
                        continue
                    if event is None:
                        return
                    step = asyncio.create_task(anext(events, None))
                    if event.event == "token":
                        yield encode(event.data, event="token")
            finally:
                step.cancel()


async def stream(request):
    query = request.query_params
    return StreamingResponse(
        relay(query["source"], float(query.get("beat", 15))),
        media_type="text/event-stream",
        headers={"Cache-Control": "private, no-cache", "X-Accel-Buffering": "no"},
    )


app = Starlette(routes=[Route("/stream", stream)])
