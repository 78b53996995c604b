"""Values on the wire between the judge and an answer: JSON, and nothing that could run.

What JSON has no word for is an object with one key that begins with `$`:
`$bytes` base64, `$tuple` a list, `$set` a list, `$object` a type's name with its `fields`,
`$feed` an iterable that the judge fills, `$dict` a dict with such a key of its own, `$repr`
anything else, as its repr and no more. An
`Event` of the bench becomes one again, and on the answer's side a `Capture`; other objects become a
`Thing`.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import BenchError
from ..sse import Event
from ..wire import Capture, Chunk, Ending

MOST = 4_000_000
"""Bytes of one message. A longer one is refused on either side."""
DEEPEST = 40
LONGEST = 4096
"""Bits of an integer that is sent as one; JSON's reader refuses those of over 4300 digits."""


class WireError(BenchError):
    """A message that is none: not JSON, too long, or not of the form."""


@dataclasses.dataclass(frozen=True)
class Thing:
    """An object of the answer's, as the judge sees it: a type's name and fields.

    >>> Thing("Timing", {"first": 0.1}).first
    0.1
    """

    type: str
    fields: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(f"{self.type} has no {name}") from None

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.fields.items())
        return f"{self.type}({inside})"


@dataclasses.dataclass(frozen=True)
class Feed:
    """An argument that the judge hands over item by item: an iterable, or an async one."""

    number: int = 0
    is_async: bool = False


@dataclasses.dataclass(frozen=True)
class Opaque:
    """What cannot be sent, as the repr that it had."""

    text: str

    def __repr__(self) -> str:
        return self.text


def pack(value: Any, depth: int = 0) -> Any:
    """A value as JSON can say it. Never raises for what an answer may give back."""
    if depth > DEEPEST:
        return {"$repr": "..."}
    if isinstance(value, int) and value.bit_length() > LONGEST:
        return {"$repr": f"an integer of {value.bit_length()} bits"}
    if value is None or isinstance(value, bool | int | str):
        return _clean(value) if isinstance(value, str) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$repr": repr(value)}
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, Feed):
        return {"$feed": value.number, "async": value.is_async}
    if isinstance(value, Thing):
        return {"$object": value.type, "fields": pack(value.fields, depth + 1)}
    if (fields := _fields(value)) is not None:
        return {"$object": type(value).__name__, "fields": pack(fields, depth + 1)}
    if isinstance(value, tuple):
        return {"$tuple": [pack(one, depth + 1) for one in value]}
    if isinstance(value, set | frozenset):
        return {"$set": [pack(one, depth + 1) for one in value]}
    if isinstance(value, list):
        return [pack(one, depth + 1) for one in value]
    if isinstance(value, Mapping):
        fields = {_clean(str(name)): pack(one, depth + 1) for name, one in value.items()}
        return {"$dict": fields} if any(name.startswith("$") for name in fields) else fields
    return {"$repr": _clean(_repr(value))}


def unpack(value: Any, feed: Callable[[Feed], Any] | None = None, depth: int = 0) -> Any:
    """The value again. `feed` makes the iterable for a `$feed`. Raises `WireError`."""
    if depth > 2 * DEEPEST:  # `pack` never goes so far, and a repr of it might not come back
        raise WireError(
            expected=f"a value of at most {2 * DEEPEST} levels",
            got="more",
            next="The other side of the wire has said something else; nothing to mend here.",
        )
    below = depth + 1
    if isinstance(value, list):
        return [unpack(one, feed, below) for one in value]
    if not isinstance(value, dict):
        return value
    try:
        if "$dict" in value:
            return {str(name): unpack(one, feed, below) for name, one in value["$dict"].items()}
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"], validate=True)
        if "$tuple" in value:
            return tuple(unpack(one, feed, below) for one in value["$tuple"])
        if "$set" in value:
            return _set([unpack(one, feed, below) for one in value["$set"]])
        if "$repr" in value:
            return Opaque(str(value["$repr"]))
        if "$feed" in value:
            one = Feed(int(value["$feed"]), bool(value.get("async")))
            return feed(one) if feed else one
        if "$object" in value:
            fields = {str(k): unpack(v, feed, below) for k, v in value["fields"].items()}
            if value["$object"] == "Event" and set(fields) == {"data", "event", "id"}:
                return Event(**fields)
            if feed and value["$object"] == "Capture":  # it is the judge who sends it
                return capture_from(fields)
            return Thing(str(value["$object"]), fields)
        return {str(name): unpack(one, feed, below) for name, one in value.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WireError(
            expected="a value as labsupport.grading.values packs it",
            got=f"{type(error).__name__}: {error}",
            next="The other side of the wire has said something else; nothing to mend here.",
        ) from error


def capture_from(fields: Mapping[str, Any]) -> Capture:
    """The capture with these fields, as it was before it crossed the wire.

    Arguments:
        fields: those of `Capture`, as the judge sent them; a read is anything with `at` and `data`.

    >>> read = Thing("Chunk", {"at": 0.5, "data": b"HTTP/1.1 204 No Content"})
    >>> told = dict(url="/", request=b"", reads=(read,), ending="clean", ended_at=1, note="")
    >>> capture_from(told).raw
    b'HTTP/1.1 204 No Content'
    """
    reads = tuple(Chunk(read.at, read.data) for read in fields["reads"])
    return Capture(**{**fields, "reads": reads, "ending": Ending(fields["ending"])})


def dump(message: dict[str, Any]) -> bytes:
    """One message: a line of JSON."""
    data = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
    if len(data) > MOST:
        raise WireError(
            expected=f"a message of at most {MOST} bytes",
            got=f"{len(data)}",
            next="Give back less at once; yield it piece by piece.",
        )
    return data


def load(line: bytes) -> dict[str, Any]:
    """The message of a line. Raises `WireError`."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise WireError(
            expected="a line with a JSON object",
            got=repr(line[:60]),
            next="The other side of the wire has said something else; nothing to mend here.",
        )
    return message


def _set(items: list[Any]) -> Any:
    """A set, or, of what we cannot hash, its looks."""
    try:
        return frozenset(items)
    except TypeError:
        return Opaque(f"{{{', '.join(map(repr, items))}}}")


def _fields(value: Any) -> dict[str, Any] | None:
    """The fields of a NamedTuple, a dataclass or a pydantic model; None for anything else."""
    if isinstance(value, type):
        return None
    if isinstance(value, tuple):
        names = getattr(value, "_fields", None)
        return dict(zip(names, value, strict=False)) if names else None
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
    if callable(dump := getattr(value, "model_dump", None)):
        try:
            made = dump()
        except Exception:  # an answer's own class may do anything
            return None
        return made if isinstance(made, dict) else None
    return None


def _repr(value: Any) -> str:
    try:
        return repr(value)[:2000]
    except Exception:
        return f"<{type(value).__name__}>"


def _clean(text: str) -> str:
    """Without lone surrogates, which no encoding carries."""
    return text.encode("utf-8", "replace").decode()
