"""One connection while it is observed: read, fast or slowly, until it ends or we leave.

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
from socket import socket

from ._connection import open_connection
from ._leaving import SILENCE, SLICE, Limits, leave, stay_silent, stop_sending
from ._request import Request
from .errors import ProtocolError
from .sse import Decoder, Event
from .wire import Capture, Chunk, Ending, ResponseParser, inflater, plural

OnChunk = Callable[[Chunk, list[Event]], object]

READ_SIZE = 65_536
"""Most bytes of one read."""

PACE = 0.1
"""Seconds' worth of bytes that one read of a slow reader brings at most."""

INTERRUPTED = Ending.STOPPED, "interrupted"


class Recording:
    """Connect, send, read, leave: once, by `run`.

    Arguments:
        request: what to send, and where.
        limits: when to leave and how, and how fast to read.
        on_chunk: called in the thread of `run` for each read that held body bytes.
    """

    def __init__(self, request: Request, limits: Limits, on_chunk: OnChunk | None) -> None:
        limits.check(request.url)
        self.request, self.limits, self.on_chunk = request, limits, on_chunk
        self.stopped = threading.Event()
        """Set it from another thread to leave as if by Ctrl-C."""
        self._reads: list[Chunk] = []
        self._parser = ResponseParser(request.method)
        self._decoder: Decoder | None = None
        self._inflate = inflater("identity")
        self._coding = self._promised = ""
        self._events = self._chunks = self._size = self._body = self._inflated = 0
        self._sent = self._ready_at = 0.0
        self._left = False

    def run(self) -> Capture:
        """What was seen. Raises what `record` says."""
        until = time.perf_counter() + self.limits.deadline
        connection: socket | None = None
        ending, note = INTERRUPTED
        try:
            connection = open_connection(
                self.request, until, self.stopped, self.limits.receive_window
            )
            if connection:
                ending, note = self._send(connection, until) or self._observe(connection, until)
                if self._stays(ending):
                    so_far = f"{self.limits.leave} {note}"
                    note = f"{so_far}; interrupted"
                    ending, then = self._stay(connection, until)
                    note = f"{so_far}; {then}" if then else so_far
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

    def _observe(self, connection: socket, until: float) -> tuple[Ending, str]:
        """Read until the response ends or we have seen enough."""
        seconds = self.limits.stop_after_seconds or math.inf
        return self._read(connection, until, self._sent + seconds, f"after {seconds:g} s")

    def _stays(self, ending: Ending) -> bool:
        """Whether there is something to do between leaving and letting go."""
        if ending is not Ending.STOPPED or self.stopped.is_set():
            return False
        if self.limits.leave == "half-close":  # pointless if nothing more may be read
            return not (self._parser.complete or self._full())
        return self.limits.leave == "silent"

    def _stay(self, connection: socket, until: float) -> tuple[Ending, str]:
        """Leave with the connection open; say how that ended."""
        self._left, stay, now = True, self.limits.stay, time.perf_counter()
        if self.limits.leave == "half-close":
            stop_sending(connection)
            stay = stay or math.inf
            return self._read(connection, until, now + stay, f"closed {stay:g} s later")
        stay = stay or SILENCE
        stay_silent(min(until, now + stay), self.stopped)
        if self.stopped.is_set():
            return INTERRUPTED
        early = now + stay > until
        return Ending.STOPPED, "reset at the deadline" if early else f"reset {stay:g} s later"

    def _read(
        self, connection: socket, until: float, leave_at: float, why: str
    ) -> tuple[Ending, str]:
        """Read until the response ends, or a limit, or `leave_at`; then `why` is the note."""
        while True:
            if over := self._out_of_time(until):
                return over
            now = time.perf_counter()
            if now >= leave_at:
                return Ending.STOPPED, why
            wait = max(0.001, min(SLICE, until - now, leave_at - now))
            if self._ready_at > now:
                self.stopped.wait(min(wait, self._ready_at - now))
                continue
            connection.settimeout(wait)
            try:
                data = connection.recv(self._most())
            except TimeoutError:
                continue
            except OSError as error:
                known = isinstance(error, ConnectionError)  # reset or aborted: the same event
                how = "reset" if known else f"broken ({error.strerror or error})"
                return Ending.RESET, f"{how} {self._progress()}"
            if not data:
                return self._closed()
            now = time.perf_counter()
            if self.limits.bytes_per_second:
                self._ready_at = now + len(data) / self.limits.bytes_per_second
            if over := self._take(Chunk(now - self._sent, data)):
                return over

    def _most(self) -> int:
        """Bytes that the next read may bring."""
        most = min(READ_SIZE, self.limits.max_bytes - self._size)
        rate = self.limits.bytes_per_second
        return min(most, max(1, int(rate * PACE))) if rate else most

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
        if not self._left and (enough := self._enough()):
            return Ending.STOPPED, f"after {enough}"
        if self._parser.complete:
            extra = sum(len(span.data) for span in spans if span.kind == "extra")
            return Ending.CLEAN, f"{plural(extra, 'byte')} followed the end" if extra else ""
        if self._full():
            return Ending.STOPPED, f"max_bytes ({self.limits.max_bytes:,}) reached"
        return None

    def _enough(self) -> str:
        """What we have seen, if it is what we asked for."""
        events, chunks = self.limits.stop_after_events, self.limits.stop_after_chunks
        if events and self._events >= events:
            return plural(self._events, "event")
        return plural(self._chunks, "chunk") if chunks and self._chunks >= chunks else ""

    def _full(self) -> bool:
        return max(self._size, self._inflated) >= self.limits.max_bytes

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
