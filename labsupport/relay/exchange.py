"""One client, one request, one answer with faults in its way: the request's side of it.

Rule 1: the client is watched all the time; when the upstream gets to know that it left is up to
        the preset (`Leave`), and without one it is at once: its connection is closed.
Rule 2: the connection serves one request; `Connection: close` says so.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import h11

from ..errors import LabError, ProtocolError, UsageError
from ..presets.plan import Leave, Refusal
from ..wire import plural
from .answering import Answering
from .asking import Asking
from .peer import Peer
from .route import Route

CLOSE = (b"connection", b"close")
UPLOAD_GRACE = 1.0
"""Seconds that a client has to take its answer, if that came before its request was whole."""

MOST_GATHERED = 16 * 1024 * 1024
"""Bytes of a request without a length that are gathered for an upstream that needs one."""


class Exchange:
    """Everything about one client's connection, from accept to close.

    Arguments:
        client: the connection; we are the server on it.
        route: where the request goes, and what stands in the answer's way.
        say: called with a line about how it went.
    """

    def __init__(self, client: Peer, route: Route, say: Callable[[str], None]) -> None:
        self.client, self.route, self.say = client, route, say
        self.asked = "(no request)"
        self.status, self.chunks, self.bytes = 0, 0, 0
        self.began = asyncio.get_running_loop().time()

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

    def tell(self, how: str) -> None:
        """Say how it ended: before the client can know, so that the log is not behind."""
        size = f"{self.bytes} bytes in {plural(self.chunks, 'chunk')}"
        self.say(f"{self.asked} {self.status}: {size}, {how}")

    async def _serve(self) -> None:
        try:
            request = await self.client.event()
        except h11.RemoteProtocolError as error:
            problem = ProtocolError(
                expected="an HTTP/1.1 request", got=str(error), next="Look at what was sent."
            )
            return await self.fail(error.error_status_hint, problem)
        if not isinstance(request, h11.Request):
            return  # the client left without a word
        self.began = asyncio.get_running_loop().time()
        self.asked = f"{request.method.decode()} {request.target.decode()}"
        if request.method == b"CONNECT":
            refused = UsageError(
                expected="a request for this proxy's upstream",
                got="CONNECT, which asks for a tunnel to anywhere",
                next="Use its URL as a server's, not as the proxy setting of a client.",
            )
            return await self.fail(501, refused)
        asking = Asking(request, self.route)
        if asking.opening.refuse:
            return await self.refuse(asking.opening.refuse)
        if await self._from_cache(asking):
            return
        try:
            await asking.connect()
        except LabError as error:
            return await self.fail(502, error)
        try:
            await self._between(Answering(self, asking))
        finally:
            asking.upstream.abort()

    async def _from_cache(self, asking: Asking) -> bool:
        """Answer from the cache if the preset allows it and the answer is there."""
        if asking.opening.cached == "no":
            return False
        stored = self.route.cache.find(asking.key, asking.opening.cached == "growing")
        if stored is None:
            return False
        head = stored.head
        self.status = head.status_code
        fields = [*head.headers, (b"age", b"0"), (b"x-cache", b"HIT"), CLOSE]
        code, reason = head.status_code, head.reason
        await self.client.send(h11.Response(status_code=code, reason=reason, headers=fields))
        async for data in stored.follow():
            self.chunks, self.bytes = self.chunks + 1, self.bytes + len(data)
            await self.client.send(h11.Data(data=data))
        self.tell("from the cache" if stored.whole else "truncated: the fetch broke off")
        if stored.whole:
            await self.client.send(h11.EndOfMessage())
        return True

    async def _between(self, answering: Answering) -> None:
        """Hand the request on and the answer back, both at once, until one side is through."""
        asking = answering.asking
        gather = asking.opening.version == "1.0" and asking.chunked
        body = await self._gather() if gather else None
        await asking.start(body)
        hearing = asyncio.create_task(self._hear(asking, body), name="labsupport relay: client")
        task = asyncio.create_task(answering.run())
        try:
            await asyncio.wait({hearing, task}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and not await self._left(answering, hearing.result(), task):
                return
            if self.client.http.their_state is h11.SEND_BODY:
                # Closing on bytes that nobody read would reset the connection, answer and all.
                self.client.writer.write_eof()
                await asyncio.wait({hearing}, timeout=UPLOAD_GRACE)
            await task
        finally:
            for one in (hearing, task):
                one.cancel()
            await asyncio.wait({hearing, task})
            for one in (hearing, task):
                if not one.cancelled():
                    one.exception()  # seen

    async def _gather(self) -> bytes:
        """All of a request's body. HTTP/1.0 knows no chunks."""
        body = bytearray()
        while not isinstance(event := await self.client.event(), h11.EndOfMessage):
            if not isinstance(event, h11.Data) or len(body) > MOST_GATHERED:
                raise ConnectionAbortedError("no body that could be gathered")
            body += event.data
        return bytes(body)

    async def _hear(self, asking: Asking, body: bytes | None) -> str:
        """Hand the request's body on, then wait for the client to leave; say how it did."""
        client = self.client
        try:
            if body is not None:
                await asking.offer(h11.Data(data=body))
            elif client.http.they_are_waiting_for_100_continue:
                await client.send(h11.InformationalResponse(status_code=100, headers=[]))
            while body is None and not isinstance(event := await client.event(), h11.EndOfMessage):
                if not isinstance(event, h11.Data):
                    return "closed"
                await asking.offer(h11.Data(data=bytes(event.data)))
            await asking.offer(h11.EndOfMessage())
            await client.wait_gone()
            return "closed"
        except (OSError, h11.RemoteProtocolError):
            return "broken"

    async def _left(self, answering: Answering, how: str, task: asyncio.Task[None]) -> bool:
        """The client has left. True if the answer goes on, for whomever."""
        leave, manners = answering.client_left(how)
        if how == "closed" and self.client.cork:
            self.client.cork.flush()  # measured: a FIN lets go what is corked
        if how == "closed" and not manners.half_close:
            return True  # it has closed its sending side and may still read
        if leave is Leave.AT_ONCE:
            if answering.plan.at_leave == "drop" or answering.asking.upstream.broke:
                self.tell("the client left")
                return False
            answering.asking.upstream.leave()
        if leave is Leave.NEVER:
            answering.mute = True
            self.client.close()
        return True

    async def fail(self, status: int, error: LabError) -> None:
        """Answer with an error of our own."""
        await self.refuse(Refusal(status, f"{error}\n"), str(error))

    async def refuse(self, refusal: Refusal, why: str = "") -> None:
        """Answer in the upstream's place."""
        text = refusal.text.encode()
        fields: list[Any] = [
            (b"content-type", f"{refusal.kind}; charset=utf-8".encode()),
            (b"content-length", b"%d" % len(text)),
            CLOSE,
        ]
        self.status = refusal.status
        self.tell(why or "the proxy's own answer")
        with suppress(h11.LocalProtocolError):  # a client so confused that it gets no answer
            await self.client.send(h11.Response(status_code=refusal.status, headers=fields))
            if not self.asked.startswith("HEAD "):
                await self.client.send(h11.Data(data=text))
            await self.client.send(h11.EndOfMessage())
