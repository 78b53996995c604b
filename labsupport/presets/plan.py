"""What a preset decides about one exchange, in two steps.

`opening(asked)` comes before the upstream is asked; `plan(asked, answer)` once its head is here.
Both are plain values; `labsupport.relay` carries them out. The defaults are those of a proxy that
hands everything on at once, watches its client, and has no timeout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

from starlette.datastructures import Headers

from ..faults import Fault


class Leave(StrEnum):
    """When the upstream is told that the client has left."""

    AT_ONCE = "at once"
    """The client's socket is watched all the time."""
    AT_NEXT_CHUNK = "at the next chunk"
    """It is looked at when something comes from the upstream."""
    AT_WRITE = "at a write"
    """Noticed by a write that fails: the first one after a FIN still succeeds."""
    NEVER = "never"
    """The upstream's answer is read to its end, for a cache or for nobody."""


@dataclass(frozen=True)
class Refusal:
    """An answer of the proxy's own.

    Arguments:
        status: such as 504.
        text: its body.
        kind: its Content-Type.
    """

    status: int
    text: str = ""
    kind: str = "text/plain"


@dataclass(frozen=True)
class Asked:
    """The request, as far as a preset may look at it. `version` is `1.1` or `1.0`."""

    method: str
    version: str
    headers: Headers

    @property
    def accepts_gzip(self) -> bool:
        """True if the client says that it takes gzip."""
        return "gzip" in self.headers.get("accept-encoding", "")


@dataclass(frozen=True)
class Answer:
    """The upstream's head.

    Arguments:
        status, headers: as they came.
        framing: `chunked`, `content-length` or `until close`.
        head_bytes: the size of the head, status line and blank line included.
    """

    status: int
    headers: Headers
    framing: str
    head_bytes: int

    @property
    def kind(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def says(self, directive: str) -> bool:
        """True if Cache-Control has this directive, such as `no-transform`."""
        said = self.headers.get("cache-control", "").lower().split(",")
        return directive in [part.partition("=")[0].strip() for part in said]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What is settled before the upstream is asked. Times are seconds from the request.

    Arguments:
        refuse: answer this and ask nobody.
        version: HTTP version of the request to the upstream, `1.1` or `1.0`.
        leave, half_close: see `Plan`; they hold until the head is here.
        head_timeout, at_head_timeout: how long to wait for the head, and what to answer then.
        tries: how often a request that timed out without a head is sent on a connection that
            had been used before.
        absolute, at_absolute: end of everything, whatever still comes, and the answer to give
            if no head came until then.
        last_write: the first write to the client after this fails.
        linger: seconds from the end to the closing of a connection that broke off.
        cached: what may be taken from the cache instead of asking: `no`, `whole` answers, or
            also `growing` ones, whose fetch is under way.
    """

    refuse: Refusal | None = None
    version: str = "1.1"
    leave: Leave = Leave.AT_ONCE
    half_close: bool = True
    head_timeout: float | None = None
    at_head_timeout: Refusal = Refusal(504, "Gateway Timeout")
    tries: int = 1
    absolute: float | None = None
    at_absolute: Refusal = Refusal(504, "Gateway Timeout")
    last_write: float | None = None
    linger: float = 0.0
    cached: str = "no"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What happens to an answer whose head is here.

    Arguments:
        pieces: faults that the body passes.
        refuse: answer this instead.
        unit: None hands on each read; a number holds a chunk of the upstream's chunked coding
            until it is whole, or until so many bytes of it are here.
        head: `now`, or `with body`: the head waits for the first byte that follows it.
        framing: `usual` keeps a length and chunks the rest, `mirror` lets an answer that ends by
            closing end so here too.
        measures: give a body that was held whole a Content-Length if it has at most so many bytes.
        cork: seconds for which the kernel may hold written bytes back to fill a segment.
        drop, add: header fields (lower-case names) to take away, and to add.
        leave: when the upstream is told that the client left; `late` is how many chunks more.
        half_close: True if a client that closes its sending side counts as gone.
        at_leave: `drop`, or `flush` what is held to a client that half-closed.
        idle: seconds without a byte from the upstream until the exchange is ended.
        fin_loses, rst_loses: whether held bytes are lost when the upstream breaks off so.
        at_break: `truncate`, `clean` (forge a proper end), or a `Refusal` if no head went out.
        store: `no`, `whole` (replay once it is whole) or `growing` (others may join).
    """

    pieces: tuple[Fault, ...] = ()
    refuse: Refusal | None = None
    unit: int | None = None
    head: str = "now"
    framing: str = "usual"
    measures: int = 0
    cork: float | None = None
    drop: tuple[str, ...] = ()
    add: tuple[tuple[str, str], ...] = ()
    leave: Leave = Leave.AT_ONCE
    late: int = 0
    half_close: bool = True
    at_leave: str = "drop"
    idle: float | None = None
    fin_loses: bool = False
    rst_loses: bool = True
    at_break: str | Refusal = "truncate"
    store: str = "no"


@dataclass(frozen=True, repr=False)
class Preset:
    """Settings of a program, and what it does with them. A frozen dataclass; derive from it."""

    def opening(self, asked: Asked) -> Opening:
        """Called when the request's head is here."""
        return Opening()

    def plan(self, asked: Asked, answer: Answer) -> Plan:
        """Called when the answer's head is here; not for HEAD, 204 and 304."""
        return Plan()

    def __iter__(self) -> Iterator[Self]:
        """Itself, so that `Proxy(url, *presets.nginx())` works as well."""
        yield self

    def __repr__(self) -> str:
        told = [f"{name}={value!r}" for name, value in self._told()]
        return f"{type(self).__name__.lower()}({', '.join(told)})"

    def _set(self, name: str, value: object) -> None:
        """Put a setting into the form in which it is used and compared."""
        object.__setattr__(self, name, value)

    def _told(self) -> Iterator[tuple[str, Any]]:
        """The settings that differ from the defaults."""
        plain = type(self)()
        for field in fields(self):
            value = getattr(self, field.name)
            if value != getattr(plain, field.name):
                yield field.name, value
