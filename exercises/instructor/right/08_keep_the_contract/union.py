"""A strict base class, a discriminated union, and one regular expression over what was said."""

import re
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
WORDS = ("start", "token", "citation", "usage", "failed", "done")

# Every beginning of a sentence. Of tokens and citations in a row one letter is kept.
BEGINNING = re.compile(r"s?|st|stu?d?|st?u?f?")
LETTERS = dict(zip(WORDS, "sttufd", strict=True))


def parse(event):
    if event.event not in WORDS:
        return Unknown(type=event.event)
    chat = CHAT.validate_json(event.data)
    if chat.type != event.event:
        raise ValueError("two names")
    return chat


async def guarded(events):
    said, count, last = "", 0, None
    try:
        async for event in events:
            chat = parse(event)
            if chat.type not in WORDS:
                yield chat
                continue
            letter = LETTERS[chat.type]
            if letter != "t" or not said.endswith("t"):
                said += letter
            if not BEGINNING.fullmatch(said):
                raise ValueError(f"{chat.type} may not stand here")
            if chat.type == "token":
                if chat.i != count:
                    raise ValueError("a token got lost")
                count += 1
            if chat.type in ("done", "failed"):
                last = chat
            else:
                yield chat
        if last is None:
            raise ValueError("no ending")
    except Exception:
        yield Failed(type="failed", code="broken_upstream")
    else:
        yield last
