"""The request's way to the upstream, and the wait for the head of its answer."""

from __future__ import annotations

import asyncio

import h11
from starlette.datastructures import Headers

from ..presets.plan import Asked, Refusal
from .fields import end_to_end
from .route import Route
from .upstream import Upstream

CLOSE = (b"connection", b"close")


class Asking:
    """Made for one request; `connect` comes before all that needs an upstream.

    Attributes: `asked` is what a preset may look at, `opening` what it said, `upstream` the
    connection in use, `key` the request in the cache, and `until` the time of the running loop
    at which all is over, or None.
    """

    upstream: Upstream

    def __init__(self, request: h11.Request, route: Route) -> None:
        self.request, self.route = request, route
        version, headers = request.http_version.decode(), Headers(raw=list(request.headers))
        self.asked = Asked(request.method.decode(), version, headers)
        self.opening = route.preset.opening(self.asked)
        self.key = bytes(request.method) + b" " + bytes(request.target)
        absolute = self.opening.absolute
        now = asyncio.get_running_loop().time()
        self.until = None if absolute is None else now + absolute
        self._onward = request

    @property
    def chunked(self) -> bool:
        """True if the request's body comes in chunks."""
        return any(name == b"transfer-encoding" for name, _ in self.request.headers)

    async def connect(self) -> None:
        """Connect to the upstream. Raises `ConnectError`."""
        self.upstream = await Upstream.connect(self.route.target)

    async def start(self, body: bytes | None) -> None:
        """Send the head of the request; `body` is all of it, if it had to be gathered."""
        fields = end_to_end(self.request.headers, b"host", b"expect")
        if self.chunked:
            fields = end_to_end(fields, b"content-length")  # RFC 9112, 6.3: chunked overrides it
            length = (b"content-length", b"%d" % len(body)) if body is not None else None
            fields.append(length or (b"transfer-encoding", b"chunked"))
        target = self.route.target
        fields = [(b"host", target.host), *fields, (b"via", b"1.1 labsupport"), CLOSE]
        path = target.path(self.request.target)
        self._onward = h11.Request(method=self.request.method, target=path, headers=fields)
        await self.offer(self._onward)

    async def offer(self, event: h11.Event) -> None:
        """Send a part of the request."""
        await self.upstream.offer(event, self.opening.version)

    async def head(self) -> tuple[h11.Response, int]:
        """The upstream's head and its size. Raises `TimeoutError`, `LabError`."""
        opening, loop = self.opening, asyncio.get_running_loop()
        for left in reversed(range(opening.tries if self.route.used[0] else 1)):
            limits = [self.until]
            if opening.head_timeout is not None:
                limits.append(loop.time() + opening.head_timeout)
            until = min((at for at in limits if at is not None), default=None)
            try:
                async with asyncio.timeout_at(until):
                    return await self.upstream.head()
            except TimeoutError:
                self.upstream.abort()
                if not left or self.request.method != b"GET" or until == self.until:
                    raise
            await self.connect()
            await self.offer(self._onward)
            await self.offer(h11.EndOfMessage())
        raise TimeoutError

    def late(self) -> Refusal:
        """What to answer when no head came in time."""
        over = self.until is not None and asyncio.get_running_loop().time() >= self.until
        return self.opening.at_absolute if over else self.opening.at_head_timeout
