"""Every error of the bench, and what each one is about.

    LabError
    ├── UsageError        your call cannot mean anything         (also a ValueError)
    │   └── FramingError  text that SSE has no way to carry
    ├── BenchError        our side: a port, a thread, a tool
    │   ├── StartError    a server did not start
    │   └── StopError     a server did not stop
    └── PathError         what came over the network
        ├── ConnectError  nobody answered at that address
        ├── ProtocolError the bytes are not HTTP/1.1             (carries .capture)
        └── NotAStream    HTTP, but not an event stream          (carries .capture)

A stream that is cut, reset or late is not an error here: it is the subject. It comes back as
a `Capture` whose `ending` says so.

Rule: a message says what was expected, what was got, and what to do next.
"""

from __future__ import annotations

from typing import Any


class LabError(Exception):
    """An error whose message says what was expected, what was got, and what to do next.

    Arguments:
        expected: what would have been right, in words.
        got: what was there instead.
        next: the thing to try now, as one sentence.
        capture: the `Capture` made up to then, if there is one.

    >>> print(LabError(expected="a port from 1 to 65535", got="70000", next="Leave it out."))
    expected a port from 1 to 65535, got 70000. Next: Leave it out.
    """

    def __init__(self, *, expected: str, got: str, next: str, capture: Any = None) -> None:
        super().__init__(f"expected {expected}, got {got}. Next: {next}")
        self.expected = expected
        self.got = got
        self.next = next
        self.capture = capture


class UsageError(LabError, ValueError):
    """The arguments cannot mean anything."""


class FramingError(UsageError):
    """The text has no form in an event stream, such as a line break inside an event's name."""


class BenchError(LabError):
    """Our side failed: a port, a thread, a missing tool."""


class StartError(BenchError):
    """A server did not start; the message says what failed."""


class StopError(BenchError):
    """A server did not stop within its deadline."""


class PathError(LabError):
    """What came over the network is not what the call needs."""


class ConnectError(PathError):
    """No connection could be made. No request was sent, so surely nothing was generated."""


class ProtocolError(PathError):
    """The bytes that arrived are not HTTP/1.1; `.capture` holds them."""


class NotAStream(PathError):
    """A response that is not an event stream was asked for its events."""
