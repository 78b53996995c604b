"""Server-Sent Events: bytes in, events out, and text back into bytes.

Rule 1: nothing here waits; no socket, no clock. The caller brings the bytes.
Rule 2: the browser steps of the HTML standard (section 9.2), exact for any chunking. What the
        standard ignores is ignored: no byte of a stream makes `feed` raise.
Rule 3: `encode` writes what `Decoder` reads back as the same event, or it refuses.

The end of a stream is no more `feed`: what is unfinished then is discarded (9.2.6).

>>> decoder = Decoder()
>>> decoder.feed(b"data: h")
[]
>>> decoder.feed(b"i\\n\\n")
[Event(data='hi')]
"""

from __future__ import annotations

from itertools import repeat
from typing import NamedTuple, NoReturn

from .errors import FramingError, UsageError

__all__ = ["Decoder", "Event", "encode"]

CR, LF = b"\r\n"
_new_event = tuple.__new__  # what Event(...) calls in the end, in half the time


class Event(NamedTuple):
    """One event as a browser's `EventSource` would hand it to a page.

    >>> Event("hi"), Event("5", event="count", id="7")
    (Event(data='hi'), Event(data='5', event='count', id='7'))
    """

    data: str = ""  # the text; several data lines are joined by LF
    event: str = "message"  # the name; this one when the stream gave none
    id: str = ""  # the last event id at dispatch, sent with this event or an earlier one

    def __repr__(self) -> str:
        event = f", event={self.event!r}" if self.event != "message" else ""
        id = f", id={self.id!r}" if self.id else ""
        return f"Event(data={self.data!r}{event}{id})"


class Decoder:
    """Turn the bytes of one event stream into events (HTML 9.2.5 and 9.2.6).

    Time is linear in the bytes fed, whatever the chunking. An unfinished line or event is kept
    whole: its length is the sender's choice, so bound the bytes you feed if you do not trust it.

    >>> decoder = Decoder()
    >>> decoder.feed(b"id: 7\\nretry: 3000\\ndata: a\\n\\ndata: unfinished")
    [Event(data='a', id='7')]
    >>> decoder.last_event_id, decoder.retry
    ('7', 3000)
    """

    def __init__(self) -> None:
        self.last_event_id = ""  # what a reconnecting browser sends; if empty it sends none
        self._id = ""  # the id buffer: it becomes last_event_id at the next blank line
        self._type = ""
        self._data: list[str] = []
        self._retry = ""
        self._line_start = b""  # the unfinished line ...
        self._line_more: list[bytes] = []  # ... and its later pieces, joined once, at its end
        self._after_cr = False
        self._first_line = True
        self._idle = False  # past the first line, and nothing pending except `_line_start`

    @property
    def retry(self) -> int | None:
        """The reconnection time in milliseconds, or None: as large as the server wrote it."""
        return _whole_number(self._retry) if self._retry else None

    def feed(self, chunk: bytes | bytearray | memoryview) -> list[Event]:
        """Take the next bytes of the stream and return the events they complete, in order.

        Arguments:
            chunk: any number of bytes, cut anywhere, also inside a character or a CRLF.

        Raises:
            UsageError: `chunk` is not bytes.
        """
        if type(chunk) is not bytes:
            chunk = _as_bytes(chunk)
        if CR in chunk or self._after_cr:
            chunk = self._line_ends_as_lf(chunk)
        # The fast path, for what nearly every model sends: only events of one "data: " line.
        # It gives what `_feed_lines` gives. Nothing is pending, `run` is whole blocks, and
        # `rest` is the start of one line. Cutting `run` after its first "data: " at each
        # "\n\ndata: " makes n values. The n - 1 cuts account for 2n - 2 line ends; if there are
        # no others, then no value holds one, so each value is one whole `data` line with one
        # space after the colon, followed by a blank line: an unnamed event with this text.
        if self._idle:
            run, blank, rest = chunk.rpartition(b"\n\n")
            if blank and LF not in rest:
                text = (self._line_start + run).decode("utf-8", "replace")
                before, field, value = text.partition("data: ")
                if field and not before:
                    if "\n" not in value:  # n is 1, the usual case: an event a chunk
                        self._line_start, self.last_event_id = rest, self._id
                        return [_new_event(Event, (value, "message", self._id))]
                    values = value.split("\n\ndata: ")
                    if value.count("\n") == 2 * len(values) - 2:
                        self._line_start, self.last_event_id = rest, self._id
                        fields = zip(values, repeat("message"), repeat(self._id))
                        return list(map(_new_event, repeat(Event), fields))
        return self._feed_lines(chunk)

    def _line_ends_as_lf(self, chunk: bytes) -> bytes:
        """Replace CRLF and CR by LF (9.2.6: a line ends at CRLF, LF or CR, and nothing else)."""
        after_cr = self._after_cr
        if chunk:
            self._after_cr = chunk.endswith(b"\r")
        if after_cr:  # CR ended its line at once. If LF comes next it was half a CRLF: drop it.
            chunk = chunk.removeprefix(b"\n")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _feed_lines(self, chunk: bytes) -> list[Event]:
        """The standard's steps, line by line, for bytes whose only line end is LF."""
        lines, newline, rest = chunk.rpartition(b"\n")
        if not newline:
            self._line_more.append(rest)
            self._idle = False
            return []
        # Only whole lines are decoded, so a character cut in two by a chunk is never seen.
        text = b"".join((self._line_start, *self._line_more, lines)).decode("utf-8", "replace")
        self._line_start, self._line_more = rest, []
        if self._first_line:
            self._first_line = False
            text = text.removeprefix("\ufeff")  # one byte order mark; a second is text
        events: list[Event] = []
        for line in text.split("\n"):
            if not line:
                self._dispatch(events)
                continue
            # A comment has an empty name, and no field is called that.
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")  # one space, and not a tab
            if name == "data":
                self._data.append(value)
            elif name == "event":
                self._type = value
            elif name == "id" and "\0" not in value:
                self._id = value
            elif name == "retry" and value.isascii() and value.isdigit():
                self._retry = value  # at once, without waiting for a blank line
        self._idle = not self._data and not self._type
        return events

    def _dispatch(self, events: list[Event]) -> None:
        """What a blank line does (9.2.6, "dispatch the event", the steps for browsers)."""
        self.last_event_id = self._id  # also when there is no data
        if self._data:
            events.append(Event("\n".join(self._data), self._type or "message", self._id))
            self._data = []
        self._type = ""

    def __repr__(self) -> str:
        unfinished = len(self._line_start) + sum(map(len, self._line_more))
        told = f"last_event_id={self.last_event_id!r}, retry={self._retry or None}"
        return f"Decoder({told}, {unfinished} bytes of an unfinished line)"


def encode(
    data: str | None,
    *,
    event: str | None = None,
    id: str | None = None,
    retry: int | None = None,
    comment: str | None = None,
) -> bytes:
    """Write one block of an event stream: its lines and the blank line that ends it.

    A `Decoder` reads back the event it was made from, except that the format cannot say which
    line end `data` used: CRLF and CR come back as LF.

    Arguments:
        data: the event's text; None for a block that dispatches nothing (id, retry, comment).
        event: the event's name.
        id: the last event id from here on; "" makes the reader forget the one it has.
        retry: the reconnection time in milliseconds.
        comment: text for whoever reads the wire; the decoder ignores it.

    Raises:
        FramingError: a line break in `event` or `id`, NUL in `id`, a name without data, a lone
            surrogate, a wrong type.

    >>> encode(" two\\nlines", event="note")
    b'event: note\\ndata:  two\\ndata: lines\\n\\n'
    """
    lines: list[str] = []
    if comment is not None:
        lines += [f": {line}" for line in _lines_of("comment", comment)]
    if retry is not None:
        if type(retry) is not int or retry < 0:  # so not True, which is an int
            _refuse("retry as an int of 0 or more", repr(retry), "Give milliseconds: retry=3000.")
        lines.append(f"retry: {retry:d}")
    if event is not None:
        if event == "":  # it would clear the name (9.2.6): the reader would see "message"
            _refuse("event as a name", "''", 'Leave event out: no name is read as "message".')
        lines.append(f"event: {_one_line('event', event)}")
    if id is not None:
        lines.append(f"id: {_one_line('id', id)}")
        if "\0" in id:
            _refuse("id without NUL", repr(id), "Choose another: a reader ignores an id with NUL.")
    if data is not None:
        # Always with the space: the reader strips one, which may be the text's own (9.2.6).
        lines += [f"data: {line}" for line in _lines_of("data", data)]
    elif event is not None or not lines:
        _refuse("data as str", "None", 'Pass data="": a block without data dispatches no event.')
    try:
        return "\n".join([*lines, "", ""]).encode()
    except UnicodeEncodeError as error:
        got = f"the lone surrogate {error.object[error.start]!r}"
    _refuse("text that UTF-8 can carry", got, "Join the two halves of the character first.")


def _lines_of(name: str, text: str) -> list[str]:
    """Cut at CRLF, CR and LF only: `str.splitlines` also cuts at U+2028 and others."""
    if not isinstance(text, str):
        _refuse(f"{name} as str", type(text).__name__, "Pass text, such as json.dumps(...).")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _one_line(name: str, text: str) -> str:
    if len(_lines_of(name, text)) > 1:
        _refuse(f"{name} on one line", repr(text), "Take the line break out: it ends the field.")
    return text


def _refuse(expected: str, got: str, next: str) -> NoReturn:
    raise FramingError(expected=expected, got=got, next=next)


def _whole_number(digits: str) -> int:
    """Read any number of digits; `int` alone may refuse more than 640, as a guard."""
    if len(digits) <= 640:
        return int(digits)
    half = len(digits) // 2
    return int(_whole_number(digits[:-half]) * 10**half + _whole_number(digits[-half:]))


def _as_bytes(chunk: bytes | bytearray | memoryview) -> bytes:
    if isinstance(chunk, (bytes, bytearray, memoryview)):
        return bytes(chunk)
    how = "Feed the response's raw bytes as they came; the decoder does the UTF-8."
    raise UsageError(expected="chunk as bytes", got=type(chunk).__name__, next=how)
