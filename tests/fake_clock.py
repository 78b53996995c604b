"""An event loop in which time passes only when there is nothing else to do, and then at once.

A sleep of an hour takes no time; what happens at 200 ms happens at 200 ms exactly.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import AsyncGenerator, Coroutine, Iterable
from typing import Any, TypeVar

from labsupport.faults import Fault, through
from labsupport.wire import Chunk

T = TypeVar("T")


class Stuck(Exception):
    """Everything waits, and for nothing that time will bring."""


class _Selector(selectors.DefaultSelector):
    """Where a loop would sleep, this one moves the time on."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise Stuck("every task waits, and no timer is set")
            # Whole nanoseconds, so that sums of floats do not land a hair before a deadline.
            self.time = round(self.time + timeout, 9)
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.selector = _Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.time


class FakeClock:
    """A `Clock` for use inside `run`."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        if seconds == math.inf:
            await asyncio.get_running_loop().create_future()
        await asyncio.sleep(seconds)


def run(main: Coroutine[Any, Any, T]) -> T:
    """The result of `main`. Fails if it leaves a task or an unfinished async generator."""
    loop = _Loop()
    try:
        result = loop.run_until_complete(main)
        left = asyncio.all_tasks(loop)
        assert not left, f"left behind: {left}"
        return result
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


Timed = tuple[float, bytes]


async def arriving(
    clock: FakeClock, timed: Iterable[Timed], how: BaseException | None = None
) -> AsyncGenerator[Chunk, None]:
    """Chunks that come at the given seconds; then `how` is raised, or it is the end."""
    for at, data in timed:
        await clock.sleep(max(0.0, at - clock.now()))
        yield Chunk(clock.now(), data)
    if how:
        raise how


def after(
    faults: Iterable[Fault],
    timed: Iterable[Timed],
    *,
    how: BaseException | None = None,
    stop_at: float = math.inf,
) -> tuple[list[Timed], BaseException | str]:
    """What comes out of `faults`, and when; and the exception or the word that ended it.

    With `stop_at` the reader leaves then, if it did not end before: the word is `left`.
    """
    clock, out = FakeClock(), []

    async def read() -> BaseException | str:
        try:
            async with through(faults, arriving(clock, timed, how), clock) as chunks:
                async for chunk in chunks:
                    out.append((round(clock.now(), 6), chunk.data))
        except Exception as error:
            return error
        return "end"

    async def main() -> BaseException | str:
        if stop_at == math.inf:
            return await read()
        try:
            return await asyncio.wait_for(read(), stop_at)
        except TimeoutError:
            return "left"

    return out, run(main())


def tokens(count: int, every: float = 0.05, size: int = 10) -> list[Timed]:
    """`count` chunks of `size` bytes, the first at 0 s."""
    return [(round(n * every, 9), b"%0*d" % (size, n)) for n in range(count)]
