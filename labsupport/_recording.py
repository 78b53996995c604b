"""One connection while it is observed, and the limits at which the observer leaves.

Rule 1: nothing is kept but the reads, and of those at most `max_bytes`.
Rule 2: how it ends is a value (`Ending`); only what never was an HTTP/1.1 answer is an error.
Rule 3: every wait is at most 0.2 s long and repeated: a blocking read cannot be interrupted on
    Windows.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket
from typing import Any, Literal

from ._connection import SLICE, leave, open_connection
from ._request import Request
from .errors import ProtocolError, UsageError
from .sse import Decoder, Event
from .wire import Capture, Chunk, Ending, ResponseParser, inflater, plural

OnChunk = Callable[[Chunk, list[Event]], object]
Leave = Literal["close", "reset"]

READ_SIZE = 65_536
"""Most bytes of one read."""

INTERRUPTED = Ending.STOPPED, "interrupted"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When to leave, and how. Raises `UsageError` for a limit that cannot mean anything."""

    stop_after_events: int | None = None
    stop_after_chunks: int | None = None
    stop_after_seconds: float | None = None
    deadline: float = 30.0
    max_bytes: int = 16 * 1024 * 1024
    leave: Leave = "close"

    def __post_init__(self) -> None:
        for name in ("stop_after_events", "stop_after_chunks", "max_bytes"):
            self._check(name, int, "a whole number above 0")
        for name in ("stop_after_seconds", "deadline"):
            self._check(name, (int, float), "seconds, above 0 and finite")
        if self.leave not in ("close", "reset"):
            raise _wrong("leave", "'close' or 'reset'", self.leave)

    def _check(self, name: str, kind: Any, words: str) -> None:
        value = getattr(self, name)
        if value is None and name.startswith("stop_after"):
            return
        if not isinstance(value, kind) or isinstance(value, bool) or not 0 < value < math.inf:
            raise _wrong(name, words, value)


def _wrong(name: str, expected: str, value: object) -> UsageError:
    return UsageError(
        expected=f"{name} to be {expected}", got=repr(value), next=f"Leave {name} out, or fix it."
    )


class Recording:
    """Connect, send, read, leave: once, by `run`.

    Arguments:
        request: what to send, and where.
        limits: when to leave.
        on_chunk: called in the thread of `run` for each read that held body bytes.
    """

    def __init__(self, request: Request, limits: Limits, on_chunk: OnChunk | None) -> None:
        self.request, self.limits, self.on_chunk = request, limits, on_chunk
        self.stopped = threading.Event()
        """Set it from another thread to leave as if by Ctrl-C."""
        self._reads: list[Chunk] = []
        self._parser = ResponseParser(request.method)
        self._decoder: Decoder | None = None
        self._inflate = inflater("identity")
        self._coding = self._promised = ""
        self._events = self._chunks = self._size = self._body = self._inflated = 0
        self._sent = 0.0

    def run(self) -> Capture:
        """What was seen. Raises what `record` says."""
        until = time.perf_counter() + self.limits.deadline
        connection: socket | None = None
        ending, note = INTERRUPTED
        try:
            connection = open_connection(self.request, until, self.stopped)
            if connection:
                ending, note = self._send(connection, until) or self._read(connection, until)
        except KeyboardInterrupt:
            pass
        except ProtocolError as error:
            error.capture = self._capture(ending, "what came could not be read")
            raise
        finally:
            if connection:
                leave(connection, self.limits.leave if ending is Ending.STOPPED else "close")
        if not self._sent:
            note += ", perhaps before the request was whole" if connection else ": nothing was sent"
        return self._capture(ending, "; ".join(filter(None, (note, self._coding))))

    def _capture(self, ending: Ending, note: str) -> Capture:
        at = time.perf_counter() - self._sent if self._sent else 0.0
        reads = tuple(self._reads)
        return Capture(self.request.url, self.request.data, reads, ending, at, note)

    def _out_of_time(self, until: float) -> tuple[Ending, str] | None:
        """Whether to leave whatever comes."""
        if self.stopped.is_set():
            return INTERRUPTED
        if time.perf_counter() >= until:
            return Ending.TIMED_OUT, f"the deadline of {self.limits.deadline:g} s passed"
        return None

    def _send(self, connection: socket, until: float) -> tuple[Ending, str] | None:
        unsent = memoryview(self.request.data)
        connection.settimeout(SLICE)
        while unsent:
            if over := self._out_of_time(until):
                return over
            try:
                unsent = unsent[connection.send(unsent) :]
            except TimeoutError:
                continue
            except OSError:  # closed half way through; what it answered can still be read
                break
        self._sent = time.perf_counter()
        return None

    def _read(self, connection: socket, until: float) -> tuple[Ending, str]:
        leave_at = self._sent + (self.limits.stop_after_seconds or math.inf)
        while True:
            if over := self._out_of_time(until):
                return over
            left = min(until, leave_at) - time.perf_counter()
            if left <= 0:
                return Ending.STOPPED, f"after {self.limits.stop_after_seconds:g} s"
            connection.settimeout(max(0.001, min(SLICE, left)))
            try:
                data = connection.recv(min(READ_SIZE, self.limits.max_bytes - self._size))
            except TimeoutError:
                continue
            except OSError as error:
                known = isinstance(error, ConnectionError)  # reset or aborted: the same event
                how = "reset" if known else f"broken ({error.strerror or error})"
                return Ending.RESET, f"{how} {self._progress()}"
            if not data:
                return self._closed()
            if over := self._take(Chunk(time.perf_counter() - self._sent, data)):
                return over

    def _take(self, read: Chunk) -> tuple[Ending, str] | None:
        """Keep one read; say how the recording ends, if it ends here."""
        self._reads.append(read)
        self._size += len(read.data)
        had_head = bool(self._parser.framing)
        spans = self._parser.feed(read.data)
        if self._parser.framing and not had_head:
            self._head_done()
        if body := b"".join(span.data for span in spans if span.kind == "body"):
            self._chunks += 1
            self._body += len(body)
            events = self._decode(body)
            self._events += len(events)
            if self.on_chunk:
                self.on_chunk(Chunk(read.at, body), events)
        limits, count = self.limits, sum(len(s.data) for s in spans if s.kind == "extra")
        if limits.stop_after_events and self._events >= limits.stop_after_events:
            return Ending.STOPPED, f"after {plural(self._events, 'event')}"
        if limits.stop_after_chunks and self._chunks >= limits.stop_after_chunks:
            return Ending.STOPPED, f"after {plural(self._chunks, 'chunk')}"
        if self._parser.complete:
            return Ending.CLEAN, f"{plural(count, 'byte')} followed the end" if count else ""
        if max(self._size, self._inflated) >= limits.max_bytes:
            return Ending.STOPPED, f"max_bytes ({limits.max_bytes:,}) reached"
        return None

    def _head_done(self) -> None:
        """Find out what it is, once; refuse what has no events if events are to be counted."""
        head = self._capture(Ending.STOPPED, "not an event stream")
        if head.encoding != "identity":
            self._coding = f"the body is {head.encoding}: chunks are compressed, events are not"
        self._promised = head.headers.get("content-length", "")
        if self.limits.stop_after_events and not head.is_stream:
            _ = head.events  # raises NotAStream
        if head.is_stream and (self.on_chunk or self.limits.stop_after_events):
            self._decoder, self._inflate = Decoder(), inflater(head.encoding)

    def _decode(self, body: bytes) -> list[Event]:
        if self._decoder is None:
            return []
        text = self._inflate(body)
        self._inflated += len(text)
        return self._decoder.feed(text)

    def _closed(self) -> tuple[Ending, str]:
        """What it means that the other side closed here."""
        if self._parser.framing == "until close":
            return Ending.CLEAN, "no length was promised: a cut would look the same"
        return Ending.TRUNCATED, f"closed {self._progress()}"

    def _progress(self) -> str:
        """How far the response had come."""
        if not self._reads:
            return "before the first byte of a response"
        if not self._parser.framing:
            return "inside the head"
        after = f"after {plural(self._body, 'body byte')}"
        if self._parser.framing == "content-length":
            return f"{after} of {self._promised}"
        return f"{after}, before the last chunk" if self._parser.framing == "chunked" else after
