"""Reads the JSON itself, then matches; the guard is a plain loop of ifs in a class."""

import json
from typing import Literal

from pydantic import BaseModel, StrictBool, StrictInt


class Start(BaseModel):
    type: Literal["start"] = "start"
    id: str
    model: str


class Token(BaseModel):
    type: Literal["token"] = "token"
    i: StrictInt
    text: str


class Citation(BaseModel):
    type: Literal["citation"] = "citation"
    title: str
    url: str


class Usage(BaseModel):
    type: Literal["usage"] = "usage"
    input: StrictInt
    output: StrictInt
    estimated: StrictBool = False


class Failed(BaseModel):
    type: Literal["failed"] = "failed"
    code: str
    retryable: StrictBool = False


class Done(BaseModel):
    type: Literal["done"] = "done"
    reason: Literal["stop", "length", "tool", "blocked"]


class Unknown(BaseModel):
    type: str


def parse(event):
    match event.event:
        case "start":
            model = Start
        case "token":
            model = Token
        case "citation":
            model = Citation
        case "usage":
            model = Usage
        case "failed":
            model = Failed
        case "done":
            model = Done
        case other:
            return Unknown(type=other)
    fields = json.loads(event.data)
    if not isinstance(fields, dict) or fields.get("type") != event.event:
        raise ValueError(f"no {event.event} in this")
    return model(**fields)


class Guard:
    """An async iterator without a generator: what waits to be said stands in `self.ending`."""

    def __init__(self, events):
        self.events = aiter(events)
        self.before, self.count, self.spoken = None, 0, False
        self.ending, self.over = None, False

    def __aiter__(self):
        return self

    async def __anext__(self):
        while not self.over:
            try:
                chat = parse(await anext(self.events))
                if isinstance(chat, Unknown) or self.fits(chat):
                    return chat
            except StopAsyncIteration:
                self.over = True
            except Exception:
                self.over, self.ending = True, None
            if self.over:
                return self.ending or Failed(code="broken_upstream")
        raise StopAsyncIteration

    def fits(self, chat):
        """Whether it may be said at once. Raises if it may not be said at all."""
        before, self.before = self.before, chat.type
        match before, chat.type:
            case None, "start":
                pass
            case "start" | "token" | "citation", "token" | "citation":
                if chat.type == "token":
                    if chat.i != self.count:
                        raise ValueError(chat.i)
                    self.count += 1
                self.spoken = True
            case "start" | "token" | "citation", "usage":
                pass
            case "start" | "token" | "citation" | "usage", "failed":
                self.ending = chat
            case "token" | "citation" | "usage", "done" if self.spoken:
                self.ending = chat
            case _:
                raise ValueError((before, chat.type))
        return self.ending is None


def guarded(events):
    return Guard(events)
