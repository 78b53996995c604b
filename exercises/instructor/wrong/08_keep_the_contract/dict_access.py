"""Reads the JSON and takes what it wants by key: there is no class, and no check.

fails: words
"""

import json

from pydantic import BaseModel


class Unknown(BaseModel):
    type: str


class Failed(BaseModel):
    type: str = "failed"
    code: str
    retryable: bool = False


def parse(event):
    if event.event not in ("start", "token", "citation", "usage", "failed", "done"):
        return Unknown(type=event.event)
    return json.loads(event.data)


async def guarded(events):
    text, ending = "", None
    try:
        async for event in events:
            chat = parse(event)
            if isinstance(chat, dict) and chat["type"] == "token":
                text += chat["text"]
            if isinstance(chat, dict) and chat["type"] in ("failed", "done"):
                ending = chat
            else:
                yield chat
    except Exception:
        ending = None
    yield ending or Failed(code="broken_upstream")
