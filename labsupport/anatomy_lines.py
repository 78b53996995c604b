"""An event stream, line by line: what each line does, and what the standard ignores.

Rule 1: the lines' bytes, joined, are the stream.
Rule 2: what is dispatched, committed or taken is asked of `Decoder`, never decided here a second
time; the words around it are ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .sse import Decoder, Event

BOM = b"\xef\xbb\xbf"
FIELDS = ("data", "event", "id", "retry")
# A CR and an LF together are one line end; nothing else ends a line (HTML 9.2.5).
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_NOT_LINE_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"  # where str.splitlines would cut


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its end, or the byte order mark, or what came after the last line end."""

    data: bytes
    kind: str
    """`bom`, `data`, `event`, `id`, `retry`, `comment`, `unknown`, `blank`, `tail` or `text`."""
    meaning: str
    block: int
    """Which run of lines up to a blank line this is part of, from 0."""
    group: str = ""
    event: int | None = None
    """Number of the event that this line is part of, from 1; None if it is part of none."""
    dispatched: Event | None = None
    """The event that this line, a blank one, dispatched."""
    stripped: int | None = None
    """Offset of the one space that is taken off the value."""


def stream_lines(body: bytes) -> list[Line]:
    """Explain every line of an event stream.

    >>> for line in stream_lines(b": hi\\ndata: a\\n\\n"):
    ...     print(line.data, line.meaning)
    b': hi\\n' comment: ignored
    b'data: a\\n' field data: 'a'
    b'\\n' blank line: dispatches event 1 (event 'message', data 'a')
    """
    decoder, done, block = Decoder(), list[Line](), list[Line]()
    blocks = events = 0
    if body.startswith(BOM):
        decoder.feed(BOM)
        block.append(Line(BOM, "bom", "byte order mark: the first one is taken off", 0))
    for data in _LINE.findall(body, len(BOM) if block else 0):
        held, dispatched = decoder.last_event_id, decoder.feed(data)
        line = _line(data, blocks, block)
        if line.kind == "blank":
            if dispatched:
                events += 1
                line = replace(line, meaning=_goes_out(events, dispatched[0]))
                line = replace(line, dispatched=dispatched[0])
            else:
                line = replace(line, meaning=_nothing(block, held, decoder.last_event_id))
            number, group = (events, f"event {events}") if dispatched else (None, "no event")
            done += [replace(part, event=number, group=group) for part in [*block, line]]
            block, blocks = [], blocks + 1
        else:
            block.append(line)
    return done + _left_over(block)


def text_lines(body: bytes, what: str) -> list[Line]:
    """The lines of a body that is no event stream; `what` names it, such as `JSON`."""
    lines = _LINE.findall(body)
    return [
        Line(data, "text", what if len(lines) == 1 else f"{what}, line {n}", 0, "body")
        for n, data in enumerate(lines, 1)
    ]


def _line(data: bytes, block: int, before: list[Line]) -> Line:
    """What one line is, as far as it says so by itself."""
    text = data.rstrip(b"\r\n")
    if not text:
        return Line(data, "blank", "", block)
    if len(text) == len(data):
        return Line(data, "tail", "unfinished line: discarded, its line end never came", block)
    if text.startswith(b":"):
        return Line(data, "comment", "comment: ignored", block)
    name, colon, value = text.partition(b":")
    stripped = len(name) + 1 if value.startswith(b" ") else None
    field = name.decode(errors="replace")
    held = value.removeprefix(b" ").decode(errors="replace")
    kind = field if field in FIELDS else "unknown"
    meaning = _field(field, held, before) + _remarks(text, held, bool(colon))
    return Line(data, kind, meaning, block, stripped=stripped)


def _field(name: str, value: str, before: list[Line]) -> str:
    shown = quoted(value)
    if name == "data":
        joined = any(line.kind == "data" for line in before)
        return f"field data: {shown}{', joined to the data above by a newline' if joined else ''}"
    if name == "event":
        return f"field event: the type is {shown if value else 'message again'}"
    if name == "id":
        if "\0" in value:  # HTML 9.2.6: a NUL makes the whole field void
            return "field id: ignored, its value holds a NUL; the id before it stays"
        return f"field id: {shown}" if value else "field id: empty, so the id is cleared"
    if name == "retry":
        if value.isascii() and value.isdigit():
            wait = value.lstrip("0") or "0"
            return f"field retry: reconnect after {wait if len(wait) < 20 else quoted(wait)} ms"
        return f"field retry: ignored, {shown} is not digits only"
    if name.startswith("\ufeff"):
        return f"unknown field {quoted(name)}: ignored; only the stream's first BOM is taken off"
    near = name.strip().lower()
    why = f"; it is not {near}, names are compared exactly" if near in FIELDS else ""
    return f"unknown field {quoted(name)}: ignored{why}"


def _remarks(text: bytes, value: str, colon: bool) -> str:
    remarks = ""
    if not colon:
        remarks += "; no colon, so all of it is the name"
    if value.startswith(" "):
        remarks += "; one space is taken off, the rest is kept"
    whole = text.decode(errors="replace")
    if any(character in _NOT_LINE_ENDS for character in whole):
        remarks += "; only CR and LF end a line here"
    if whole.encode() != text:
        remarks += "; not UTF-8, so U+FFFD (�) stands in"
    return remarks


def _goes_out(number: int, event: Event) -> str:
    said = f"event {quoted(event.event)}, data {quoted(event.data)}"
    if event.id:
        said += f", id {quoted(event.id)}"
    return f"blank line: dispatches event {number} ({said})"


def _nothing(block: list[Line], held: str, now: str) -> str:
    said = "blank line: no data, so it dispatches nothing"
    if held != now:
        said += f"; commits id {quoted(now)}"
    if any(line.kind == "event" for line in block):
        said += "; the type is dropped"
    return said


def _left_over(block: list[Line]) -> list[Line]:
    """Lines that no blank line followed. Their fields are lost (HTML 9.2.6); `retry` is not."""
    lost = any(line.kind in ("data", "event", "id", "tail") for line in block)
    group, left = "discarded" if lost else "no event", []
    for line in block:
        why = "; discarded, no blank line came" if line.kind in ("data", "event", "id") else ""
        left.append(replace(line, group=group, meaning=line.meaning + why))
    return left


def quoted(text: str, most: int = 80) -> str:
    """The text as Python would write it, or its beginning and its length."""
    if len(text) <= most:
        return repr(text)
    return f"{text[: most - 20]!r}… ({len(text):,} characters)"
