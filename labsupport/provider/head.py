"""A response's head, and how a dialect tells its body."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

from ..script import Reject
from .play import Play

EVENTS = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Head:
    """A response's head."""

    media_type: str
    status: int = 200
    length: int | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def message(self) -> dict[str, Any]:
        """The same for ASGI."""
        headers = [(b"content-type", self.media_type.encode()), (b"cache-control", b"no-cache")]
        headers += [(name.encode(), value.encode()) for name, value in self.headers.items()]
        if self.length is not None:
            headers.append((b"content-length", b"%d" % self.length))
        return {"type": "http.response.start", "status": self.status, "headers": headers}


Act = Callable[[Play], AsyncGenerator[Head | bytes, None]]
"""How a dialect tells a play: one `Head`, then blocks of body."""

Refusal = Callable[[Play, Reject], tuple[dict[str, str], dict[str, Any]]]
"""A dialect's headers and JSON body for an error before the stream."""


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def compact(value: Any) -> bytes:
    """JSON without spaces, as the vendors write it. One encoder for all: making one costs time."""
    return _compact(value).encode()


def reply(status: int, body: Any, headers: dict[str, str]) -> tuple[Head, bytes]:
    """A whole response of JSON."""
    data = compact(body)
    return Head("application/json", status, len(data), headers), data
