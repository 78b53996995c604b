"""The programs that come from Debian: Apache, Varnish, Squid. No service of theirs is used."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path
from typing import Any

from labsupport import presets

from .base import Real, span

MODULES = Path("/usr/lib/apache2/modules")
NEEDED = ["mpm_event", "authz_core", "proxy", "proxy_http", "headers", "env"]


def as_root() -> bool:
    return os.geteuid() == 0


class Apache(Real[presets.Preset]):
    """Apache 2.4 with the event MPM."""

    name = "apache"
    debian = ("apache2", "apache2")
    deadlines = {"stop_deadline": 1.0}  # with a stream open it would take longer than 5 s

    def text(self, folder: Path, port: int) -> str:
        p: Any = self.preset
        modules = [*NEEDED, *(["filter", "deflate"] if p.deflate else [])]
        flush = "" if p.flushpackets == "off" else f" flushpackets={p.flushpackets}"
        lines = [
            f"ServerRoot {folder}",
            f"DefaultRuntimeDir {folder}",
            "PidFile apache.pid",
            *(f"LoadModule {one}_module {MODULES}/mod_{one}.so" for one in modules),
            "ServerName localhost",
            f"Listen 127.0.0.1:{port}",
            "ErrorLog error.log",
            *(["User www-data", "Group www-data"] if as_root() else []),
            "ServerLimit 1",
            "StartServers 1",
            "ThreadsPerChild 64",
            "MaxRequestWorkers 64",
            f"ProxyTimeout {whole(p.proxy_timeout)}",
            f"ProxyPass / http://{self.host}:{self.upstream_port}/{flush}",
            *(["SetOutputFilter DEFLATE"] if p.deflate else []),
        ]
        return "\n".join(lines) + "\n"

    def command(self, binary: Path, folder: Path, port: int) -> list[str]:
        return [str(binary), "-D", "FOREGROUND", "-f", str(folder / "config")]


class Varnish(Real[presets.Preset]):
    """Varnish 7.1. It compiles its configuration, which takes a second or two."""

    name = "varnish"
    debian = ("varnish", "varnishd")

    def text(self, folder: Path, port: int) -> str:
        p: Any = self.preset
        asks = {"cache": "", "pass": "return (pass);", "pipe": "return (pipe);"}[p.mode]
        answers = "set beresp.do_stream = false; " if not p.do_stream else ""
        answers += "set beresp.do_gzip = true; " if p.do_gzip else ""
        return (
            "vcl 4.1;\n"
            f'backend default {{\n  .host = "{self.host}"; .port = "{self.upstream_port}";\n'
            f"  .first_byte_timeout = {p.first_byte_timeout:.3f}s;\n"
            f"  .between_bytes_timeout = {p.between_bytes_timeout:.3f}s;\n}}\n"
            f"sub vcl_recv {{ {asks} }}\n"
            f"sub vcl_backend_response {{ {answers}}}\n"
        )

    def command(self, binary: Path, folder: Path, port: int) -> list[str]:
        run = [str(binary), "-F", "-n", str(folder / "work"), "-f", str(folder / "config")]
        return [*run, "-a", f"127.0.0.1:{port}", "-T", "none", "-s", "malloc,16m"]


class Squid(Real[presets.Preset]):
    """Squid 5.7 as an accelerator before one server."""

    name = "squid"
    debian = ("squid", "squid")
    deadlines = {"stop_deadline": 0.5}  # it always takes 2 s, and has nothing to put away

    def text(self, folder: Path, port: int) -> str:
        p: Any = self.preset
        peer = f"{self.host} parent {self.upstream_port} 0 no-query no-digest originserver name=u"
        lines = [
            f"http_port 127.0.0.1:{port} accel defaultsite=127.0.0.1 no-vhost",
            f"cache_peer {peer}",
            "acl everybody src all",
            "http_access allow everybody",
            f"pid_filename {folder}/squid.pid",
            f"cache_log {folder}/cache.log",
            "access_log none",
            "cache_store_log none",
            f"coredump_dir {folder}",
            "pinger_enable off",
            "visible_hostname localhost",
            *(["cache_effective_user proxy"] if as_root() else []),
            "shutdown_lifetime 0 seconds",
            *([] if p.cache else ["cache deny all"]),
            f"quick_abort_min {p.quick_abort_min // 1024} KB",
            f"read_timeout {math.ceil(p.read_timeout)} seconds",
        ]
        return "\n".join(lines) + "\n"

    def command(self, binary: Path, folder: Path, port: int) -> list[str]:
        if as_root():  # it writes its pid and its log as the other user
            shutil.chown(folder, "proxy")
        return [str(binary), "-N", "-f", str(folder / "config"), "-n", f"labsupport{port}"]


def whole(seconds: float) -> str:
    """Apache counts seconds, or milliseconds when told so."""
    return f"{seconds:g}" if seconds == int(seconds) else span(seconds)
