"""An event loop in a thread of its own, which accepts clients and ends in time.

Rule: it knows nothing of the `Proxy` that owns it, so a forgotten `Proxy` can be collected.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import h11

from .._listener import listen
from ..errors import StartError, StopError
from .peer import Peer

LOG_LINES = 200

_abandoned: list[Any] = []
"""Tasks that ignored being cancelled; to collect one would resume it in whatever thread."""


class RelayThread:
    """Accept connections on a free port of 127.0.0.1 and serve each with `serve(peer)`.

    Arguments:
        serve: a coroutine function; it gets the client's connection and closes it.
        stop_deadline: seconds that `stop` may take.
    """

    def __init__(self, serve: Callable[[Peer], Awaitable[None]], stop_deadline: float) -> None:
        self.lines: deque[str] = deque(maxlen=LOG_LINES)
        self.stop_deadline = stop_deadline
        self._serve, self._stuck = serve, 0
        self._tasks: set[asyncio.Task[None]] = set()
        try:
            self._listener = listen()
            self._listener.setblocking(False)
            try:
                self._loop = asyncio.new_event_loop()
            except OSError:
                self._listener.close()
                raise
        except OSError as error:
            raise StartError(
                expected="a free port and file descriptors for a proxy",
                got=f"{type(error).__name__}: {error}",
                next="Stop servers and connections that are no longer needed.",
            ) from error
        self._loop.set_exception_handler(self._note)
        self.port: int = self._listener.getsockname()[1]
        self._wake = asyncio.Event()
        # The listener is open, so a client that comes before the loop runs waits in its queue.
        self.thread = threading.Thread(
            target=self._run, name=f"labsupport proxy :{self.port}", daemon=True
        )
        self.thread.start()

    def request_stop(self) -> None:
        """Ask the thread to end, and return at once; safe from any thread."""
        with suppress(RuntimeError):  # the loop is closed: it ended already
            self._loop.call_soon_threadsafe(self._wake.set)

    def leave(self) -> None:
        """For an owner that is gone. Waits for the thread only while the interpreter exits."""
        self.request_stop()
        # The main thread counts as dead from the moment exit handlers run.
        if not threading.main_thread().is_alive():
            self.thread.join(self.stop_deadline)

    def stop(self) -> None:
        """Close every connection, the port, the loop and the thread. Raises `StopError`."""
        self.request_stop()
        if threading.current_thread() is self.thread:
            return
        self.thread.join(self.stop_deadline)
        alive, stuck = self.thread.is_alive(), self._stuck
        if alive or stuck:
            self._stuck = 0
            self._listener.close()
            raise StopError(
                expected=f"the proxy to end within {self.stop_deadline:g} s",
                got="a thread that is still busy" if alive else f"{stuck} tasks that go on",
                next="Look at your own fault: wait with `await clock.sleep(...)`, and let "
                "asyncio.CancelledError pass.",
            )

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What asyncio would print on stderr."""
        error = context.get("exception")
        self.lines.append(f"{context['message']}{f': {error!r}' if error else ''}")

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._listener.close()
            _abandoned.extend(asyncio.all_tasks(self._loop))
            self._loop.close()

    async def _main(self) -> None:
        listening = asyncio.create_task(self._listen(), name="labsupport proxy: listener")
        try:
            await self._wake.wait()
        finally:
            self._listener.close()
            await self._turns()  # for a connection that is on its way from accept to `_listen`
            for task in {listening, *self._tasks}:
                task.cancel()
            # All tasks: a fault of somebody's may have started some, too. Half the time for
            # this, so that a busy machine can close, too.
            others = asyncio.all_tasks() - {asyncio.current_task()}
            if others:
                await asyncio.wait(others, timeout=self.stop_deadline / 2)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.stop_deadline / 4):
                    await self._loop.shutdown_asyncgens()
            await self._turns()  # an aborted connection closes its socket a turn later
            self._stuck = sum(not task.done() for task in others)

    async def _turns(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)

    async def _listen(self) -> None:
        """Accept, by hand: `asyncio.Server` (in Python 3.11 at least) does not close a connection
        that comes at the moment in which it is being closed.
        """
        while True:
            try:
                connection, _ = await self._loop.sock_accept(self._listener)
            except OSError as error:
                if self._wake.is_set():
                    return
                # No file descriptor left, or a client that was gone before its turn came.
                self.lines.append(f"a connection was not accepted: {error}")
                await asyncio.sleep(0.05)
                continue
            task = self._loop.create_task(self._one(connection), name="labsupport relay")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            # Here and not in the task: one that is cancelled before it began runs no `finally`.
            task.add_done_callback(partial(_close, connection))

    async def _one(self, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            await self._serve(Peer(h11.SERVER, reader, writer))
        finally:
            writer.transport.abort()


def _close(connection: socket.socket, _: object) -> None:
    connection.close()
