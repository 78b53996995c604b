"""HTTP/1.1 on one connection: h11 says what the bytes mean, asyncio moves them.

Rule 1: one event sent is one write, at once: asyncio sets TCP_NODELAY on every TCP socket.
Rule 2: `send` waits while the other side does not read, so what is held here is bounded.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import h11

from .._reset import reset_when_closed
from .cork import Cork

READ = 65536
"""Bytes taken by one read at most."""

HEAD = 65536
"""Bytes that a head or a chunk's size line may have (h11 answers 431 to more)."""


class Peer:
    """One end of a connection, and what was said on it.

    Arguments:
        role: `h11.CLIENT` or `h11.SERVER`: what we are here.
        reader, writer: asyncio's streams.

    `received` counts the bytes that came; `cork` may stand between `write` and the socket.
    """

    def __init__(
        self, role: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.http = h11.Connection(role, max_incomplete_event_size=HEAD)
        self.reader, self.writer = reader, writer
        self.cork: Cork | None = None
        self.received = 0

    async def event(self) -> Any:
        """The next h11 event. Raises `h11.RemoteProtocolError`, `OSError`."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            data = await self.reader.read(READ)
            self.received += len(data)
            self.http.receive_data(data)
        return event

    async def send(self, event: Any) -> None:
        """Write one event. Raises `ConnectionError` if the connection is gone."""
        await self.write(self.http.send(event) or b"")

    async def write(self, data: bytes) -> None:
        """Write bytes, through the cork if there is one. Raises `ConnectionError`."""
        if data:
            (self.cork or self.writer).write(data)
            await self.writer.drain()

    def broken(self) -> bool:
        """True if a write would fail: a reset has arrived."""
        if self.writer.is_closing():
            return True
        sock = self.writer.get_extra_info("socket")
        return bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

    async def wait_gone(self) -> None:
        """Return when the other side has closed, half-closed or reset the connection."""
        while await self.reader.read(READ):
            pass

    def close(self) -> None:
        """Send what is left to send, then FIN."""
        if self.cork:
            self.cork.flush()
        self.writer.close()

    async def reset(self) -> None:
        """Send what is left to send, then RST."""
        if self.cork:
            self.cork.flush()
        self.writer.transport.set_write_buffer_limits(0)
        await self.writer.drain()  # a reset throws away what the other side has not got yet
        reset_when_closed(self.writer.get_extra_info("socket"))
        self.abort()

    def abort(self) -> None:
        """Close now, whatever is left to send."""
        self.writer.transport.abort()
