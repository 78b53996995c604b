"""The configurations of `tests/probe_matrix`, each with who holds and what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

BOTH = ("/few", "/many")


@dataclass(frozen=True)
class Config:
    """One program with its settings.

    Arguments:
        preset: the preset's name, which is the program's.
        settings: as the preset takes them.
        culprit: the culprit that `probe` should name; empty where nothing is held.
        streams: which streams go through it.
        spares: those of them that it does not hold.
        again: ask twice, because a cache shows only then.
    """

    preset: str
    settings: dict[str, Any] = field(default_factory=dict)
    culprit: str = ""
    streams: tuple[str, ...] = BOTH
    spares: tuple[str, ...] = ()
    again: bool = False

    @property
    def name(self) -> str:
        """Such as `nginx gzip=True`."""
        return " ".join([self.preset, *(f"{k}={v}" for k, v in self.settings.items())])

    def culprit_of(self, stream: str) -> str:
        """Who is to be named for this stream."""
        return "" if stream in self.spares else self.culprit


HTTP_1_0 = {"version": "1.31", "proxy_http_version": "1.0"}
SSE = {"gzip": True, "gzip_types": "text/event-stream"}
NGINX, GZIP, CORK = "nginx-buffering", "nginx-gzip", "haproxy-cork"

CONFIGS = (
    Config("nginx", {"version": "1.22"}, NGINX),
    Config("nginx", HTTP_1_0, NGINX),
    Config("nginx", {**HTTP_1_0, "proxy_buffer_size": "1k", "proxy_buffers": "8 1k"}, NGINX),
    Config("nginx", {**HTTP_1_0, "proxy_buffer_size": "8k", "proxy_buffers": "8 8k"}, NGINX),
    Config("nginx", {**HTTP_1_0, "proxy_buffers": "8 16k"}, NGINX),
    Config("nginx", {**HTTP_1_0, "proxy_buffer_size": "16k", "proxy_buffers": "8 16k"}, NGINX),
    Config("nginx", {"version": "1.31", **SSE}, GZIP),
    Config("nginx", {**HTTP_1_0, **SSE}, GZIP),
    Config("haproxy", {"version": "2.8"}, CORK),
    Config("haproxy", {"version": "2.6"}, CORK),
    Config("haproxy", {"version": "2.8", "compression": True}, CORK),
    Config("caddy", {"response_buffers": 4096}, "caddy-response-buffers"),
    Config("caddy", {"response_buffers": "unlimited"}, "caddy-response-buffers"),
    Config("traefik", {"buffering": True}, "traefik-buffering"),
    Config("envoy", {"file_system_buffer": True}, "envoy-buffer"),
    Config("varnish", {"do_stream": False}, "varnish-no-streaming"),
    Config("varnish", {"do_gzip": True}, "varnish-gzip"),
    Config("varnish", {"mode": "cache"}, "cache", again=True),
    Config("nginx", {"version": "1.31", "proxy_cache": True}, "cache", again=True),
    # Cut, by a timer.
    Config("nginx", {"version": "1.31", "proxy_read_timeout": "2s"}, "idle-timeout", ("/silent",)),
    Config(
        "haproxy", {"http_no_delay": True, "timeout_server": "2s"}, "idle-timeout", ("/silent",)
    ),
    Config("apache", {"proxy_timeout": "2s"}, "idle-timeout", ("/silent",)),
    Config("caddy", {"read_timeout": "2s"}, "idle-timeout", ("/silent",)),
    Config("envoy", {"timeout": "2s"}, "envoy-route-timeout", ("/steady",)),
    Config("traefik", {"write_timeout": "2s"}, "absolute-timeout", ("/steady",)),
    # Nothing is held.
    Config("nginx", {"version": "1.31"}),
    Config("nginx", {"version": "1.22", "proxy_buffering": False}),
    Config("nginx", {"version": "1.22", "proxy_http_version": "1.1"}),
    Config("nginx", {"version": "1.31", "proxy_buffering": False, **SSE}),
    Config("haproxy", {"version": "2.8", "http_no_delay": True}),
    Config("caddy"),
    Config("caddy", {"encode": "gzip"}),
    Config("traefik"),
    Config("traefik", {"compress": True}),
    Config("envoy", {"timeout": None}),
    Config("envoy", {"timeout": None, "gzip": True, "gzip_types": "text/event-stream"}),
    Config("apache"),
    Config("apache", {"deflate": True}),
    Config("varnish", {"mode": "pass"}),
    Config("varnish", {"mode": "pipe"}),
    Config("squid"),
)
