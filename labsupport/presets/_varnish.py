"""Varnish, as measured: 7.1.1 (Debian)."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from ..faults import Buffer
from .pieces import PACKED, Gzip, cacheable, packs
from .plan import Answer, Asked, Leave, Opening, Plan, Preset, Refusal
from .settings import one_of, seconds, switch

LOST = (
    "<html><head><title>503 Backend fetch failed</title></head><body><h1>Error 503 Backend fetch "
)
LOST += "failed</h1><p>Backend fetch failed</p><hr><p>Varnish cache server</p></body></html>\n"


@dataclass(frozen=True, kw_only=True, repr=False)
class Varnish(Preset):
    """Varnish Cache. It streams, and by default it keeps what it streams.

    Arguments:
        mode: what `vcl_recv` returns. `cache` (the default) keeps an answer that does not forbid
            it: the next client of that URL gets it all at once, one that comes meanwhile joins, and
            nobody's leaving stops the upstream. `pass` keeps nothing; `pipe` moves bytes.
        do_stream: False holds all of it and gives it a Content-Length.
        do_gzip: compress without a flush, also with `no-transform`: ten bytes at once, then
            nothing until zlib has a block full.
        first_byte_timeout, between_bytes_timeout: 503 before a head, truncated after.

    A half-close is not noticed. Raises `UsageError` for a setting that cannot be. Source: measured.
    """

    mode: str = "cache"
    do_stream: bool | str = True
    do_gzip: bool | str = False
    first_byte_timeout: float | str = 60
    between_bytes_timeout: float | str = 60

    def __post_init__(self) -> None:
        one_of("varnish", "mode", self.mode, ("cache", "pass", "pipe"))
        for name in ("do_stream", "do_gzip"):
            self._set(name, switch("varnish", name, getattr(self, name)))
        for name in ("first_byte_timeout", "between_bytes_timeout"):
            self._set(name, seconds("varnish", name, getattr(self, name)))

    def _caches(self, asked: Asked) -> bool:
        """What the built-in VCL looks up."""
        private = "authorization" in asked.headers or "cookie" in asked.headers
        return self.mode == "cache" and asked.method in ("GET", "HEAD") and not private

    def opening(self, asked: Asked) -> Opening:
        """Whether to look into the cache, and how long to wait for a head."""
        caches = self._caches(asked)
        leave = Leave.NEVER if caches else Leave.AT_WRITE
        return Opening(
            leave=Leave.AT_ONCE if self.mode == "pipe" else leave,
            half_close=self.mode == "pipe",
            head_timeout=float(self.first_byte_timeout),
            at_head_timeout=Refusal(503, LOST, "text/html"),
            cached="growing" if caches else "no",
        )

    def plan(self, asked: Asked, answer: Answer) -> Plan:
        """Stream and keep, stream and forget, or hold."""
        if self.mode == "pipe":
            return Plan(framing="mirror", rst_loses=False)
        keeps = self._caches(asked) and cacheable(asked, answer)
        packed = bool(self.do_gzip) and packs(asked, answer, ("*",), heeds=False)
        held = not self.do_stream
        return Plan(
            pieces=(*((Buffer(None),) if held else ()), *((Gzip(flush=False),) if packed else ())),
            head="with body" if held else "now",
            measures=sys.maxsize if held else 0,
            drop=("content-length",) if packed else (),
            add=(
                ("via", "1.1 varnish (Varnish/7.1)"),
                ("x-varnish", "2"),
                *(PACKED if packed else ()),
            ),
            leave=Leave.NEVER if keeps else Leave.AT_WRITE,
            late=0 if keeps else 1,
            half_close=False,
            idle=float(self.between_bytes_timeout),
            fin_loses=held,
            rst_loses=held,
            at_break=Refusal(503, LOST, "text/html") if held else "truncate",
            store="growing" if keeps else "no",
        )


varnish = Varnish
