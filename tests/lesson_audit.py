"""Runs inside a lesson's kernel: what the lesson left behind after everything it made is gone."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import psutil

_before: Counter[str] = Counter()


def held() -> Counter[str]:
    """Threads, sockets that listen or are connected, and unfinished tasks, each by its name."""
    found = Counter(f"thread {thread.name}" for thread in threading.enumerate())
    for one in psutil.Process().net_connections(kind="inet"):
        if one.status in (psutil.CONN_LISTEN, psutil.CONN_ESTABLISHED, psutil.CONN_CLOSE_WAIT):
            found[f"socket {one.status} {one.laddr} {one.raddr}"] += 1
    # Of this loop, and of any other that is still there. A task's number differs, its code does
    # not: the kernel has a task for each message, and this code runs in one of them. (`isinstance`
    # would ask the SDKs' lazy proxies for their class, and they would import half a package.)
    tasks = [thing for thing in gc.get_objects() if issubclass(type(thing), asyncio.Task)]
    for task in {*tasks, *asyncio.all_tasks()}:
        if not task.done():
            found[f"task {getattr(task.get_coro(), '__qualname__', task.get_coro())}"] += 1
    return found


async def begin() -> None:
    """Await it before the first cell: a cell that awaits runs in a task of its own, as `left`'s."""
    gc.collect()
    _before.clear()
    _before.update(held())


async def left(shell: Any, within: float = 10.0) -> list[str]:
    """Forget what the cells made, then say what is still there after at most `within` seconds."""
    shell.reset(new_session=False)  # user variables, In, Out and _
    # A traceback keeps the frames of its cell, and so what was in them.
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
    shell.InteractiveTB.tb = shell.InteractiveTB.etype = shell.InteractiveTB.evalue = None
    # asyncio keeps idle threads for `to_thread`, which libraries use. One with work does not end.
    with suppress(TimeoutError):
        loop = asyncio.get_running_loop()
        await asyncio.wait_for(asyncio.shield(loop.shutdown_default_executor()), 1.0)
    until = time.monotonic() + within
    while True:
        gc.collect()
        more = held() - _before
        if not more or time.monotonic() > until:
            return sorted(more)
        await asyncio.sleep(0.05)
