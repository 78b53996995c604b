"""When a client goes, and how: the four ways of leaving, as what its socket does.

Rule: what the other side's system gets to see is real: a FIN, an RST, a FIN from somebody who
    still reads, or nothing at all.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, get_args

from ._reset import reset_when_closed
from .errors import UsageError

Leave = Literal["close", "reset", "half-close", "silent"]

SLICE = 0.2
"""Longest single wait, in seconds: on Windows no longer one can be interrupted."""

SILENCE = 1.0
"""Seconds that `silent` lasts unless you say otherwise."""

COUNTS = "stop_after_events", "stop_after_chunks", "max_bytes", "receive_window"
SECONDS = "stop_after_seconds", "deadline", "stay"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When to leave and how, and how fast to read; `record` says what each one means.

    Raises `UsageError` for one that cannot mean anything.
    """

    stop_after_events: int | None = None
    stop_after_chunks: int | None = None
    stop_after_seconds: float | None = None
    deadline: float = 30.0
    max_bytes: int = 16 * 1024 * 1024
    leave: Leave = "close"
    stay: float | None = None
    receive_window: int | None = None
    bytes_per_second: float | None = None

    def __post_init__(self) -> None:
        for name in COUNTS:
            self._check(name, int, "a whole number above 0")
        for name in SECONDS:
            self._check(name, (int, float), "seconds, above 0 and finite")
        self._check("bytes_per_second", (int, float), "a number above 0 and finite")
        if self.leave not in get_args(Leave):
            *most, last = map(repr, get_args(Leave))
            raise _wrong("leave", f"{', '.join(most)} or {last}", self.leave)

    def check(self, url: str) -> None:
        """Raise `UsageError` if this URL's connections cannot be left in this way."""
        if self.leave == "half-close" and url.lower().startswith("https"):
            raise UsageError(
                expected="leave='half-close' with an http URL",
                got=url,
                next="TLS takes a FIN for an attack and ends both ways: use 'close' or 'reset'.",
            )

    def _check(self, name: str, kind: Any, words: str) -> None:
        value = getattr(self, name)
        if value is None and getattr(Limits, name) is None:
            return
        if not isinstance(value, kind) or isinstance(value, bool) or not 0 < value < math.inf:
            raise _wrong(name, words, value)


def _wrong(name: str, expected: str, value: object) -> UsageError:
    return UsageError(
        expected=f"{name} to be {expected}", got=repr(value), next=f"Leave {name} out, or fix it."
    )


def leave(connection: socket.socket, how: str) -> None:
    """Let go of the connection: with RST for `reset` and `silent`, else with FIN.

    Who has been silent ends with RST because the system would choose by chance otherwise: it
    sends RST if bytes lie there unread, else FIN.
    """
    with suppress(OSError):  # it may be gone
        if how in ("reset", "silent"):
            reset_when_closed(connection)
    connection.close()


def stop_sending(connection: socket.socket) -> None:
    """Send FIN; reading goes on (RFC 9293, 3.6: a half-closed connection)."""
    with suppress(OSError):  # the other side may have reset it
        connection.shutdown(socket.SHUT_WR)


def stay_silent(until: float, stopped: threading.Event) -> None:
    """Do nothing until then (`time.perf_counter` seconds), or until `stopped` is set."""
    while (left := until - time.perf_counter()) > 0 and not stopped.wait(min(SLICE, left)):
        pass
