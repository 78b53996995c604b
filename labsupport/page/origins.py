"""Where the page that shows this notebook comes from.

A page's origin is scheme, host and port (HTML 7.1.1); browsers send it in the Origin header,
without a port that the scheme has anyway.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from ..errors import UsageError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_IMPLIED = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """The origin of a page at `url`, as a browser writes it.

    Raises `UsageError` for what is no page's address, such as `*` and `null`.

    >>> origin_of("https://Hub.example.org:443/user/ann/lab")
    'https://hub.example.org'
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not parts.scheme:
        raise UsageError(
            expected="the address of a page, such as https://hub.example.org",
            got=repr(url),
            next="Name each page that may come in; there is no way to let in all.",
        )
    name = f"[{host}]" if ":" in host else host
    shown = "" if port in (None, _IMPLIED.get(parts.scheme)) else f":{port}"
    return f"{parts.scheme}://{name}{shown}"


def host_of(origin: str) -> str:
    """The host in an origin, without its port; an IPv6 address keeps its brackets.

    >>> host_of("http://[::1]:8888"), host_of("https://hub.example.org")
    ('[::1]', 'hub.example.org')
    """
    host = urlsplit(origin).hostname or ""
    return f"[{host}]" if ":" in host else host


def own_origins() -> tuple[str, ...]:
    """The origins from which this notebook's page may come; empty outside a Jupyter kernel.

    The Jupyter server that started this kernel tells its address. A loopback address has three
    names, and people use two of them. A hub may tell its public address in the environment. What
    stands before a server (a tunnel, a hub that says nothing) cannot be known: name it to `guard`.
    """
    from ..doctor.owner import owner

    env = os.environ.get
    server = owner()
    found = []
    if server:
        inside = origin_of(server.url)
        host = host_of(inside)
        names = LOOPBACK if host in LOOPBACK else (host,)
        found = [inside.replace(f"//{host}", f"//{name}", 1) for name in names]
        # JupyterHub 5 and newer say the whole address, older ones the host of each user.
        if public := env("JUPYTERHUB_PUBLIC_URL") or env("JUPYTERHUB_HOST"):
            found.append(origin_of(public))
    return tuple(dict.fromkeys(found))
