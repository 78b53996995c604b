"""Squid as a reverse proxy (`accel`), as measured: 5.7 (Debian)."""

from __future__ import annotations

from dataclasses import dataclass

from .plan import Answer, Asked, Leave, Opening, Plan, Preset, Refusal
from .settings import seconds, size, switch

COARSE = 1.6
"""Seconds by which its timer was late (2 s became 3.5 to 3.9 after a head, 2.5 before one)."""

LATE = "<html><head><title>ERROR: The requested URL could not be retrieved</title></head><body>"
LATE += "<h1>ERROR</h1><p>Read Timeout: no answer in time.</p></body></html>\n"


@dataclass(frozen=True, kw_only=True, repr=False)
class Squid(Preset):
    """Squid before an origin server. It streams.

    Arguments:
        cache: False for `cache deny all`; a stream was fetched anew each time either way.
        quick_abort_min: how little may be left to fetch for a fetch to go on when its client has
            left. `-1 KB`: it always goes on; else a stream, of unknown length, is aborted at once.
        read_timeout: seconds without a byte: 504 before a head, truncated after; by a coarse timer.

    Raises `UsageError` for a setting that cannot be. Source: measured.
    """

    cache: bool | str = True
    quick_abort_min: int | str = 16 * 1024
    read_timeout: float | str = 900

    def __post_init__(self) -> None:
        self._set("cache", switch("squid", "cache", self.cache))
        least = size("squid", "quick_abort_min", self.quick_abort_min, least=-1024)
        self._set("quick_abort_min", least)
        self._set("read_timeout", seconds("squid", "read_timeout", self.read_timeout, bare="s"))

    @property
    def _leave(self) -> Leave:
        return Leave.NEVER if int(self.quick_abort_min) < 0 else Leave.AT_ONCE

    def opening(self, asked: Asked) -> Opening:
        """How long to wait for a head."""
        return Opening(
            leave=self._leave,
            head_timeout=float(self.read_timeout) + 0.5,
            at_head_timeout=Refusal(504, LATE, "text/html"),
        )

    def plan(self, asked: Asked, answer: Answer) -> Plan:
        """Hand on at once."""
        return Plan(
            add=(("via", "1.1 squid (squid/5.7)"), ("x-cache", "MISS from squid")),
            leave=self._leave,
            idle=float(self.read_timeout) + COARSE,
            rst_loses=False,
        )


squid = Squid
