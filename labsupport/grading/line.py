"""The judge's end of the socket to an answer: messages with deadlines and bounds.

Rule 1: whatever comes in, and however it comes, is a message, an `AnswerError`, and nothing else.
Rule 2: no request takes longer than `patience`, and none goes on after `until`.
Rule 3: one request brings in no more than `MOST` bytes, however many messages they make.
"""

from __future__ import annotations

import math
import re
import socket
import time
from collections.abc import Callable
from typing import Any, NoReturn

from ..errors import LabError
from .values import MOST, WireError, dump, load, unpack

PATIENCE = 5.0
"""Seconds that one request to an answer may take."""


class AnswerError(LabError):
    """The answer did not do what was asked of it."""


class Raised(AnswerError):
    """The answer raised: `type`, `said` and `where` (lines of its cells) are its own words."""

    def __init__(self, type: str, said: str, where: tuple[str, ...] = ()) -> None:
        self.type, self.said, self.where = type, said, where
        super().__init__(
            expected="no exception",
            got=f"{type}: {said}" if said else type,
            next=f"It came from {where[-1]}." if where else "Run the cell and read it whole.",
        )


class Silent(AnswerError):
    """The answer did not come back in time."""


class Gone(AnswerError):
    """The answer's process has ended, or does not speak any more."""


class Flooded(Gone):
    """The answer printed more than it may, and was stopped."""


class Line:
    """A connected socket with a `Harness`, or something that says it is one, at its other end.

    Arguments:
        sock: the socket.
        patience: seconds that one request may take.

    Attributes:
        until: when all must be over, on `time.monotonic`'s clock.
        dead: True when nothing more can come of it.
        why: makes a better error of `Gone` or `Silent`, where somebody watches the process.
    """

    def __init__(self, sock: socket.socket, patience: float) -> None:
        self.patience, self.until, self.dead = patience, math.inf, False
        self.why: Callable[[AnswerError], AnswerError] = lambda error: error
        self._sock, self._buffer, self._heard = sock, bytearray(), 0

    def deadline(self) -> float:
        """When a request that begins now must be over."""
        return min(time.monotonic() + self.patience, self.until)

    def ask(self, message: dict[str, Any]) -> None:
        """Begin a request."""
        self._heard = 0
        self.say(message)

    def say(self, message: dict[str, Any]) -> None:
        """Send a message."""
        try:
            self._sock.settimeout(self._left(self.deadline()))
            self._sock.sendall(dump(message))
        except TimeoutError:
            self._silent()
        except OSError as error:
            self._gone(error)

    def hear(self, until: float) -> dict[str, Any]:
        """The next message; by `until`, also if there is always another one."""
        left = self._left(until)
        while (end := self._buffer.find(b"\n")) < 0:
            try:
                self._sock.settimeout(left)
                data = self._sock.recv(65536)
            except TimeoutError:
                self._silent()
            except OSError as error:
                self._gone(error)
            self._heard += len(data)
            if not data or self._heard > MOST:
                self._gone(ConnectionError("it said too much at once") if data else None)
            self._buffer += data
            left = self._left(until)
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        try:
            return load(line)
        except WireError as error:
            self._gone(error)

    def value(self, packed: Any) -> Any:
        """What the answer says that this is."""
        try:
            return unpack(packed)
        except WireError as error:
            self._gone(error)

    def final(self, message: dict[str, Any]) -> Any:
        """The value of a request's last message, or what was raised, raised here."""
        if "raised" not in message:
            return self.value(message.get("value"))
        told = message["raised"]
        told = told if isinstance(told, dict) else {}
        where = told.get("where")
        lines = tuple(words(one, 200) for one in where[-6:]) if isinstance(where, list) else ()
        raise Raised(words(told.get("type"), 100), words(told.get("said"), 2000), lines)

    def close(self) -> None:
        """Hang up; the harness then ends."""
        self._sock.close()

    def _left(self, until: float) -> float:
        if self.dead:
            self._gone(None)
        if (left := min(until, self.until) - time.monotonic()) <= 0:
            self._silent()
        return left

    def _silent(self) -> NoReturn:
        self.dead = True
        late = time.monotonic() >= self.until
        within = "the time for all checks" if late else f"{self.patience:g} s"
        silent = Silent(
            expected=f"an answer within {within}",
            got="none",
            next="Look for a loop that never ends, or a wait that nothing ends.",
        )
        raise self.why(silent)

    def _gone(self, error: Exception | None) -> NoReturn:
        self.dead = True
        gone = Gone(
            expected="the answer's process to go on",
            got=f"it is gone ({words(error, 200)})" if error else "it is gone",
            next="Look for sys.exit, os._exit, or too much memory.",
        )
        raise self.why(gone) from error


CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def words(value: Any, most: int) -> str:
    r"""Somebody else's words: a text, no longer than `most`, that no terminal takes for orders.

    >>> words("red \x1b[31m", 9)
    'red �[31m'
    """
    return CONTROL.sub("\ufffd", str(value)[:most]) if value is not None else ""
