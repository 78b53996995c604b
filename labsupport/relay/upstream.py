"""The connection to the upstream, made for one request."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress

import h11

from ..clock import Clock
from ..errors import ConnectError, LabError, ProtocolError
from ..faults import Abort, Hangup
from ..wire import Chunk
from .fields import Target
from .peer import Peer

CONNECT_DEADLINE = 10.0
"""Seconds for a connection to be made, TLS included."""


class Upstream(Peer):
    """We are the client here. `was_reset` is True once the upstream has sent RST."""

    was_reset = False

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

    async def offer(self, event: h11.Event) -> None:
        """Send a part of the request; an upstream that stopped listening may have answered."""
        with suppress(ConnectionError, h11.LocalProtocolError):
            await self.send(event)

    async def head(self) -> h11.Response:
        """The response's head, interim ones left out. Raises `ProtocolError`, `ConnectError`."""
        expected = "an HTTP/1.1 response from the upstream"
        try:
            event = await self.event()
            while isinstance(event, h11.InformationalResponse):
                event = await self.event()
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
        return event

    def _no_answer(self, expected: str, got: str) -> LabError:
        return ConnectError(
            expected=expected,
            got=f"{got} before any",
            next="Look at the upstream's log; it took the connection and gave no answer.",
        )

    async def chunks(self, clock: Clock) -> AsyncIterator[Chunk]:
        """The body, a `Chunk` for each chunk of it that one read held.

        Ends where the message ends. Raises `Hangup` if it breaks off before that, `Abort` if the
        connection is reset.
        """
        try:
            while True:
                event = await self.event()
                if isinstance(event, h11.EndOfMessage):
                    return
                yield Chunk(clock.now(), bytes(event.data))
        except h11.RemoteProtocolError as error:
            raise Hangup(f"the upstream's body broke off: {error}") from error
        except OSError as error:
            self.was_reset = True
            raise Abort(f"the upstream's connection broke: {error}") from error
