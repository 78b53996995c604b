"""What a provider can say, step by step: the words of a `Script`.

Said, one token each:      str · Think · Refuse · and each fragment of a ToolCall's arguments
Said, free of charge:      Cite · Ping · Raw
Not said:                  Pause
Endings, nothing follows:  Finish · Fail · HangUp · Reset · StopShort
Instead of a stream:       Reject · Page, before all else, used up one a request
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import Literal

Reason = Literal["stop", "length", "tool", "blocked"]
"""Why an answer ended, in one vocabulary for all vendors."""


class _Brief:
    """Its `repr` leaves out what has its default."""

    __slots__ = ()

    def __repr__(self) -> str:
        shown = [
            repr(value) if place == 0 else f"{field.name}={value!r}"
            for place, field in enumerate(fields(self))  # type: ignore[arg-type]
            if (value := getattr(self, field.name)) != field.default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


@dataclass(frozen=True, slots=True, repr=False)
class Think(_Brief):
    """One token of reasoning: billed as output; some vendors show it, some only count it."""

    text: str


@dataclass(frozen=True, slots=True, repr=False)
class ToolCall(_Brief):
    """Call the tool `name` with `arguments`, a JSON text that is streamed in fragments.

    >>> ToolCall("weather", '{"city": "Paris"}').fragments
    ('{"', 'city', '": "', 'Paris', '"}')
    """

    name: str
    arguments: str = "{}"

    @property
    def fragments(self) -> tuple[str, ...]:
        """The arguments in pieces, a token each, none of them JSON by itself."""
        return tuple(re.findall(r"\w+|\W+", self.arguments))


@dataclass(frozen=True, slots=True, repr=False)
class Refuse(_Brief):
    """One token of the model declining to answer."""

    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Cite(_Brief):
    """A source for the text said since the last one: the words quoted, from where."""

    quote: str
    title: str = "Menu"
    url: str = "https://example.org/menu"


@dataclass(frozen=True, slots=True, repr=False)
class Ping(_Brief):
    """A sign of life, in the dialect's own form: an event, a comment, or nothing."""


@dataclass(frozen=True, slots=True, repr=False)
class Raw(_Brief):
    """These bytes, put into the stream as they are: a comment, a bad event, a BOM."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Say nothing for `seconds`; `math.inf` stalls until the client leaves."""

    seconds: float

    def __repr__(self) -> str:
        return f"Pause({self.seconds})"


@dataclass(frozen=True, slots=True, repr=False)
class Finish(_Brief):
    """End well, for this reason. Without it a script ends with `stop`, or `tool` after a call."""

    reason: Reason = "stop"


@dataclass(frozen=True, slots=True, repr=False)
class Fail(_Brief):
    """Report `message` as the stream's error event, then end the body cleanly.

    Arguments:
        message: what went wrong.
        status: the HTTP status that the same error has before a stream; vendors name their errors
            by it. 529 is overloaded.
        form: OpenAI Responses has three: `nested` (recorded on the wire), `flat` (as its reference
            says), `failed` (only the event `response.failed`). Other dialects have one.
    """

    message: str = "the model is overloaded"
    status: int = 529
    form: Literal["nested", "flat", "failed"] = "nested"


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the connection here, with no ending: the reader sees a truncated body."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Abort the connection here: the reader sees a TCP reset (RST)."""


@dataclass(frozen=True, slots=True)
class StopShort:
    """End the body here, cleanly, without the ending that the dialect owes its reader."""


@dataclass(frozen=True, slots=True, repr=False)
class Reject(_Brief):
    """Answer a request with an error status and the vendor's error body, before any stream.

    Arguments:
        status: 400 or above; the vendor's error type follows from it.
        message: what to say; None for the vendor's own kind of words.
        retry_after: seconds, for the header `retry-after`.
        retry_after_ms: milliseconds, for `retry-after-ms`, which the vendors' SDKs prefer.
        should_retry: True or False for the header `x-should-retry`, which overrules their SDKs.
        times: how many requests get this answer, counted over the whole provider.
    """

    status: int
    message: str | None = None
    retry_after: float | None = None
    retry_after_ms: int | None = None
    should_retry: bool | None = None
    times: float = 1


@dataclass(frozen=True, slots=True, repr=False)
class Page(_Brief):
    """Answer with a page where a stream was asked for, as login walls and gateways do."""

    html: str = "<!doctype html><title>Sign in</title><p>Please sign in."
    status: int = 200
    times: float = math.inf


Token = str | Think | Refuse
Ending = Finish | Fail | HangUp | Reset | StopShort
Instead = Reject | Page
Step = Token | ToolCall | Cite | Ping | Raw | Pause | Ending | Instead
