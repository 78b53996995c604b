"""The recorded configurations, as settings of our presets."""

from __future__ import annotations

from typing import Any

from labsupport import presets
from labsupport.presets import Preset

SSE = "text/event-stream"

NGINX: dict[str, dict[str, Any]] = {
    "default": {},
    "bufoff": {"proxy_buffering": "off"},
    "bufoff-http1.1": {"proxy_buffering": "off", "proxy_http_version": "1.1"},
    "cache": {"proxy_cache": "z", "proxy_buffering": "off"},
    "cache-bufon": {"proxy_cache": "z"},
    "drip-bufoff": {"proxy_buffering": "off", "proxy_http_version": "1.1"},
    "drip-http1.1": {"proxy_http_version": "1.1"},
    "gzip": {"gzip": "on", "gzip_types": SSE},
    "gzip-bufoff": {"gzip": "on", "gzip_types": SSE, "proxy_buffering": "off"},
    "gzip-http1.0": {"gzip": "on", "gzip_types": SSE, "proxy_http_version": "1.0"},
    "gzip-http1.1": {"gzip": "on", "gzip_types": SSE, "proxy_http_version": "1.1"},
    "gzip-notype": {"gzip": "on", "proxy_buffering": "off"},
    "http1.0": {"proxy_http_version": "1.0"},
    "http1.1": {"proxy_http_version": "1.1"},
    "httptools": {},
    "ignore-abort": {"proxy_ignore_client_abort": "on"},
    "ignore-abort-bufoff": {"proxy_ignore_client_abort": "on", "proxy_buffering": "off"},
    "ignore-abort-http1.0": {"proxy_ignore_client_abort": "on", "proxy_http_version": "1.0"},
    "ignore-xab": {"proxy_ignore_headers": "X-Accel-Buffering"},
    "raw-bufoff": {"proxy_buffering": "off"},
    "raw-bufoff-http1.1": {"proxy_buffering": "off", "proxy_http_version": "1.1"},
    "raw-http1.0": {"proxy_http_version": "1.0"},
    "raw-http1.1": {"proxy_http_version": "1.1"},
    "rt2-bufoff": {"proxy_buffering": "off"},
    "rt2-bufoff-http1.1": {"proxy_buffering": "off", "proxy_http_version": "1.1"},
    "rt2-http1.0": {"proxy_http_version": "1.0"},
    "rt2-http1.1": {"proxy_http_version": "1.1"},
}
for _size in ("1k", "4k", "8k", "16k"):
    for _version in ("1.0", "1.1"):
        NGINX[f"buf{_size}-http{_version}"] = {
            "proxy_buffer_size": _size,
            "proxy_buffers": f"8 {_size}",
            "proxy_http_version": _version,
        }
for _first, _other in (("4k", "16k"), ("16k", "4k")):
    for _version in ("1.0", "1.1"):
        NGINX[f"buf{_first}-x{_other}-http{_version}"] = {
            "proxy_buffer_size": _first,
            "proxy_buffers": f"8 {_other}",
            "proxy_http_version": _version,
        }

OTHERS: dict[str, dict[str, dict[str, Any]]] = {
    "haproxy": {
        "default": {},
        "abortonclose": {"abortonclose": "on"},
        "buffer-request": {"http_buffer_request": "on"},
        "client2": {"timeout_client": "2s"},
        "drip-no-delay": {"http_no_delay": "on"},
        "gzip": {"compression": "gzip", "compression_type": SSE},
        "gzip-no-delay": {
            "compression": "gzip",
            "compression_type": SSE,
            "http_no_delay": "on",
        },
        "no-delay": {"http_no_delay": "on"},
        "raw": {},
        "rt2": {"timeout_server": "2s"},
    },
    "caddy": {
        "default": {},
        "drip": {},
        "raw": {},
        "flush-1": {"flush_interval": -1},
        "gzip": {"encode": "gzip"},
        "gzip-flush-1": {"encode": "gzip", "flush_interval": -1},
        "gzip-match": {"encode": "gzip"},
        "respbuf": {"response_buffers": 4096},
        "respbuf-unl": {"response_buffers": "unlimited"},
        "respbuf-unl-raw": {"response_buffers": "unlimited"},
        "rht2": {"response_header_timeout": "2s"},
        "rt2": {"read_timeout": "2s"},
        "stream_timeout2": {"stream_timeout": "2s"},
    },
    "traefik": {
        "default": {},
        "drip": {},
        "raw": {},
        "buffering": {"buffering": True},
        "buffering-raw": {"buffering": True},
        "flush-1": {"flush_interval": "-1ms"},
        "gzip": {"compress": True},
        "gzip-incl": {"compress": True},
        "gzip-only": {"compress": True},
        "rht2": {"response_header_timeout": "2s"},
        "write2": {"write_timeout": "2s"},
    },
    "envoy": {
        "default": {},
        "buffer-filter": {"timeout": "0s", "buffer": True},
        "drip": {"timeout": "0s"},
        "fsbuffer": {"timeout": "0s", "file_system_buffer": True},
        "fsbuffer-raw": {"timeout": "0s", "file_system_buffer": True},
        "gzip": {"timeout": "0s", "gzip": True, "gzip_types": SSE},
        "gzip-defaulttypes": {"timeout": "0s", "gzip": True},
        "idle2": {"timeout": "0s", "idle_timeout": "2s"},
        "raw": {"timeout": "0s"},
        "route-timeout2": {"timeout": "2s"},
        "stream-idle2": {"timeout": "0s", "stream_idle_timeout": "2s"},
        "timeout0": {"timeout": "0s"},
    },
    "apache": {
        "default": {},
        "drip": {},
        "raw": {},
        "iobuf8k": {},
        "flush-auto": {"flushpackets": "auto"},
        "flush-on": {"flushpackets": "on"},
        "gzip": {"deflate": True},
        "gzip-bytype": {"deflate": True},
        "gzip-flush-on": {"deflate": True, "flushpackets": "on"},
        "rt2": {"proxy_timeout": "2s"},
        "rt2-flush-on": {"proxy_timeout": "2s", "flushpackets": "on"},
    },
    "varnish": {
        "default": {},
        "drip": {},
        "raw": {},
        "do_stream-true": {"do_stream": True},
        "do_stream-false": {"do_stream": False},
        "do_stream-false-raw": {"do_stream": False},
        "gzip": {"do_gzip": True},
        "gzip-pass": {"do_gzip": True, "mode": "pass"},
        "pass": {"mode": "pass"},
        "raw-pass": {"mode": "pass"},
        "pipe": {"mode": "pipe"},
        "bbt2": {"first_byte_timeout": "2s", "between_bytes_timeout": "2s"},
        "bbt2-pass": {
            "mode": "pass",
            "first_byte_timeout": "2s",
            "between_bytes_timeout": "2s",
        },
    },
    "squid": {
        "default": {},
        "drip": {},
        "raw": {},
        "nocache": {"cache": False},
        "quick-abort-off": {"quick_abort_min": "-1 KB"},
        "rt2": {"read_timeout": "2s"},
    },
}


def preset(config: str) -> Preset | None:
    """The preset for a recorded configuration, such as `nginx1.22/bufoff`; None for `direct`."""
    program, _, name = config.partition("/")
    if program == "direct":
        return None
    for version in ("1.22", "1.31", "2.6", "2.8"):
        if program.endswith(version):
            given = {"version": version}
            program = program.removesuffix(version)
            break
    else:
        given = {}
    table = NGINX if program == "nginx" else OTHERS[program]
    if program == "nginx" and name.startswith("rt2"):
        given["proxy_read_timeout"] = "2s"
    made: Preset = getattr(presets, program)(**given, **table[name])
    return made


def upstream(config: str) -> str:
    """Which upstream stood behind a recorded configuration."""
    name = config.partition("/")[2]
    if "raw" in name:
        return "raw"
    return "httptools" if "httptools" in name else "h11"
