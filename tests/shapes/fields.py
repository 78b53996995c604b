"""What a JSON value must look like, written as data: each check gives findings in words.

CHUNK = obj({"id": text, "choices": array(CHOICE)}, optional={"usage": either(null, USAGE)})
list(CHUNK({"id": 7}, "chunk"))
['chunk.id: expected text, got 7', 'chunk.choices is missing']
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Check = Callable[[Any, str], Iterator[str]]


def obj(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with exactly these fields; those that are optional may be missing."""
    known = {**required, **(optional or {})}

    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _expected("an object", value, where)
            return
        yield from (f"{where}.{name} is missing" for name in required if name not in value)
        for name, one in value.items():
            if name in known:
                yield from known[name](one, f"{where}.{name}")
            else:
                yield f"{where}.{name} is a field that was never recorded"

    return check


def array(item: Check, least: int = 0, most: float = float("inf")) -> Check:
    """A list of so many of these."""

    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield _expected("a list", value, where)
            return
        if not least <= len(value) <= most:
            yield f"{where}: a list of {len(value)}, not of {least} to {most:g}"
        for index, one in enumerate(value):
            yield from item(one, f"{where}[{index}]")

    return check


def either(*checks: Check) -> Check:
    """One of these. If it is none of them, the findings of the nearest."""

    def check(value: Any, where: str) -> Iterator[str]:
        found = [list(one(value, where)) for one in checks]
        yield from min(found, key=len)

    return check


def const(wanted: Any) -> Check:
    """This value and no other; True is not 1."""

    def check(value: Any, where: str) -> Iterator[str]:
        if value != wanted or type(value) is not type(wanted):
            yield _expected(json.dumps(wanted), value, where)

    return check


def one_of(*wanted: str) -> Check:
    """One of these words."""

    def check(value: Any, where: str) -> Iterator[str]:
        if value not in wanted:
            yield _expected(" or ".join(wanted), value, where)

    return check


def pattern(regex: str, words: str) -> Check:
    """A text that matches from its beginning to its end."""

    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, str) or not re.fullmatch(regex, value):
            yield _expected(words, value, where)

    return check


def _kind(words: str, good: Callable[[Any], bool]) -> Check:
    def check(value: Any, where: str) -> Iterator[str]:
        if not good(value):
            yield _expected(words, value, where)

    return check


def _expected(words: str, value: Any, where: str) -> str:
    return f"{where}: expected {words}, got {json.dumps(value, ensure_ascii=False)[:60]}"


text = _kind("text", lambda value: isinstance(value, str))
some = _kind("text that is not empty", lambda value: isinstance(value, str) and value != "")
flag = _kind("true or false", lambda value: isinstance(value, bool))
null = _kind("null", lambda value: value is None)
mapping = _kind("an object", lambda value: isinstance(value, dict))
anything = _kind("anything", lambda value: True)
count = _kind("a count", lambda value: type(value) is int and value >= 0)
number = _kind("a number", lambda value: isinstance(value, int | float) and value is not True)
empty = const({})
nothing = const([])
