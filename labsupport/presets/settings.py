"""Read a setting the way the real programs spell it: `"on"`, `"16k"`, `"8 16k"`, `"2m"`.

Rule 1: a Python value is taken as it is: bytes for a size, seconds for a time.
Rule 2: a text is read as the program reads it. Where programs differ, the preset says so:
`bare` (what a time without a unit counts) and `kilo` (what a `k` is worth).
Rule 3: what is refused is refused with the line to write instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from typing import NoReturn

from ..errors import UsageError

_SIZE = re.compile(r"([+-]?\d+) *([kmg]?)(i?)(?:b|bytes)?", re.ASCII)
_TIME = re.compile(r" *(\d+\.?\d*|\.\d+) *([a-zµ]*)", re.ASCII)
_POWER = {"": 0, "k": 1, "m": 2, "g": 3}
_SECONDS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# Squid writes its times in words: "read_timeout 15 minutes".
_WORDS = {"second": "s", "sec": "s", "minute": "m", "min": "m", "hour": "h", "day": "d"}


def _refuse(preset: str, name: str, value: object, form: str, example: object) -> NoReturn:
    raise UsageError(
        expected=f"{preset}'s {name} {form}",
        got=repr(value),
        next=f"write {preset}({name}={example!r}).",
    )


def switch(preset: str, name: str, value: object) -> bool:
    """A setting that is on or off.

    Arguments:
        preset: the preset's name, for the message.
        name: the setting's name, as the program spells it.
        value: True, False, "on", "off", "yes" or "no".

    Raises UsageError for anything else, 1 and 0 included: no program spells it so.

    >>> switch("nginx", "proxy_buffering", "off")
    False
    """
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in ("on", "yes"):
        return True
    if word in ("off", "no"):
        return False
    _refuse(preset, name, value, "as True, False, 'on' or 'off'", True)


def size(preset: str, name: str, value: object, *, least: int = 1, kilo: int = 1024) -> int:
    """A number of bytes.

    Arguments:
        preset, name: for the message.
        value: 4096, "4096", "4k", "16 KB", "1m" or "4KiB"; capitals make no difference.
        least: the smallest number of bytes that means something here.
        kilo: what `k` and `KB` are worth; 1000 for a program written in Go. `KiB` is always 1024.

    Raises UsageError for another form and for fewer bytes than `least`.

    >>> size("nginx", "proxy_buffer_size", "4k"), size("squid", "x", "-1 KB", least=-1024)
    (4096, -1024)
    """
    count = _bytes(value, kilo)
    if count is None:
        _refuse(preset, name, value, "in bytes such as 4096 or '4k'", "4k")
    if count < least:
        _refuse(preset, name, value, f"of {least} bytes or more", "4k")
    return count


def _bytes(value: object, kilo: int) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _SIZE.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if found is None or (found[3] and not found[2]):  # "4ib" is nobody's unit
        return None
    return int(found[1]) * int((1024 if found[3] else kilo) ** _POWER[found[2]])


def sizes(preset: str, name: str, value: object) -> tuple[int, int]:
    """How many buffers, and how large each is: nginx's `proxy_buffers`.

    Arguments:
        preset, name: for the message.
        value: "8 16k", or a pair such as (8, 16384) or (8, "16k").

    Returns the number of buffers and the bytes in each.
    Raises UsageError for another form, and for fewer than 2 buffers, with which nginx does
    not start.

    >>> sizes("nginx", "proxy_buffers", "8 16k")
    (8, 16384)
    """
    parts = value.split(maxsplit=1) if isinstance(value, str) else value
    if isinstance(parts, (tuple, list)) and len(parts) == 2:
        number = parts[0]
        if isinstance(number, str) and number.isascii() and number.isdigit():
            number = int(number)
        each = _bytes(parts[1], 1024)
        if isinstance(number, int) and not isinstance(number, bool) and each is not None:
            if number < 2 or each < 1:
                _refuse(preset, name, value, "of 2 buffers or more, each 1 byte or more", "8 4k")
            return number, each
    _refuse(preset, name, value, "as a number and a size such as '8 4k' or (8, 4096)", "8 4k")


def seconds(
    preset: str,
    name: str,
    value: object,
    *,
    off: bool = False,
    least: float | None = None,
    bare: str = "s",
) -> float | None:
    """A length of time in seconds.

    Arguments:
        preset, name: for the message.
        value: 60, 0.5, "60s", "2m", "500ms", "1m30s", "15 minutes".
        off: take None and nothing ("0s", 0) for "no such limit", and answer None.
        least: the smallest time that means something here, in seconds; without it, any time
            above 0. Go programs take -1 for "at once", so they ask for `least=-1`.
        bare: the unit of a text that names none; HAProxy counts "30" in "ms". A Python
            number is always seconds.

    Returns seconds, or None for off (never None unless `off` is asked for).
    Raises UsageError for another form and for a time that is too short.

    >>> seconds("nginx", "proxy_read_timeout", "2m"), seconds("envoy", "timeout", "0s", off=True)
    (120.0, None)
    """
    time = 0.0 if off and value is None else _time(value, bare)
    if time is None:
        form = "in seconds such as 60 or '60s'" + (", or None for off" if off else "")
        _refuse(preset, name, value, form, "60s")
    if off and time == 0:
        return None
    if least is None and time <= 0:
        _refuse(preset, name, value, "longer than 0 seconds", "60s")
    if least is not None and time < least:
        _refuse(preset, name, value, f"of {least:g} seconds or more", "60s")
    return time


def _time(value: object, bare: str) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if math.isfinite(value) else None
    text = value.strip().lower() if isinstance(value, str) else ""
    sign, text = (-1.0, text[1:]) if text.startswith("-") else (1.0, text)
    total, at = 0.0, 0
    while found := _TIME.match(text, at):
        if not found[2] and found.span() != (0, len(text)):  # "1m30" is nobody's time
            return None
        unit = found[2] or bare
        unit = _WORDS.get(unit.removesuffix("s"), unit)
        if unit not in _SECONDS:
            return None
        total, at = total + float(found[1]) * _SECONDS[unit], found.end()
    return sign * total if text and at == len(text) else None


def one_of(preset: str, name: str, value: object, allowed: Collection[str]) -> str:
    """A setting that takes one of a few words.

    Arguments:
        preset, name: for the message.
        value: one of `allowed`, letter for letter.
        allowed: the words, the one to suggest first.

    Raises UsageError for any other value.

    >>> one_of("varnish", "mode", "pass", ("cache", "pass", "pipe"))
    'pass'
    """
    if isinstance(value, str) and value in tuple(allowed):
        return value
    *most, last = (repr(word) for word in allowed)
    form = f"as {', '.join(most)} or {last}" if most else f"as {last}"
    _refuse(preset, name, value, form, next(iter(allowed)))
