"""Find the Jupyter server that this Python belongs to.

Rule 1: nothing is guessed. A kernel belongs to the server that lists the kernel's id.
Rule 2: a token goes into the Authorization header, and nowhere else.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..errors import PathError, UsageError
from ..recorder import record

ASK, SEARCH = 2.0, 4.0
"""Seconds for one question to a server, and for all of them."""


@dataclass(frozen=True)
class Owner:
    """The server that this Python belongs to.

    Arguments:
        url: its address with its base URL, and a slash at the end.
        token: lets us in; empty if the server gives none away.
        kernel: the name of the kernel spec that this kernel was started from; empty elsewhere.
        trouble: why the server cannot be asked; empty if it can.
    """

    url: str
    token: str = field(repr=False)
    kernel: str = ""
    trouble: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What a request to this server needs."""
        return {"authorization": f"token {self.token}"} if self.token else {}


def owner() -> Owner | None:
    """The server that started this kernel, or this terminal; None if there is none.

    How a kernel knows its server: its connection file is called `kernel-ID.json` and lies in the
    server's runtime folder (jupyter_server gives it there), beside the `jpserver-PID.json` in
    which each running server leaves address and token. Several may run there, so each is asked
    for ID; one answers 200. The parent's process id would not do: a launcher (uv, conda run, a
    Windows venv) stands between, and on Windows JPY_PARENT_PID is a handle. It says whom to ask
    first. `jupyter_server.list_running_servers` would do the reading, but deletes the files of
    dead servers, and a doctor changes nothing.
    """
    kernel, folder = _kernel()
    until = time.monotonic() + SEARCH
    trouble = None
    for server, near in _servers(folder):
        if not (near or kernel) or time.monotonic() > until:
            continue
        base = _address(server)
        found = Owner(base, _token(server))
        if server.get("sock"):
            status, said = None, "it listens on a Unix socket"
        else:
            path = f"api/kernels/{quote(kernel, safe='')}" if kernel else "api/status"
            status, said = ask(found, path)
        if status == 200:
            name = str(said.get("name", "")) if kernel and isinstance(said, dict) else ""
            return Owner(base, found.token, name)
        if near and status != 404:  # ours by all signs, but it lets us ask nothing
            why = f"it answers {status}" if status else str(said)
            trouble = trouble or Owner(base, "", trouble=why)
    return trouble


def ask(server: Owner, path: str) -> tuple[int | None, Any]:
    """Ask a server's API: status and JSON, or None and why there is no answer."""
    try:
        headers = {"accept": "application/json", **server.headers}
        capture = record(server.url + path, headers=headers, deadline=ASK, max_bytes=1 << 20)
    except (PathError, UsageError) as error:
        return None, f"expected {error.expected}, got {error.got}"
    if capture.status is None:
        return None, f"no answer: {capture.ending}"
    try:
        return capture.status, json.loads(capture.body)
    except ValueError:
        return capture.status, None


def _kernel() -> tuple[str, Path | None]:
    """This kernel's id and the folder of its connection file; nothing outside a kernel."""
    if "ipykernel.kernelapp" not in sys.modules:  # a kernel has it, a terminal need not load it
        return "", None
    from ipykernel.connect import get_connection_file

    try:
        path = Path(get_connection_file())
    except (RuntimeError, OSError):
        return "", None
    match = re.fullmatch(r"kernel-(.+)\.json", path.name)
    return (match[1], path.parent) if match else ("", None)


def _servers(folder: Path | None) -> Iterator[tuple[dict[str, Any], bool]]:
    """What running servers say of themselves, and whether all signs point to them; those first."""
    from jupyter_core.paths import jupyter_runtime_dir

    files = {
        path.resolve(): None
        for place in (folder, Path(jupyter_runtime_dir()))
        if place
        for path in sorted(place.glob("jpserver-*.json"))
    }
    found = []
    for path in files:
        try:
            server = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # gone, not ours, or being written
            continue
        if isinstance(server, dict) and "port" in server:
            found.append((server, _near(server)))
    yield from sorted(found, key=lambda one: not one[1])


def _near(server: dict[str, Any]) -> bool:
    """Whether the environment names this server: as hub, as terminal's server, as parent."""
    return (
        server.get("base_url") == os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "")
        or server.get("url") == os.environ.get("JUPYTER_SERVER_URL", "")
        or str(server.get("pid")) in (os.environ.get("JPY_PARENT_PID"), str(os.getppid()))
    )


def _address(server: dict[str, Any]) -> str:
    """Where to reach it from here; its own `url` has the host's name in place of 0.0.0.0."""
    host = str(server.get("hostname") or "localhost")
    if host in ("*", "0.0.0.0", "::"):
        host = "127.0.0.1"
    host = f"[{host}]" if ":" in host else host
    base = str(server.get("base_url", "")).strip("/")
    scheme = "https" if server.get("secure") else "http"
    return f"{scheme}://{host}:{server['port']}/" + (f"{base}/" if base else "")


def _token(server: dict[str, Any]) -> str:
    """A hub's server has no token of its own: the hub's opens it (scope access:servers!server)."""
    if server.get("base_url") == os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        return os.environ.get("JUPYTERHUB_API_TOKEN", "")
    return str(server.get("token") or "")
