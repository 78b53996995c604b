"""Is the guard of the lesson: it looks at words, and neither at the source nor at the end.

fails: no_ending
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Said(BaseModel):
    model_config = ConfigDict(strict=True)


class Start(Said):
    type: Literal["start"]
    id: str
    model: str


class Token(Said):
    type: Literal["token"]
    i: int
    text: str


class Citation(Said):
    type: Literal["citation"]
    title: str
    url: str


class Usage(Said):
    type: Literal["usage"]
    input: int
    output: int
    estimated: bool = False


class Failed(Said):
    type: Literal["failed"]
    code: str
    retryable: bool = False


class Done(Said):
    type: Literal["done"]
    reason: Literal["stop", "length", "tool", "blocked"]


class Unknown(BaseModel):
    type: str


CHAT = TypeAdapter(
    Annotated[Start | Token | Citation | Usage | Failed | Done, Field(discriminator="type")]
)
WORDS = {"start", "token", "citation", "usage", "failed", "done"}


def parse(event):
    if event.event not in WORDS:
        return Unknown(type=event.event)
    chat = CHAT.validate_json(event.data)
    if chat.type != event.event:
        raise ValueError("two names")
    return chat


async def guarded(events):
    async for event in events:
        try:
            chat = parse(event)
        except ValueError:
            yield Failed(type="failed", code="broken_upstream")
            return
        yield chat
