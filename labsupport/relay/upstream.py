"""The connection to the upstream, made for one request."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import h11

from ..clock import Clock
from ..errors import ConnectError, LabError, ProtocolError
from ..faults import Abort, Break, Hangup
from ..presets.plan import Plan
from ..wire import Chunk
from .fields import Target
from .peer import Peer

CONNECT_DEADLINE = 10.0
"""Seconds for a connection to be made, TLS included."""


class Upstream(Peer):
    """We are the client here.

    `broke` is None until the body breaks off, then `fin`, `reset`, `timeout` or `left`: closed,
    reset, silent for too long, or closed by ourselves because the client left.
    """

    broke: str | None = None

    @classmethod
    async def connect(cls, target: Target) -> Upstream:
        """Connect. Raises `ConnectError`."""
        try:
            async with asyncio.timeout(CONNECT_DEADLINE):
                reader, writer = await asyncio.open_connection(
                    target.address,
                    target.port,
                    ssl=ssl.create_default_context() if target.tls else None,
                )
        except (OSError, TimeoutError, UnicodeError) as error:
            why = str(error) or type(error).__name__
            if isinstance(error, ConnectionRefusedError):
                why = "a refused connection: nobody listens there"
            raise ConnectError(
                expected=f"an upstream that answers at {target.host.decode()}",
                got=why,
                next="Start it, or give Proxy the URL where it is; no request was sent.",
            ) from error
        return cls(h11.CLIENT, reader, writer)

    async def offer(self, event: h11.Event, version: str = "1.1") -> None:
        """Send a part of the request; an upstream that stopped listening may have answered."""
        with suppress(ConnectionError, h11.LocalProtocolError):
            data = self.http.send(event) or b""
            if version == "1.0":  # h11 writes 1.1 only; the line is the first of the head
                data = data.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1)
            await self.write(data)

    async def head(self) -> tuple[h11.Response, int]:
        """The response's head, interim ones left out, and its size in bytes.

        Raises `ProtocolError`, `ConnectError`.
        """
        expected = "an HTTP/1.1 response from the upstream"
        interim = 0
        try:
            while isinstance(event := await self.event(), h11.InformationalResponse):
                interim = self.received - len(self.http.trailing_data[0])
        except h11.RemoteProtocolError as error:
            if not self.received:
                raise self._no_answer(expected, "a closed connection") from error
            raise ProtocolError(
                expected=expected,
                got=f"something else ({error})",
                next="Record the upstream itself and look at the first bytes.",
            ) from error
        except OSError as error:
            raise self._no_answer(expected, error.strerror or type(error).__name__) from error
        assert isinstance(event, h11.Response), event  # what else h11 can give, it raises
        return event, self.received - len(self.http.trailing_data[0]) - interim

    def _no_answer(self, expected: str, got: str) -> LabError:
        return ConnectError(
            expected=expected,
            got=f"{got} before any",
            next="Look at the upstream's log; it took the connection and gave no answer.",
        )

    def leave(self) -> None:
        """Close at once; `chunks` then breaks off with `broke == "left"`."""
        self.broke = "left"
        self.reader.set_exception(ConnectionAbortedError("the client left"))
        self.abort()

    async def chunks(self, clock: Clock, plan: Plan, until: float | None) -> AsyncIterator[Chunk]:
        """The body, a `Chunk` for each chunk of it that one read held; see `Plan.unit`.

        Arguments:
            clock: stamps the chunks.
            plan: its unit, its idle time, and what is lost at a break.
            until: time of the running loop at which all is over; None for never.

        Ends where the message ends. Raises `Hangup` if it breaks off before that, `Abort` if held
        bytes are lost with it.
        """
        held = bytearray()
        try:
            while not isinstance(event := await self._within(plan.idle, until), h11.EndOfMessage):
                held += event.data
                if plan.unit is None or event.chunk_end or len(held) >= plan.unit:
                    yield Chunk(clock.now(), bytes(held))
                    held.clear()
            if held:
                yield Chunk(clock.now(), bytes(held))
        except (h11.RemoteProtocolError, OSError, TimeoutError) as error:
            over = self._break(error, plan)
            if held and isinstance(over, Hangup):
                yield Chunk(clock.now(), bytes(held))
            raise over from error

    async def _within(self, idle: float | None, until: float | None) -> Any:
        if idle is None and until is None:
            return await self.event()
        now = asyncio.get_running_loop().time()
        when = min(at for at in (until, None if idle is None else now + idle) if at is not None)
        async with asyncio.timeout_at(when):
            return await self.event()

    def _break(self, error: Exception, plan: Plan) -> Break:
        """What the faults get to know of an upstream that broke off."""
        if isinstance(error, TimeoutError) and not error.errno:  # an OSError has a number
            self.broke = "timeout"
            return Abort("nothing came from the upstream for too long")
        if isinstance(error, OSError) and self.broke is None:
            self.broke = "reset"
            lost, how = plan.rst_loses, f"the upstream's connection broke: {error}"
        else:
            self.broke = self.broke or "fin"
            lost, how = plan.fin_loses, f"the upstream's body broke off: {error}"
        return Abort(how) if lost else Hangup(how)
