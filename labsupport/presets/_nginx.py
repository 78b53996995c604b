"""nginx, as measured: 1.22.1 (Debian) and 1.31.3 (the pip wheel)."""

from __future__ import annotations

from dataclasses import dataclass

from .pieces import PACKED, Bursts, Gzip, cacheable, packs
from .plan import Answer, Asked, Leave, Opening, Plan, Preset, Refusal
from .settings import one_of, seconds, size, sizes, switch

GZIP_BUFFER = 4096
FULL = {"1.22": "1.22.1", "1.31": "1.31.3"}


@dataclass(frozen=True, kw_only=True, repr=False)
class Nginx(Preset):
    """nginx's `proxy_pass`, with its directives as settings.

    Arguments:
        version: `1.22` or `1.31`; it decides what `proxy_http_version` is by default.
        proxy_buffering: hold a body that is not chunked in buffers of exact sizes, and a chunk of
            a chunked one until it is whole. An answer's `X-Accel-Buffering` overrides it.
        proxy_buffer_size, proxy_buffers: the first buffer, which also takes the upstream's head,
            and number and size of the others.
        proxy_http_version: `1.0` or `1.1`; None is the version's own (1.0 for 1.22, 1.1 for 1.31).
        gzip, gzip_types: compress answers of these types (beside text/html). With buffering on
            nothing is flushed; `no-transform` is ignored.
        proxy_read_timeout: between two reads from the upstream: 504 before a head; after it the
            answer is truncated, and what was held is lost.
        proxy_ignore_client_abort: do not watch the client.
        proxy_cache: keep answers; then the upstream is read to its end, whoever leaves.
        proxy_ignore_headers: `X-Accel-Buffering` to ignore that header of the answer.

    Raises `UsageError` for a setting that nginx would not take. Source: measured; the defaults
    are those of nginx.org's ngx_http_proxy_module.
    """

    version: str = "1.31"
    proxy_buffering: bool | str = True
    proxy_buffer_size: int | str = 4096
    proxy_buffers: tuple[int, int] | str = (8, 4096)
    proxy_http_version: str | None = None
    gzip: bool | str = False
    gzip_types: str | tuple[str, ...] = "text/html"
    proxy_read_timeout: float | str = 60
    proxy_ignore_client_abort: bool | str = False
    proxy_cache: bool | str = False
    proxy_ignore_headers: str = ""

    def __post_init__(self) -> None:
        version = ".".join(str(self.version).split(".")[:2])
        self._set("version", one_of("nginx", "version", version, tuple(FULL)))
        for name in ("proxy_buffering", "gzip", "proxy_ignore_client_abort"):
            self._set(name, switch("nginx", name, getattr(self, name)))
        cache = self.proxy_cache
        named = isinstance(cache, str) and cache not in ("on", "off")  # proxy_cache takes a zone
        self._set("proxy_cache", True if named else switch("nginx", "proxy_cache", cache))
        self._set("proxy_buffer_size", size("nginx", "proxy_buffer_size", self.proxy_buffer_size))
        self._set("proxy_buffers", sizes("nginx", "proxy_buffers", self.proxy_buffers))
        timeout = seconds("nginx", "proxy_read_timeout", self.proxy_read_timeout)
        self._set("proxy_read_timeout", timeout)
        if self.proxy_http_version is not None:
            said = str(self.proxy_http_version)
            self._set("proxy_http_version", one_of("nginx", "proxy_http_version", said, HTTP))

    def opening(self, asked: Asked) -> Opening:
        """How the upstream is asked, and what holds until its head is here."""
        leave = Leave.AT_ONCE
        if self.proxy_ignore_client_abort:
            leave = Leave.AT_WRITE
        elif self.proxy_cache and asked.method == "GET":
            leave = Leave.NEVER
        return Opening(
            version=self.proxy_http_version or ("1.0" if self.version == "1.22" else "1.1"),
            leave=leave,
            half_close=not self.proxy_ignore_client_abort,
            head_timeout=float(self.proxy_read_timeout),
            at_head_timeout=self._page(504, "Gateway Time-out"),
            cached="whole" if self.proxy_cache else "no",
        )

    def plan(self, asked: Asked, answer: Answer) -> Plan:
        """Whether to hold, in which sizes, and when to tell the upstream of a client's leaving."""
        first, (number, each) = int(self.proxy_buffer_size), self._buffers
        if answer.head_bytes > first:  # "upstream sent too big header"
            return Plan(refuse=self._page(502, "Bad Gateway"))
        buffering = self._buffering(answer)
        chunked = answer.framing == "chunked"
        pieces: list[Bursts | Gzip] = []
        if buffering and not chunked:
            # The head lies in the first buffer; at least a byte of the body has to fit, too.
            pieces.append(Bursts(max(1, first - answer.head_bytes), (each, first)))
        packed = self._packs(asked, answer)
        if packed:
            pieces.append(Gzip(flush=not buffering, block=GZIP_BUFFER * buffering, level=1))
        store = bool(self.proxy_cache and buffering and cacheable(asked, answer))
        leave = Leave.AT_ONCE
        if self.proxy_ignore_client_abort:
            leave = Leave.AT_WRITE
        elif store:
            leave = Leave.NEVER
        elif self.proxy_cache and not buffering:
            leave = Leave.AT_NEXT_CHUNK
        return Plan(
            pieces=tuple(pieces),
            unit=first + number * each if buffering and chunked else None,
            head="with body" if buffering else "now",
            drop=("x-accel-buffering", "server", *(("content-length",) if packed else ())),
            add=(("server", f"nginx/{FULL[self.version]}"), *(PACKED if packed else ())),
            leave=leave,
            half_close=not self.proxy_ignore_client_abort,
            idle=float(self.proxy_read_timeout),
            store="whole" if store else "no",
        )

    @property
    def _buffers(self) -> tuple[int, int]:
        assert isinstance(self.proxy_buffers, tuple)
        return self.proxy_buffers

    def _buffering(self, answer: Answer) -> bool:
        said = answer.headers.get("x-accel-buffering", "").strip().lower()
        if said in ("yes", "no") and "x-accel-buffering" not in self.proxy_ignore_headers.lower():
            return said == "yes"
        return bool(self.proxy_buffering)

    def _packs(self, asked: Asked, answer: Answer) -> bool:
        types = self.gzip_types.split() if isinstance(self.gzip_types, str) else self.gzip_types
        if not self.gzip or asked.version == "1.0" or "via" in asked.headers:  # gzip_proxied off
            return False
        return packs(asked, answer, ("text/html", *types), heeds=False)

    def _page(self, status: int, words: str) -> Refusal:
        """The page that nginx shows."""
        title = f"{status} {words}"
        return Refusal(
            status,
            f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
            f"<center><h1>{title}</h1></center>\r\n<hr><center>nginx/{FULL[self.version]}"
            "</center>\r\n</body>\r\n</html>\r\n",
            "text/html",
        )


HTTP = ("1.1", "1.0")
nginx = Nginx
