"""Waiting for a chunk or a time loses neither, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from fake_clock import FakeClock, arriving, run

from labsupport.faults import Abort, Hangup
from labsupport.faults.reader import Reader
from labsupport.wire import Chunk


def test_a_chunk_that_comes_after_the_time_is_there_for_the_next_call() -> None:
    async def main() -> None:
        clock = FakeClock()
        async with Reader(arriving(clock, [(1.0, b"late")]), clock) as reader:
            for until in (0.3, 0.6):
                assert await reader.next(until) is None
                assert clock.now() == until and not reader.ended
            assert await reader.next() == Chunk(1.0, b"late")
            assert clock.now() == 1.0
            assert await reader.next(2.0) is None
            assert reader.ended and clock.now() == 1.0

    run(main())


def test_no_chunk_is_lost_at_any_time_limit() -> None:
    async def main() -> None:
        for limit in (0.001, 0.01, 0.011, 0.05, 1.0):
            clock = FakeClock()
            start = clock.now()
            timed = [(start + n / 100, b"%d" % n) for n in range(20)]
            got = []
            async with Reader(arriving(clock, timed), clock) as reader:
                while not reader.ended:
                    if chunk := await reader.next(clock.now() + limit):
                        got.append(chunk.data)
            assert got == [data for _, data in timed]

    run(main())


def test_a_time_in_the_past_returns_at_once_even_if_a_chunk_is_ready() -> None:
    async def main() -> None:
        clock = FakeClock()
        source = arriving(clock, [(0.0, b"a")])
        async with aclosing(source), Reader(source, clock) as reader:
            await clock.sleep(1)
            assert await reader.next(0.5) is None and clock.now() == 1
            assert await reader.next(2) == Chunk(1, b"a")

    run(main())


def test_a_hangup_is_an_end_until_finish_brings_it_back() -> None:
    async def main() -> None:
        clock = FakeClock()
        source = arriving(clock, [(0.0, b"a")], Hangup("gone"))
        async with Reader(source, clock) as reader:
            assert [chunk.data async for chunk in reader] == [b"a"]
            assert reader.ended
            with pytest.raises(Hangup, match="gone"):
                reader.finish()

    run(main())


def test_finish_after_an_ordinary_end_says_nothing() -> None:
    async def main() -> None:
        clock = FakeClock()
        async with Reader(arriving(clock, []), clock) as reader:
            assert [chunk async for chunk in reader] == []
            reader.finish()

    run(main())


@pytest.mark.parametrize("error", [Abort("rst"), KeyError("a bug")])
@pytest.mark.parametrize("until", [None, 5.0])
def test_any_other_error_comes_out_of_next(error: Exception, until: float | None) -> None:
    async def main() -> None:
        clock = FakeClock()
        async with Reader(arriving(clock, [], error), clock) as reader:
            with pytest.raises(type(error)):
                await reader.next(until)

    run(main())


def test_leaving_ends_a_wait_that_is_still_on_and_closes_the_source() -> None:
    closed = []

    async def source(clock: FakeClock) -> AsyncIterator[Chunk]:
        try:
            await clock.sleep(1000)
            yield Chunk(0.0, b"never")
        finally:
            closed.append(clock.now())

    async def main() -> None:
        clock = FakeClock()
        async with Reader(source(clock), clock) as reader:
            assert await reader.next(0.1) is None
        assert closed == [0.1]

    run(main())


def test_being_cancelled_in_a_wait_ends_it_and_its_timer() -> None:
    async def main() -> None:
        clock = FakeClock()

        async def wait() -> None:
            async with Reader(arriving(clock, [(1000.0, b"a")]), clock) as reader:
                await reader.next(500)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(wait(), 0.1)
        assert clock.now() == 0.1

    run(main())  # fails if a task is left


def test_an_error_that_nobody_waited_for_is_not_reported_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def source(clock: FakeClock) -> AsyncIterator[Chunk]:
        await clock.sleep(0.2)
        raise KeyError("late")
        yield

    async def main() -> None:
        clock = FakeClock()
        async with Reader(source(clock), clock) as reader:
            assert await reader.next(0.1) is None
            await clock.sleep(1)

    run(main())
    assert not caplog.records
