"""Find what a test, or a lesson, leaves behind: threads, sockets, tasks."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import psutil


def held() -> Counter[str]:
    """What this process holds now, as a count for each thing's name."""
    found = Counter(f"thread {thread.name}" for thread in threading.enumerate())
    for one in psutil.Process().net_connections(kind="inet"):
        found[f"socket {one.status} {one.laddr}"] += 1
    # The loops of other threads have no list of their own; nest-asyncio brings the second class.
    kinds = {asyncio.Task, getattr(asyncio.tasks, "_PyTask", asyncio.Task)}
    for thing in [one for one in gc.get_objects() if type(one) in kinds]:
        if not thing.done() and not thing.get_loop().is_closed():
            found[f"task {thing.get_name()} of {thing.get_coro()!r}"] += 1
    return found


@contextmanager
def no_leaks(within: float = 10.0) -> Iterator[None]:
    """Fail if the block leaves something; things may take `within` seconds to go away."""
    before = held()
    yield
    until = time.monotonic() + within
    while left := held() - before:
        if time.monotonic() > until:
            raise AssertionError(f"left behind: {sorted(left)}")
        gc.collect()
        time.sleep(0.02)
