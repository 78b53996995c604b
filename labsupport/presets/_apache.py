"""Apache httpd's mod_proxy_http, as measured: 2.4.71 with mpm_event (Debian)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers

from .pieces import PACKED, Gzip, packs
from .plan import Answer, Asked, Leave, Opening, Plan, Preset, Refusal
from .settings import one_of, seconds, switch

LATE = "<html><head><title>502 Proxy Error</title></head><body><h1>Proxy Error</h1>"
LATE += (
    "<p>The proxy server received an invalid response from an upstream server.</p></body></html>\n"
)


@dataclass(frozen=True, kw_only=True, repr=False)
class Apache(Preset):
    """Apache's `ProxyPass`. It streams: it flushes when the upstream would make it wait.

    Arguments:
        flushpackets: `off`, `on` or `auto`; no difference was measured with an event stream.
        deflate: `SetOutputFilter DEFLATE`: gzip, flushed per event, also with `no-transform`, and
            once more over `Content-Encoding: identity`.
        proxy_timeout: `ProxyTimeout`: seconds without a byte: 502 before a head, truncated after.

    It does not watch the client: a write has to fail, and a half-close is not noticed at all.
    Raises `UsageError` for a setting that cannot be. Source: measured.
    """

    flushpackets: str = "off"
    deflate: bool | str = False
    proxy_timeout: float | str = 60

    def __post_init__(self) -> None:
        one_of("apache", "flushpackets", self.flushpackets, ("off", "on", "auto"))
        self._set("deflate", switch("apache", "deflate", self.deflate))
        self._set("proxy_timeout", seconds("apache", "proxy_timeout", self.proxy_timeout))

    def opening(self, asked: Asked) -> Opening:
        """How long to wait for a head."""
        return Opening(
            leave=Leave.AT_WRITE,
            half_close=False,
            head_timeout=float(self.proxy_timeout),
            at_head_timeout=Refusal(502, LATE, "text/html"),
        )

    def plan(self, asked: Asked, answer: Answer) -> Plan:
        """Flush at once."""
        encoded = answer.headers.get("content-encoding", "identity") != "identity"
        bare = Answer(answer.status, _without_coding(answer), answer.framing, answer.head_bytes)
        packed = bool(self.deflate) and not encoded and packs(asked, bare, ("*",), heeds=False)
        return Plan(
            pieces=(Gzip(),) if packed else (),
            drop=("content-length", "content-encoding") if packed else (),
            add=PACKED if packed else (),
            leave=Leave.AT_WRITE,
            half_close=False,
            idle=float(self.proxy_timeout),
            rst_loses=False,
        )


def _without_coding(answer: Answer) -> Headers:
    return Headers(raw=[(k, v) for k, v in answer.headers.raw if k != b"content-encoding"])


apache = Apache
