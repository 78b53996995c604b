"""The frame of an event stream: line ends, blank lines, names of fields, JSON in `data:`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from labsupport.sse import Decoder


@dataclass(frozen=True)
class Frame:
    """One event: its name, its data as it was sent, and that as JSON (None for `[DONE]`)."""

    name: str | None
    data: str
    value: Any


def cut(body: bytes, found: list[str], *, end: bytes = b"\n") -> list[Frame]:
    """The events of a body; what is wrong with their frame goes to `found`.

    Arguments:
        end: the vendor's line end, which must be the only one.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        found.append("the stream begins with a byte order mark")
    bare = body.replace(end, b"")
    if b"\r" in bare or b"\n" in bare:
        found.append(f"a line end that is not {end!r}")
        body = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", end)
    *blocks, rest = body.split(end + end)
    if rest:
        found.append(f"no blank line after the last event: {rest[-40:]!r}")
        blocks.append(rest)
    frames: list[Frame] = []
    for number, block in enumerate(blocks):
        frames.extend(_frame(number, block, end, found))
    read = [(event.event, event.data) for event in Decoder().feed(body)]
    if not found and read != [(frame.name or "message", frame.data) for frame in frames]:
        found.append("a decoder by the standard reads other events than stand there")
    return frames


def _frame(number: int, block: bytes, end: bytes, found: list[str]) -> Iterator[Frame]:
    names, datas, where = list[str](), list[str](), f"event {number}"
    for line in block.split(end):
        try:
            field, colon, value = line.decode().partition(": ")
        except UnicodeDecodeError:
            found.append(f"{where} is not UTF-8: {line[:40]!r}")
            continue
        if line.startswith(b":"):
            continue
        if field == "event" and colon and not datas:
            names.append(value)
        elif field == "data" and colon:
            datas.append(value)
        elif field.partition(":")[0] in ("id", "retry"):
            found.append(f"{where} has the field {field.partition(':')[0]}:, which no vendor sends")
        else:
            found.append(f"{where} has a line that is no `data: ` or `event: `: {line[:40]!r}")
    if len(names) > 1:
        found.append(f"{where} has {len(names)} names")
    if len(datas) != 1:
        if names or datas:
            found.append(f"{where} has {len(datas)} data lines, not one")
        return
    value: Any = None
    if datas[0] != "[DONE]":
        try:
            value = json.loads(datas[0])
        except ValueError:
            found.append(f"{where} is not JSON: {datas[0][:40]}")
            return
        if not isinstance(value, dict):
            found.append(f"{where} is JSON, but no object: {datas[0][:40]}")
            return
    yield Frame(names[0] if names else None, datas[0], value)


def same(values: list[Any], what: str, found: list[str]) -> None:
    """All of these must be equal."""
    if len({json.dumps(value) for value in values}) > 1:
        found.append(f"{what} changes on the way: {values[0]!r}, later {_other(values)!r}")


def _other(values: list[Any]) -> Any:
    return next(value for value in values if value != values[0])


def sums(value: Any, found: list[str], where: str, total: str, *parts: str) -> None:
    """One count must be the sum of others. What is missing is another check's finding."""
    if isinstance(value, dict) and all(isinstance(value.get(one), int) for one in (total, *parts)):
        made = sum(value[part] for part in parts)
        if value[total] != made:
            found.append(f"{where}.{total} is {value[total]}, but {' + '.join(parts)} is {made}")


def within(value: Any, found: list[str], where: str, part: str, inner: str, whole: str) -> None:
    """A detail (`value[part][inner]`) can not be more than what it is a part of."""
    detail = value.get(part) if isinstance(value, dict) else None
    few = detail.get(inner) if isinstance(detail, dict) else None
    if isinstance(few, int) and isinstance(value.get(whole), int) and few > value[whole]:
        found.append(f"{where}.{part}.{inner} is {few}, more than {whole}, {value[whole]}")
