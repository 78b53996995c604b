"""Hold written bytes back for a moment, as a corked TCP socket does (`MSG_MORE`, `TCP_CORK`).

Measured with HAProxy: bytes leave about 204 ms after the first of them was written, or when a
segment's worth has piled up, or when the message ends, or when the client's FIN arrives.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

MOST_WRITES = 18
"""Writes that one held segment takes while other connections write in between: the kernel has 17
places for pieces that do not lie side by side in memory."""

SEGMENT = 65_483
"""Bytes of a full segment over loopback, where the system does not say."""


class Cork:
    """Between what is written and a transport.

    Arguments:
        writer: where the bytes go in the end.
        seconds: how long the first held byte waits at most.
        turns: `[cork]`, the last that wrote, shared by the connections of one proxy.
    """

    def __init__(self, writer: asyncio.StreamWriter, seconds: float, turns: list[Any]) -> None:
        self._writer, self._seconds, self._turns = writer, seconds, turns
        self._held, self._writes = bytearray(), 0
        self._timer: asyncio.TimerHandle | None = None
        self._segment = _segment(writer.get_extra_info("socket"))

    def write(self, data: bytes) -> None:
        """Hold `data`, or let it go with all that is held."""
        self._held += data
        if self._turns[0] is not self:
            self._writes += 1
            self._turns[0] = self
        if len(self._held) >= self._segment or self._writes >= MOST_WRITES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self.flush)

    def flush(self) -> None:
        """Let go what is held."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._held and not self._writer.is_closing():
            self._writer.write(bytes(self._held))
        self._held.clear()
        self._writes = 0


def _segment(sock: Any) -> int:
    """The most payload of one TCP segment on this connection."""
    try:
        return int(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)) or SEGMENT
    except (OSError, AttributeError):  # Windows does not say
        return SEGMENT
