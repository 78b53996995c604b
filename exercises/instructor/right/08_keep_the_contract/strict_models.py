"""Models that are strict by themselves, and a table of what may follow what."""

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
SPEAK = {"token": "said", "citation": "said", "failed": "over"}
NEXT = {
    "outside": {"start": "begun"},
    "begun": SPEAK | {"usage": "nothing said"},
    "said": SPEAK | {"usage": "paid", "done": "over"},
    "paid": {"failed": "over", "done": "over"},
    "nothing said": {"failed": "over"},
    "over": {},
}
WORDS = {word for words in NEXT.values() for word in words}


def parse(event):
    if event.event not in WORDS:
        return Unknown(type=event.event)
    chat = CHAT.validate_json(event.data)
    if chat.type != event.event:
        raise ValueError("two names")
    return chat


async def guarded(events):
    place, count, ending = "outside", 0, None
    try:
        async for event in events:
            chat = parse(event)
            if isinstance(chat, Unknown):
                yield chat
                continue
            place = NEXT[place][chat.type]
            if isinstance(chat, Token):
                if chat.i != count:
                    raise ValueError("a token got lost")
                count += 1
            if place == "over":
                ending = chat
            else:
                yield chat
    except Exception:
        ending = None
    yield ending or Failed(type="failed", code="broken_upstream")
