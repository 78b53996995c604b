"""Bytes as a reader can see them: line ends drawn, text as text, anything else in hex.

Rule 1: a byte is never hidden and never ambiguous: a character that looks like one of our own
signs is shown in hex.
Rule 2: what is drawn depends on the bytes and marks alone, so two runs draw the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from typing import NamedTuple

MARK = "┊"
"""Where a read began."""
SPACE = "␣"
"""The one space after a field's colon that is taken off."""
ENDS = {b"\r": "␍", b"\n": "␊"}
_OURS = frozenset(MARK + SPACE + "␍␊⟨⟩")
_HEX_RUN = 8  # bytes in one ⟨..⟩, so that long runs can be wrapped


class Unit(NamedTuple):
    """A piece that is not broken over lines; `style` is text, end, hex, space or mark."""

    style: str
    text: str


def visible(
    data: bytes, *, marks: Collection[int] = (), stripped: int | None = None
) -> Iterator[Unit]:
    """Draw `data`, with a mark before each offset in `marks`.

    Arguments:
        data: any bytes.
        marks: offsets where a read began. One inside a character shows its bytes in hex.
        stripped: offset of the one space that the standard takes off a value.

    >>> "".join(unit.text for unit in visible(b"data: h\\xc3\\xa9\\xff\\n", stripped=5))
    'data:␣hé⟨ff⟩␊'
    >>> "".join(unit.text for unit in visible("é".encode(), marks=[1]))
    '⟨c3⟩┊⟨a9⟩'
    """
    at, raw = 0, bytearray()
    while at < len(data):
        size, character = _character(data, at)
        cut = any(place in marks for place in range(at + 1, at + size))
        plain = "" if cut else character
        for place in range(at, at + size):
            if raw and (plain or place in marks or len(raw) == _HEX_RUN):
                yield _hexed(raw)
            if place in marks:
                yield Unit("mark", MARK)
            if not plain:
                raw.append(data[place])
        if plain:
            style = "end" if plain in ENDS.values() else "space" if at == stripped else "text"
            yield Unit(style, SPACE if at == stripped else plain)
        at += size
    if raw:
        yield _hexed(raw)


def dump(data: bytes, *, marks: Collection[int] = ()) -> Iterator[Unit]:
    """Draw every byte in hex, for bytes that are not meant as text.

    >>> "".join(unit.text for unit in dump(b"\\x1f\\x8b\\x08", marks=[2]))
    '1f 8b ┊08 '
    """
    for place, byte in enumerate(data):
        if place in marks:
            yield Unit("mark", MARK)
        yield Unit("hex", f"{byte:02x} ")


def whole_characters(data: bytes, most: int) -> int:
    """Where to stop so as to keep at most `most` bytes and cut no character in two."""
    if len(data) <= most:
        return len(data)
    back = next((n for n in range(4) if data[most - n] & 0xC0 != 0x80), 0)
    return most - back


def cells(text: str) -> int:
    """How many columns a terminal gives this text."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _character(data: bytes, at: int) -> tuple[int, str]:
    """How many bytes stand here for one character, and its picture; '' if it is drawn in hex."""
    first = data[at]
    if end := ENDS.get(data[at : at + 1]):
        return 1, end
    size = 1 if first < 0xC0 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    try:
        character = data[at : at + size].decode()
    except UnicodeDecodeError:
        return 1, ""
    return size, character if character.isprintable() and character not in _OURS else ""


def _hexed(raw: bytearray) -> Unit:
    unit = Unit("hex", f"⟨{raw.hex(' ')}⟩")
    raw.clear()
    return unit
