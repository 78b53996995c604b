"""One server for all cells: `/<cell>/...` is a provider of its own, twisted as its scenario says.

Nothing of an SDK is touched; what happens to bytes happens on the server's side.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from labsupport.provider import Provider

from .scenarios import Scenario


@dataclass
class Cell:
    """One scenario for one client.

    Attributes:
        arrivals: when its requests came, on the monotonic clock.
    """

    scenario: Scenario
    arrivals: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.provider = Provider(self.scenario.script)

    @property
    def attempts(self) -> int:
        """How many requests the provider counted."""
        return len(self.provider.meter.requests)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        self.arrivals.append(time.monotonic())
        twist = Twist(self.scenario, send) if self.scenario.twist else None
        await self.provider.app(scope, receive, twist.send if twist else send)


class Twist:
    """Hold a stream's body, twist it, and send it in one piece. Errors before a stream pass."""

    def __init__(self, scenario: Scenario, send: Any) -> None:
        self._scenario, self._send, self._body = scenario, send, b""

    async def send(self, message: Any) -> None:
        """In place of the server's `send`."""
        if message["type"] == "http.response.start":
            new = {key.encode(): value.encode() for key, value in self._scenario.headers.items()}
            old = [(key, value) for key, value in message["headers"] if key not in new]
            message = {**message, "headers": [*old, *new.items()]}
        else:
            self._body += message["body"]
            if message.get("more_body"):
                return
            assert self._scenario.twist
            message = {**message, "body": self._scenario.twist(self._body)}
        await self._send(message)


class Kitchen:
    """The ASGI app with all cells."""

    def __init__(self) -> None:
        self.cells: dict[str, Cell] = {}

    def cell(self, scenario: Scenario) -> tuple[str, Cell]:
        """A new cell, and its path."""
        name = f"/{len(self.cells)}"
        self.cells[name] = Cell(scenario)
        return name, self.cells[name]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on to its cell."""
        if scope["type"] != "http":
            return
        name, slash, rest = scope["path"][1:].partition("/")
        path = slash + rest
        await self.cells["/" + name](
            {**scope, "path": path, "raw_path": path.encode()}, receive, send
        )
