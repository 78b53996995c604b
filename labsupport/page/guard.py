"""Let in the notebook's own page, and nobody else's.

A server on 127.0.0.1 can be reached by every page that the same browser has open.

Rule 1: what is refused never reaches the app. CORS by itself only hides the answer from a
        stranger's page: the work is done.
Rule 2: the Host must name this machine or the notebook's server. A stranger may point a name of
        his own at 127.0.0.1 (DNS rebinding); to the browser it is his page's own host.
Rule 3: a page says where it comes from in Origin (RFC 6454, 7.3) or, where there is none, as for
        an <img>, in Sec-Fetch-Site (Fetch Metadata). With neither it is no page but a program.

Built by hand in lesson 04.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse

from .origins import LOOPBACK, host_of, origin_of, own_origins

__all__ = ["DOOR", "Guard", "guard"]

DOOR = "/.door"
"""The path at which the guard itself answers, so that a page can learn whether it may come in."""

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d+)?", re.IGNORECASE)
_HERE = ("same-origin", "none")  # none: typed into the address bar


def guard(app: Any, *more: str) -> Guard:
    """Wrap `app` so that of all pages only this notebook's own can use it.

    Arguments:
        app: an ASGI app; routes that are added to it later are guarded as well.
        more: addresses of further pages that you trust, such as `https://hub.example.org`.

    Returns an ASGI app for `serve`. Raises `UsageError` for `*`, `null` and other non-addresses.
    """
    return Guard(app, (*own_origins(), *more))


class Guard:
    """An ASGI app that refuses strangers with 403 and hands all others to another app.

    Arguments:
        app: the other app.
        own: addresses of the pages that may come in. They also get the CORS headers with which a
            browser shows them the answers; nobody gets `*`.

    >>> Guard(None, ["http://127.0.0.1:8888/lab"])
    Guard(lets in http://127.0.0.1:8888)
    """

    def __init__(self, app: Any, own: Iterable[str]) -> None:
        self.own = tuple(dict.fromkeys(map(origin_of, own)))
        self._hosts = {*LOOPBACK, *map(host_of, self.own)}
        self._app = app
        self._inside = CORSMiddleware(
            self._answer, allow_origins=self.own, allow_methods=["*"], allow_headers=["*"]
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif not (why := self.objection(Headers(scope=scope))):
            await self._inside(scope, receive, send)
        elif scope["type"] == "http":
            # No CORS header: the browser does not show this to the stranger's page.
            fields = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
            await PlainTextResponse(why, 403, fields)(scope, receive, send)
        else:
            await receive()  # websocket.connect; closing before accepting is answered with 403
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == DOOR:
            await PlainTextResponse("come in")(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def objection(self, headers: Headers) -> str:
        """Why a request with these headers is refused; empty if it may come in."""
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        host = ", ".join(hosts).lower()
        name = _HOST.fullmatch(host)
        if not name or name[1] not in self._hosts:
            return _refusal("Host", host, f"https://{host}")
        if origins:
            origin = ", ".join(origins)
            # Of the same host and port, if not scheme: the app's own pages, directly or through a
            # proxy that ends TLS.
            if origin in self.own or origin.partition("://")[2].lower() == host:
                return ""
            return _refusal("Origin", origin, origin)
        site = headers.get("sec-fetch-site", "none")
        return "" if site in _HERE else _refusal("Sec-Fetch-Site", site)

    def __repr__(self) -> str:
        return f"Guard(lets in {', '.join(self.own) or 'no page, only programs'})"


def _refusal(header: str, got: str, address: str = "ADDRESS") -> str:
    """It does not say which page would be let in: a stranger may be reading."""
    return (
        f"expected a request from this notebook's own page, got {header}: {got or 'nothing'}. "
        f"Next: if that page is yours, let it in with page.guard(app, {address!r})."
    )
