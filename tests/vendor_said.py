"""Ask a Vendor, with an app of our own as the vendor."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import apps
from gate_clock import GENEROUS

from labsupport.provider import Provider
from labsupport.provider.asked import Asked
from labsupport.provider.vendor import Vendor
from labsupport.script import Script, Step
from labsupport.server import serve


def said(script: Any, **settings: Any) -> list[Step]:
    """What a Vendor says when the vendor plays this script, or is this app."""
    app = Provider(script).app if isinstance(script, Script) else script

    async def ask(url: str) -> list[Step]:
        vendor = Vendor(f"{url}/v1", model="soup-1", **settings)
        return [step async for step in vendor.steps(Asked())]

    with serve(app) as server:
        return asyncio.run(asyncio.wait_for(ask(server.url), GENEROUS))


def replying(*blocks: bytes, kind: bytes = b"text/event-stream") -> Any:
    """An app that says these blocks, each when the one before was sent, and ends cleanly."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await apps.start(send, kind)
        for block in blocks:
            await apps.piece(send, block)
        await send({"type": "http.response.body", "body": b""})

    return app


def delta(**told: Any) -> bytes:
    reason = told.pop("reason", None)
    return (
        b"data: "
        + json.dumps({"choices": [{"delta": told, "finish_reason": reason}]}).encode()
        + b"\n\n"
    )
