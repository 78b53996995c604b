"""What a client asked for: one reading of the request for all dialects.

The vendors spell the same wishes differently. Here they have one name each, and a dialect looks
into `body` for what is its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from ..script import words

LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens", "maxOutputTokens")
NESTED = ("generationConfig", "options")
"""Where Gemini and Ollama put what others have at the top."""

SPOKEN = ("messages", "input", "system", "instructions", "contents", "systemInstruction", "prompt")
"""Fields that hold the prompt."""


@dataclass(frozen=True)
class Asked:
    """One request.

    Arguments:
        path: the path, as the meter lists it.
        number: which of the provider's requests it is, from 0.
        body: the JSON object that was sent; empty if none was.
        headers: the request's headers, names in lower case.
        trouble: why the body cannot be read; None if it can.
        parameters: what the path's pattern caught.
    """

    path: str = "/"
    number: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    trouble: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    def missing(self, *names: str) -> str | None:
        """The first of these fields that was not sent."""
        return next((name for name in names if self.body.get(name) is None), None)

    @property
    def model(self) -> str:
        """The model's name, as it was asked for; vendors say it again in each answer."""
        named = self.parameters.get("model") or self.body.get("model")
        return named if isinstance(named, str) else "soup-1"

    @property
    def limit(self) -> int | None:
        """The most tokens that the client wants; None if it did not say."""
        places = [self.body, *(self.body.get(name) for name in NESTED)]
        for place in places:
            for name in (*LIMITS, "num_predict"):
                value = place.get(name) if isinstance(place, Mapping) else None
                if isinstance(value, int) and value > 0:
                    return value
        return None

    @property
    def prompt(self) -> str:
        """All text that was sent to be read by the model."""
        return "\n".join(text for name in SPOKEN for text in _texts(self.body.get(name)))

    @property
    def tokens(self) -> int:
        """How long the prompt is. A word is a token here; real ones are a little shorter."""
        return len(words(self.prompt))


async def read(request: Request) -> Asked:
    """Read a request to its end. What cannot be read is in `trouble`; nothing is raised for it."""
    sent = {"content-length", "transfer-encoding"} & {*request.headers}
    data, body, trouble = await request.body() if sent else b"", {}, None
    if data:
        try:
            body = json.loads(data)
        except ValueError as error:
            trouble = f"the body is not JSON: {error}"
        if not isinstance(body, dict):
            body, trouble = {}, "the body is not a JSON object"
    return Asked(
        path=request.url.path,
        body=body,
        headers=dict(request.headers),
        trouble=trouble,
        parameters={**request.path_params, **request.query_params},
    )


def _texts(value: Any) -> Iterator[str]:
    """The texts in a prompt: a str, a list of messages, a message's list of parts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, Mapping):
        for name in ("content", "parts", "text"):
            yield from _texts(value.get(name))
