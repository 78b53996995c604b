"""End what a uvicorn server has open. uvicorn itself would wait for open streams for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import uvicorn


async def wind_up(server: uvicorn.Server, deadline: float, started: bool) -> int:
    """Cancel the streams, end the app's lifespan, then cancel whatever else runs in this loop.

    Arguments:
        server: the server; its sockets and connections are closed.
        deadline: seconds for all of it.
        started: False if the app's startup did not finish, so that it has nothing to end.

    Returns how many tasks ignored being cancelled.
    """
    loop, this = asyncio.get_running_loop(), asyncio.current_task()
    # Half for the tasks; the other half so that a busy machine can close in time, too.
    until = loop.time() + 0.5 * deadline
    least = 0.1 * deadline
    for listening in getattr(server, "servers", ()):
        with suppress(OSError, ValueError):  # closed under its feet by a late stop()
            listening.close()
    connections = server.server_state.connections
    for connection in list(connections):
        with suppress(Exception):
            connection.shutdown()
    await _cancel(server.server_state.tasks, until, least)
    for connection in list(connections):
        connection.transport.abort()  # what a client does not read would hold us up
    with suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            if started:
                await server.lifespan.shutdown()
            await loop.shutdown_asyncgens()
    others = [task for task in asyncio.all_tasks() if task is not this]
    return await _cancel(others, until, least)


async def _cancel(tasks: Iterable[asyncio.Task[Any]], until: float, least: float) -> int:
    """Cancel `tasks`; say how many still run at `until`, or after `least` seconds."""
    chosen = list(tasks)
    for task in chosen:
        task.cancel()
    if not chosen:
        return 0
    timeout = max(least, until - asyncio.get_running_loop().time())
    return len((await asyncio.wait(chosen, timeout=timeout))[1])
