"""The time limits of five clouds, as plain settings with their sources.

Rule 1: documented, not measured; a docstring says where sources disagree or could not be read.
Rule 2: an idle limit counts from the last byte, so a heartbeat (a comment such as `: ping`)
helps. An absolute limit counts from the request: only a client that reconnects helps.
Rule 3: before the head has gone out the client sees `status`; after it, a cut stream.

                   first byte   idle                absolute            status
    alb            60 s         60 s (1 to 4000)    -                   504
    api_gateway    -            -                   29 s, HTTP 30 s     504
      streaming    -            300 s, edge 30 s    900 s               504
    cloud_run      -            -                   300 s (to 3600)     504
    cloudflare     125 s        125 s               -                   524
    heroku         30 s         55 s                -                   503
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from ..faults import Buffer
from .plan import Answer, Asked, Opening, Plan, Preset, Refusal
from .settings import one_of, seconds


@dataclass(frozen=True, kw_only=True, repr=False)
class Limits(Preset):
    """When a cloud ends an answer. Times are in seconds; None is no such limit.

    Arguments:
        name: the function that makes it, such as `alb`.
        idle: the longest silence after the head. A heartbeat helps.
        absolute: the longest answer, counted from the request. A heartbeat does not help.
        first_byte: the longest wait for the head.
        status: what the client gets if one of them ends the answer before its head.
        response_transfer_mode: `BUFFERED` if the answer goes out only when it is whole.
        source: the pages with the numbers; the first one has most of them.
        as_of: the date of what was read there, as a month or a day.
    """

    name: str = "limits"
    idle: float | None = None
    absolute: float | None = None
    first_byte: float | None = None
    status: int = 504
    response_transfer_mode: str | None = None
    source: tuple[str, ...] = ()
    as_of: str = ""

    def opening(self, asked: Asked) -> Opening:
        """The waits for the head and for the end."""
        return Opening(
            head_timeout=self.first_byte,
            at_head_timeout=self._refusal("no head", self.first_byte),
            absolute=self.absolute,
            at_absolute=self._refusal("no end", self.absolute),
        )

    def plan(self, asked: Asked, answer: Answer) -> Plan:
        """The longest silence, and the answer held if it is buffered."""
        if self.response_transfer_mode != "BUFFERED":
            return Plan(idle=self.idle)
        return Plan(
            idle=self.idle,
            pieces=(Buffer(None),),
            head="with body",
            measures=sys.maxsize,
            fin_loses=True,
            at_break=self._refusal("no end", self.absolute),
        )

    def _refusal(self, what: str, limit: float | None) -> Refusal:
        return Refusal(self.status, f"{self.name}: {what} within {limit or 0:g} s\n")

    def __repr__(self) -> str:
        # What is absent is told as well: `absolute=None` is the news about an idle limit.
        told = [f"{name}={getattr(self, name)!r}" for name in ("idle", "absolute", "first_byte")]
        if self.response_transfer_mode:
            told.insert(0, f"response_transfer_mode={self.response_transfer_mode!r}")
        return f"{self.name}({', '.join(told)})"


def _limits(
    name: str, idle: object, absolute: object, first_byte: object, status: int, **said: Any
) -> Limits:
    return Limits(
        name=name,
        idle=seconds(name, "idle", idle, off=True),
        absolute=seconds(name, "absolute", absolute, off=True),
        first_byte=seconds(name, "first_byte", first_byte, off=True),
        status=status,
        **said,
    )


def alb(*, idle: object = 60, absolute: object = None, first_byte: object = "idle") -> Limits:
    """AWS's Application Load Balancer: 60 s without a byte, and no absolute limit.

    Arguments:
        idle: the attribute `idle_timeout.timeout_seconds`, 1 to 4000. Idle, so a heartbeat
            helps: AWS advises at least 1 byte in each period. HTTP/2 PING does not count.
        absolute: none is documented.
        first_byte: the same limit as `idle`, unless you say another.

    Status: 504 when the target is silent for `idle` before its head.
    Documented, not measured. The range was read only in other people's articles, and nothing
    says how the client's connection is closed in mid-stream; here it is a FIN.
    Sources: `.source`, undated copies, read 2026-11. Raises `UsageError` for a bad time.

    >>> alb(idle="4000s")
    alb(idle=4000.0, absolute=None, first_byte=4000.0)
    """
    guide = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
    source = (
        guide + "edit-load-balancer-attributes.html",
        "https://www.repost.aws/knowledge-center/eks-http-504-errors",
    )
    first = idle if first_byte == "idle" else first_byte
    return _limits("alb", idle, absolute, first, 504, source=source, as_of="2026-11")


def api_gateway(
    *,
    api: str = "REST",
    response_transfer_mode: str = "BUFFERED",
    endpoint: str = "REGIONAL",
    idle: object = "documented",
    absolute: object = "documented",
    first_byte: object = None,
) -> Limits:
    """AWS's API Gateway: 29 s in all and nothing before the end, unless streaming is chosen.

    Arguments:
        api: `REST` or `HTTP`.
        response_transfer_mode: `BUFFERED` waits for the whole answer, so an event stream comes
            at once at its end, or not at all. `STREAM` hands it on; REST APIs only.
        endpoint: `REGIONAL`, `PRIVATE` or `EDGE`; it decides the idle limit of `STREAM`.
        idle: STREAM: 300 s, with EDGE 30 s. Idle, so a heartbeat helps. Else none.
        absolute: REST 29 s (`timeoutInMillis`; more by request, not with EDGE), HTTP 30 s (no
            more), STREAM 900 s. Absolute: a heartbeat does not help.
        first_byte: none is documented.

    Status: 504 (here also for an upstream that dies while the answer is held). 900 s is the
    ceiling of STREAM, and what AWS's example sets; whether an integration that sets no timeout
    is cut at 29 s could not be confirmed. That HTTP APIs hold the answer is inferred from
    "only supported for REST APIs". Documented, not measured.
    Sources: `.source`, read 2026-11; streaming is of 2025-11-19. Raises `UsageError` for an
    unknown word, a bad time, and HTTP with STREAM.

    >>> api_gateway()
    api_gateway(response_transfer_mode='BUFFERED', idle=None, absolute=29.0, first_byte=None)
    """
    name = "api_gateway"
    modes = ("BUFFERED", "STREAM") if api != "HTTP" else ("BUFFERED",)
    one_of(name, "api", api, ("REST", "HTTP"))
    one_of(name, "response_transfer_mode", response_transfer_mode, modes)
    one_of(name, "endpoint", endpoint, ("REGIONAL", "PRIVATE", "EDGE"))
    streams = response_transfer_mode == "STREAM"
    if absolute == "documented":
        absolute = 900 if streams else 29 if api == "REST" else 30
    if idle == "documented":
        idle = (30 if endpoint == "EDGE" else 300) if streams else None
    guide = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
    source = (
        guide + "response-transfer-mode.html",
        guide + "response-streaming-http.html",
        guide + "api-gateway-execution-service-limits-table.html",
        guide + "http-api-quotas.html",
    )
    mode = {"response_transfer_mode": response_transfer_mode}
    return _limits(name, idle, absolute, first_byte, 504, source=source, as_of="2026-11", **mode)


def cloud_run(*, absolute: object = 300, idle: object = None, first_byte: object = None) -> Limits:
    """Google's Cloud Run: 300 s for the whole answer, however lively it is.

    Arguments:
        absolute: the request timeout, up to 3600 s. Absolute: a heartbeat does not help. Above
            900 s Google advises that clients be ready to reconnect.
        idle, first_byte: none is documented.

    Status: 504 if no head went out. The container may work on; here the upstream sees its
    connection closed. Documented, not measured. The page names no streams; that they are cut
    too, in spite of heartbeats, users report (the second source: at 302 s, and the end looked
    clean to that client).
    Sources: `.source`, undated, and a report of 2026-06. Raises `UsageError` for a bad time.

    >>> cloud_run(absolute="60m")
    cloud_run(idle=None, absolute=3600.0, first_byte=None)
    """
    source = (
        "https://docs.cloud.google.com/run/docs/configuring/request-timeout",
        "https://github.com/SquadQuest/SquadQuest/pull/466",
    )
    return _limits("cloud_run", idle, absolute, first_byte, 504, source=source, as_of="2026-11")


def cloudflare(
    *, idle: object = 125, absolute: object = None, first_byte: object = "idle"
) -> Limits:
    """Cloudflare's proxy: 125 s between two reads from your server.

    Arguments:
        idle: `proxy_read_timeout`, "maximum time between two read operations from origin".
            Idle, so a heartbeat helps. Only Enterprise plans change it, up to 6000 s.
        absolute: none is documented.
        first_byte: the same limit as `idle`, unless you say another.

    Status: 524 before the head; in mid-stream the stream is cut.
    Sources disagree: the pages said 100 s for years, 120 s from 2025-10, and 125 s since
    2026-07 (the second source is that change); most advice still says 100. A user who saw
    125.4 s also saw the head held until the first byte of the body (the third source); that
    is not modelled. Documented, not measured.
    Sources: `.source`, of 2026-07-22. Raises `UsageError` for a bad time.

    >>> cloudflare()
    cloudflare(idle=125.0, absolute=None, first_byte=125.0)
    """
    source = (
        "https://developers.cloudflare.com/fundamentals/reference/connection-limits/",
        "https://github.com/cloudflare/cloudflare-docs/pull/32243",
        "https://github.com/robhunter/agentdeals/issues/1098",
    )
    first = idle if first_byte == "idle" else first_byte
    return _limits("cloudflare", idle, absolute, first, 524, source=source, as_of="2026-07-22")


def heroku(*, first_byte: object = 30, idle: object = 55, absolute: object = None) -> Limits:
    """Heroku's router: 30 s for the first byte (H12), then 55 s from byte to byte (H15).

    Arguments:
        first_byte: nothing can change it there. Here it is the wait for the head; a heartbeat
            helps only if it makes the server send its head.
        idle: each byte, from the client or from the app, starts the 55 s anew; here the
            app's bytes count. Idle, so a heartbeat helps.
        absolute: none is documented.

    Status: 503 (H12 in the log) before the head; after it the connection ends (H15). The app is
    not told; here the upstream sees its connection closed. Documented, not measured. The 30 s
    are from the page of 2024-05-07; the 55 s from older copies and a quotation of 2026-10.
    Sources: `.source`. Raises `UsageError` for a bad time.

    >>> heroku()
    heroku(idle=55.0, absolute=None, first_byte=30.0)
    """
    guide = "https://devcenter.heroku.com/articles/"
    source = (guide + "request-timeout", guide + "http-routing", guide + "error-codes")
    return _limits("heroku", idle, absolute, first_byte, 503, source=source, as_of="2024-05-07")
