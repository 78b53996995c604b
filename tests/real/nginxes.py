"""Both nginx: 1.31 from PyPI and 1.22 from Debian."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from labsupport.errors import StartError
from labsupport.presets import Preset
from labsupport.realnginx import RealNginx

from .base import span

OLD = "1.22"


class OldNginx(RealNginx):
    """Debian 12's nginx."""

    @classmethod
    def binary(cls) -> Path | None:
        path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
        found = shutil.which("nginx", path=path)
        return Path(found) if found and f"nginx/{OLD}." in cls._says(found) else None

    @staticmethod
    def _says(program: str) -> str:
        done = subprocess.run([program, "-v"], capture_output=True, text=True, timeout=20)
        return done.stderr

    @property
    def version(self) -> str:
        found = self.binary()
        said = re.search(r"nginx/(\S+)", self._says(str(found))) if found else None
        return said[1] if said else ""

    def _missing(self) -> StartError:
        return StartError(
            expected=f"nginx {OLD}",
            got="a machine without it",
            next="apt-get install nginx-light, on Debian 12.",
        )


def nginx(upstream_url: str, preset: Any, **deadlines: float) -> RealNginx:
    """The nginx of that version, with those settings that are not its defaults."""
    kind = OldNginx if preset.version == OLD else RealNginx
    plain, lines, http = type(preset)(version=preset.version), [], []
    for name in ("proxy_buffering", "proxy_ignore_client_abort"):
        if getattr(preset, name) != getattr(plain, name):
            lines.append(f"{name} {'on' if getattr(preset, name) else 'off'}")
    if preset.proxy_buffer_size != plain.proxy_buffer_size:
        lines.append(f"proxy_buffer_size {preset.proxy_buffer_size}")
    if preset.proxy_buffers != plain.proxy_buffers:
        number, each = preset.proxy_buffers
        lines.append(f"proxy_buffers {number} {each}")
    if preset.proxy_http_version is not None:
        lines.append(f"proxy_http_version {preset.proxy_http_version}")
        if preset.proxy_http_version == "1.1" and preset.version == OLD:
            lines.append('proxy_set_header Connection ""')  # it says `close` by default
    if preset.proxy_read_timeout != plain.proxy_read_timeout:
        lines.append(f"proxy_read_timeout {span(preset.proxy_read_timeout)}")
    if preset.proxy_ignore_headers:
        lines.append(f"proxy_ignore_headers {preset.proxy_ignore_headers}")
    if preset.proxy_cache:
        http.append("proxy_cache_path cache keys_zone=z:1m")
        lines += ["proxy_cache z", "proxy_cache_valid 200 10m"]
    if preset.gzip:
        types = preset.gzip_types
        types = types if isinstance(types, str) else " ".join(types)
        named = "" if types == plain.gzip_types else f"; gzip_types {types}"
        http.append(f"gzip on{named}")
    return kind(upstream_url, *lines, http=http, **deadlines)


def available(preset: Preset) -> bool:
    return (OldNginx if getattr(preset, "version", "") == OLD else RealNginx).available()
