"""One client, one request, one answer with faults in its way.

Rule 1: a chunk that comes out of the faults is written at once, as one chunk of HTTP.
Rule 2: the client is watched all the time; when it leaves (FIN, half-close or RST) the upstream's
        connection is closed at once, also while nothing comes or a fault holds bytes.
Rule 3: the connection serves one request; `Connection: close` says so.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import h11

from ..clock import RealClock
from ..errors import LabError, ProtocolError, UsageError
from ..faults import Abort, Fault, Hangup, through
from ..wire import plural
from .fields import Target, end_to_end
from .peer import Peer
from .upstream import Upstream

CLOSE = (b"connection", b"close")
UPLOAD_GRACE = 1.0
"""Seconds that a client has to take its answer, if that came before its request was whole."""


class Exchange:
    """Everything about one client's connection, from accept to close.

    Arguments:
        client: the connection; we are the server on it.
        target: where the request goes.
        faults: what happens to the answer's body, the upstream's side first.
        say: called with a line about how it went.
    """

    def __init__(
        self, client: Peer, target: Target, faults: Sequence[Fault], say: Callable[[str], None]
    ) -> None:
        self.client, self.target, self.faults, self.say = client, target, faults, say
        self.asked = "(no request)"
        self.status, self.chunks, self.bytes = 0, 0, 0

    async def run(self) -> None:
        """Serve the request. Whoever accepted the client aborts what is left of it."""
        try:
            await self._serve()
            self.client.close()
            with suppress(OSError):
                await self.client.writer.wait_closed()
        except ConnectionError:
            self.say(f"{self.asked}: the client left")
        except Exception:
            self.say(f"{self.asked}: the proxy failed\n{traceback.format_exc()}")

    def _tell(self, how: str) -> None:
        """Say how it ended: before the client can know, so that the log is not behind."""
        size = f"{self.bytes} bytes in {plural(self.chunks, 'chunk')}"
        self.say(f"{self.asked} {self.status}: {size}, {how}")

    async def _serve(self) -> None:
        try:
            request = await self.client.event()
        except h11.RemoteProtocolError as error:
            return await self._refuse(
                error.error_status_hint,
                ProtocolError(
                    expected="an HTTP/1.1 request", got=str(error), next="Look at what was sent."
                ),
            )
        if not isinstance(request, h11.Request):
            return  # the client left without a word
        self.asked = f"{request.method.decode()} {request.target.decode()}"
        if request.method == b"CONNECT":
            return await self._refuse(
                501,
                UsageError(
                    expected="a request for this proxy's upstream",
                    got="CONNECT, which asks for a tunnel to anywhere",
                    next="Use its URL as a server's, not as the proxy setting of a client.",
                ),
            )
        try:
            upstream = await Upstream.connect(self.target)
        except LabError as error:
            return await self._refuse(502, error)
        try:
            await self._between(request, upstream)
        finally:
            upstream.abort()

    async def _between(self, request: h11.Request, upstream: Upstream) -> None:
        """Hand the request on and the answer back, both at once, until one side is through."""
        fields = end_to_end(request.headers, b"host", b"expect")
        if any(name == b"transfer-encoding" for name, _ in request.headers):
            fields = end_to_end(fields, b"content-length")  # RFC 9112, 6.3: chunked overrides it
            fields.append((b"transfer-encoding", b"chunked"))
        fields = [(b"host", self.target.host), *fields, (b"via", b"1.1 labsupport"), CLOSE]
        path = self.target.path(request.target)
        await upstream.offer(h11.Request(method=request.method, target=path, headers=fields))
        hearing = asyncio.create_task(self._hear(upstream), name="labsupport relay: client")
        answering = asyncio.create_task(self._answer(request, upstream))
        try:
            await asyncio.wait({hearing, answering}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                self._tell("the client left")
                return
            if self.client.http.their_state is h11.SEND_BODY:
                # Closing on bytes that nobody read would reset the connection, answer and all.
                self.client.writer.write_eof()
                await asyncio.wait({hearing}, timeout=UPLOAD_GRACE)
            await answering
        finally:
            for task in (hearing, answering):
                task.cancel()
            await asyncio.wait({hearing, answering})
            for task in (hearing, answering):
                if not task.cancelled():
                    task.exception()  # seen

    async def _hear(self, upstream: Upstream) -> None:
        """Hand the request's body on, then wait for the client to leave."""
        client = self.client
        with suppress(OSError, h11.RemoteProtocolError):
            if client.http.they_are_waiting_for_100_continue:
                await client.send(h11.InformationalResponse(status_code=100, headers=[]))
            while not isinstance(event := await client.event(), h11.EndOfMessage):
                if not isinstance(event, h11.Data):
                    return
                await upstream.offer(h11.Data(data=bytes(event.data)))
            await upstream.offer(h11.EndOfMessage())
            await client.wait_gone()

    async def _answer(self, request: h11.Request, upstream: Upstream) -> None:
        try:
            head = await upstream.head()
        except LabError as error:
            return await self._refuse(502, error)
        self.status = head.status_code
        # A length is a promise; a fault that may break it takes it away.
        kept = all(getattr(fault, "conserves", False) for fault in self.faults)
        fields = end_to_end(head.headers, *(() if kept else (b"content-length",)))
        bare = request.method == b"HEAD" or head.status_code in (204, 304)
        if bare:
            fields = end_to_end(head.headers)
        await self.client.send(
            h11.Response(status_code=head.status_code, reason=head.reason, headers=[*fields, CLOSE])
        )
        try:
            if not bare:
                await self._body(upstream)
            self._tell("clean")
            await self.client.send(h11.EndOfMessage())
        except Abort as abort:
            # Measured: no proxy passes a reset on as a reset.
            self._tell(f"{'truncated' if upstream.was_reset else 'reset'}: {abort}")
            if not upstream.was_reset:
                await self.client.reset()
        except Hangup as hangup:
            self._tell(f"truncated: {hangup}")
        except ConnectionError:
            self._tell("the client left")
        except Exception:
            self._tell(f"truncated: a fault failed\n{traceback.format_exc()}")

    async def _body(self, upstream: Upstream) -> None:
        clock = RealClock()
        async with through(self.faults, upstream.chunks(clock), clock) as chunks:
            async for chunk in chunks:
                if chunk.data:
                    await self.client.send(h11.Data(data=chunk.data))
                    self.chunks += 1
                    self.bytes += len(chunk.data)

    async def _refuse(self, status: int, error: LabError) -> None:
        """Answer with an error of our own."""
        text = f"{error}\n".encode()
        fields: list[Any] = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(text)),
            CLOSE,
        ]
        self.status = status
        self._tell(str(error))
        with suppress(h11.LocalProtocolError):  # a client so confused that it gets no answer
            await self.client.send(h11.Response(status_code=status, headers=fields))
            if not self.asked.startswith("HEAD "):
                await self.client.send(h11.Data(data=text))
            await self.client.send(h11.EndOfMessage())
