"""Serve one play to one client: send, count, and stop when the client leaves.

Rule 1: a token counts as generated when `Play` hands it out, as delivered when the block made
    after it was sent and the client was not known to have left; an error's body delivers none.
Rule 2: when the client leaves, the playing stops at once, unless the stage is deaf.
Rule 3: the meter knows of an ending before the client can.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from starlette.responses import Response

from .._reset import reset_when_closed
from ..errors import UsageError
from ..faults import Abort, Break
from .head import Act, Head
from .meter import Tally
from .play import Play, Short

TURNS = 4
"""Turns of the event loop, before a block is sent, in which the server can notice that the client
has left: it looks at its sockets, sees the FIN, closes, and tells the app. Where the script has
slept, the loop has turned meanwhile."""


class Performance(Response):
    """One play of the script to one client, as `act` tells it."""

    def __init__(self, play: Play, tally: Tally, act: Act, deaf: bool = False) -> None:
        super().__init__()
        self.play, self.tally, self.act, self.deaf = play, tally, act, deaf

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one ASGI request."""
        tally = self.tally
        leaving = asyncio.create_task(_wait_gone(receive), name="labsupport provider: client")
        work = self._play(leaving, receive, send)
        playing = asyncio.create_task(work, name="labsupport provider: script")
        try:
            await asyncio.wait({playing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not playing.done() and not self.deaf:
                playing.cancel()
            await asyncio.wait({playing})
            if playing.cancelled():
                tally.end("client left")
            else:
                await playing  # for its exception
        finally:
            for task in (playing, leaving):
                task.cancel()
            await asyncio.wait({playing, leaving})
            tally.end("stopped")

    async def _play(self, leaving: asyncio.Task[None], receive: Any, send: Any) -> None:
        play, tally, is_answer = self.play, self.tally, True
        try:
            async with aclosing(play), aclosing(self.act(play)) as acts:
                async for part in acts:
                    if isinstance(part, Head):
                        is_answer = part.status < 400
                        await send(part.message())
                        continue
                    for _ in range(0 if play.waited else TURNS):
                        await asyncio.sleep(0)
                    await self._send(part, leaving if is_answer else None, send)
                    # To be cancelled takes a few turns more, and another token would be made.
                    if leaving.done() and not self.deaf:
                        break
            await self._finish(leaving, send)
        except Short:
            await self._finish(leaving, send)
        except Break as how:
            transport = _transport(receive)
            if isinstance(how, Abort):
                tally.end("client left" if leaving.done() else "reset")
                await _reset(transport)
            else:
                tally.end("client left" if leaving.done() else "hung up")
                if transport:
                    transport.close()  # without a transport: to return now means the same
            if transport:
                await leaving
        except OSError:  # how servers of ASGI 2.4 say it
            tally.end("client left")

    async def _send(self, block: bytes, leaving: asyncio.Task[None] | None, send: Any) -> None:
        """Send a block; count what is generated so far as delivered, and not if it was not sent.

        Whether the client is there is asked again at the end: `send` waits while a client does not
        read, and does nothing once the client has left. Without `leaving` nothing is counted.
        """
        tally, before = self.tally, self.tally.delivered
        if leaving and not leaving.done():
            tally.deliver()
        sent = False
        try:
            await send({"type": "http.response.body", "body": block, "more_body": True})
            sent = not (leaving and leaving.done())
        finally:
            if leaving and not sent:
                tally.deliver(before)

    async def _finish(self, leaving: asyncio.Task[None], send: Any) -> None:
        self.tally.end("client left" if leaving.done() else self.play.ended)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_gone(receive: Any) -> None:
    """Return when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _transport(receive: Any) -> Any:
    """The connection under an ASGI request, if the server is one that lets us have it.

    ASGI has no way to break off or to reset. In uvicorn `receive` is a method of an object that
    has the connection; what breaks if that changes is `HangUp` (logged) and `Reset` (refused).
    """
    return getattr(getattr(receive, "__self__", None), "transport", None)


async def _reset(transport: Any) -> None:
    """Send RST, after what was written has gone out. Raises `UsageError` if it cannot."""
    sock = transport.get_extra_info("socket") if transport else None
    if sock is None:
        raise UsageError(
            expected="a server that lets an app reset its connection, such as uvicorn",
            got="one that does not, or a middleware in between",
            next="Put a labsupport.faults.Reset in a Proxy in front of it.",
        )
    # A reset throws away what is not sent yet; uvicorn keeps the event that tells to itself.
    while transport.get_write_buffer_size() and not transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    reset_when_closed(sock)
    transport.abort()
