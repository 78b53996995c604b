"""A dictionary of classes by event name, and a small class that knows the sentence."""

from typing import Literal

from pydantic import BaseModel


class Start(BaseModel, strict=True):
    type: Literal["start"]
    id: str
    model: str


class Token(BaseModel, strict=True):
    type: Literal["token"]
    i: int
    text: str


class Citation(BaseModel, strict=True):
    type: Literal["citation"]
    title: str
    url: str


class Usage(BaseModel, strict=True):
    type: Literal["usage"]
    input: int
    output: int
    estimated: bool = False


class Failed(BaseModel, strict=True):
    type: Literal["failed"]
    code: str
    retryable: bool = False


class Done(BaseModel, strict=True):
    type: Literal["done"]
    reason: Literal["stop", "length", "tool", "blocked"]


class Unknown(BaseModel):
    type: str


MODELS = {
    "start": Start,
    "token": Token,
    "citation": Citation,
    "usage": Usage,
    "failed": Failed,
    "done": Done,
}


class Drift(Exception):
    pass


class Sentence:
    def __init__(self):
        self.tokens = self.citations = 0
        self.started = self.billed = False
        self.ending = None

    def add(self, chat):
        first = isinstance(chat, Start)
        if self.ending or first == self.started:
            raise Drift("not here")
        self.started = True
        if isinstance(chat, Token | Citation | Usage) and self.billed:
            raise Drift("after the bill")
        if isinstance(chat, Token):
            if chat.i != self.tokens:
                raise Drift("lost")
            self.tokens += 1
        elif isinstance(chat, Citation):
            self.citations += 1
        elif isinstance(chat, Usage):
            self.billed = True
        elif isinstance(chat, Done) and not self.tokens + self.citations:
            raise Drift("done with nothing")
        if isinstance(chat, Done | Failed):
            self.ending = chat


def parse(event):
    model = MODELS.get(event.event)
    if model is None:
        return Unknown(type=event.event)
    return model.model_validate_json(event.data)


async def guarded(events):
    sentence, events = Sentence(), aiter(events)
    while True:
        try:
            chat = parse(await anext(events))
            if not isinstance(chat, Unknown):
                sentence.add(chat)
        except StopAsyncIteration:
            break
        except Exception:
            sentence.ending = None
            break
        if not isinstance(chat, Done | Failed):
            yield chat
    yield sentence.ending or Failed(type="failed", code="broken_upstream")
