"""Where a book of one student goes: a folder's name for each, safe and never shared.

Rule: no two names get one place, also where the file system takes "Ada" for "ada" or one way of
writing "é" for the other; no place is too long or a device on Windows; and an ordinary name keeps
its place, whoever else there is.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from ..rows import file_name

LONGEST = 150
"""Bytes of a place. File systems allow 255; the suffix, and `write`'s own, come on top."""
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def places(names: Iterable[str]) -> dict[str, str]:
    """A place for each name.

    >>> places(["ada", "Ada", "../ada"])
    {'../ada': '_.._ada-60088279', 'Ada': '_Ada-99a563ab2f6e', 'ada': 'ada'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    # What needs no change goes first, lower case before upper: a newcomer displaces nobody.
    for name in sorted(set(names), key=lambda one: (_safe(one) != one, one.swapcase())):
        place, length = _safe(name), 12
        while _fold(place) in taken:
            place, length = _marked(name, length), length + 12
        taken.add(_fold(place))
        found[name] = place
    return dict(sorted(found.items()))


def _safe(name: str) -> str:
    place = file_name(name)
    if len(place.encode()) > LONGEST or DEVICES.fullmatch(place) or place.endswith("."):
        return _marked(name, 12)
    return place


def _marked(name: str, length: int) -> str:
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:length]
    short = re.sub(r"[^\w @+-]", "_", name).encode()[: LONGEST - 70].decode("utf-8", "ignore")
    return f"_{short.strip()}-{mark}"


def _fold(place: str) -> str:
    return unicodedata.normalize("NFKC", place).casefold()
