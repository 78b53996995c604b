"""When each fault hands on what, to the microsecond, on a clock that is not the machine's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from fake_clock import FakeClock, Stuck, Timed, after, run, tokens

from labsupport.clock import RealClock
from labsupport.faults import (
    Buffer,
    Corrupt,
    Cut,
    Delay,
    Fault,
    Hangup,
    Merge,
    Passthrough,
    Reset,
    Split,
    Stall,
    through,
)
from labsupport.faults.delay import MOST_UNDER_WAY
from labsupport.wire import Chunk


def shape(*faults: Fault, of: list[Timed] | None = None) -> list[tuple[float, int]]:
    """When how many bytes came out, for tokens of 10 bytes every 50 ms unless told otherwise."""
    out, _ = after(faults, tokens(6) if of is None else of)
    return [(at, len(data)) for at, data in out]


def test_passthrough_changes_neither_bytes_nor_times() -> None:
    assert after([Passthrough()], tokens(6)) == (tokens(6), "end")


def test_buffer_hands_on_all_that_piled_up() -> None:
    assert shape(Buffer(25)) == [(0.1, 30), (0.25, 30)]
    assert shape(Buffer(4096)) == [(0.25, 60)]
    assert shape(Buffer(10)) == [(n / 20, 10) for n in range(6)]


def test_an_exact_buffer_keeps_the_rest_and_may_hand_on_two_bursts_at_once() -> None:
    assert shape(Buffer(25, exact=True)) == [(0.1, 25), (0.2, 25), (0.25, 10)]
    assert shape(Buffer(4, exact=True), of=[(0.0, b"x" * 10)]) == [(0.0, 4), (0.0, 4), (0.0, 2)]


def test_a_buffer_without_size_holds_until_the_end() -> None:
    assert shape(Buffer(None)) == [(0.25, 60)]


def test_delay_moves_every_chunk_and_keeps_the_rhythm() -> None:
    out, how = after([Delay(0.2)], tokens(6))
    assert [at for at, _ in out] == [0.2, 0.25, 0.3, 0.35, 0.4, 0.45] and how == "end"


def test_delay_moves_the_end_too() -> None:
    async def main() -> float:
        clock = FakeClock()

        async def source() -> AsyncIterator[Chunk]:
            yield Chunk(0.0, b"x")
            await clock.sleep(1.0)

        async with through([Delay(0.2)], source(), clock) as chunks:
            async for _ in chunks:
                pass
        return clock.now()

    assert run(main()) == pytest.approx(1.2)


def test_jitter_is_seeded_bounded_and_never_lets_one_chunk_overtake_another() -> None:
    many = tokens(200, every=0.001)
    out, _ = after([Delay(0.2, jitter=0.1, seed=1)], many)
    late = [was - at for (was, _), (at, _) in zip(out, many, strict=True)]
    assert [data for _, data in out] == [data for _, data in many]
    assert min(late) >= 0.2 and max(late) <= 0.3 and len({round(one, 4) for one in late}) > 20
    assert after([Delay(0.2, jitter=0.1, seed=1)], many)[0] == out
    assert after([Delay(0.2, jitter=0.1, seed=2)], many)[0] != out


def test_delay_bounds_what_is_under_way_and_then_stops_reading() -> None:
    half = b"x" * (MOST_UNDER_WAY // 2)
    read_at = []

    async def main() -> list[float]:
        clock = FakeClock()

        async def source() -> AsyncIterator[Chunk]:
            for _ in range(4):
                read_at.append(clock.now())
                yield Chunk(clock.now(), half)

        async with through([Delay(1.0)], source(), clock) as chunks:
            return [clock.now() async for _ in chunks]

    assert run(main()) == [1.0, 1.0, 2.0, 2.0]
    assert read_at == [0.0, 0.0, 1.0, 1.0]


def test_split_cuts_at_once_or_with_a_gap_within_a_chunk() -> None:
    assert after([Split(4)], [(0.0, b"data: hi\n\n")])[0] == [
        (0.0, b"data"),
        (0.0, b": hi"),
        (0.0, b"\n\n"),
    ]
    assert shape(Split(4, gap=0.01), of=tokens(2)) == [
        (0.0, 4),
        (0.01, 4),
        (0.02, 2),
        (0.05, 4),
        (0.06, 4),
        (0.07, 2),
    ]


def test_merge_waits_from_the_first_held_byte_or_until_enough_or_the_end() -> None:
    assert shape(Merge(0.12)) == [(0.12, 30), (0.25, 30)]
    assert shape(Merge(0.12), of=[*tokens(2), (1.0, b"x" * 10), (2.0, b"")]) == [
        (0.12, 20),
        (1.12, 10),
    ]
    assert shape(Merge(9, size=25)) == [(0.1, 30), (0.25, 30)]
    assert shape(Merge(0.204), of=tokens(10)) == [(0.204, 50), (0.45, 50)]


def test_merge_with_no_time_at_all_still_hands_everything_on() -> None:
    assert shape(Merge(0)) == [(n / 20, 10) for n in range(6)]


def test_stall_falls_silent_and_goes_on() -> None:
    assert shape(Stall(25, 1.0)) == [
        (0.0, 10),
        (0.05, 10),
        (0.1, 5),
        (1.1, 5),
        (1.1, 10),
        (1.1, 10),
        (1.1, 10),
    ]
    assert shape(Stall(20, 1.0))[:3] == [(0.0, 10), (0.05, 10), (1.05, 10)]
    assert shape(Stall(0, 1.0))[0] == (1.0, 10)


def test_stall_without_seconds_waits_for_ever() -> None:
    out, how = after([Stall(20)], tokens(6), stop_at=3600)
    assert [at for at, _ in out] == [0.0, 0.05] and how == "left"
    with pytest.raises(Stuck, match="every task waits"):
        after([Stall(20)], tokens(6))


@pytest.mark.parametrize("fault", [Cut(20), Reset(20)], ids=repr)
def test_cut_and_reset_do_not_wait_for_the_byte_after(fault: Fault) -> None:
    out, how = after([fault, Passthrough()], tokens(6))
    assert [at for at, _ in out] == [0.0, 0.05]
    assert str(how) == f"{type(fault).__name__.lower()} after 20 bytes"
    assert shape(type(fault)(0)) == []


def test_delay_and_buffer_hand_on_what_came_before_a_cut() -> None:
    out, how = after([Cut(25), Delay(0.2)], tokens(6))
    assert out[-1] == (0.3, b"00000") and isinstance(how, Hangup)
    out, how = after([Cut(25), Buffer(None)], tokens(6))
    assert [(at, len(data)) for at, data in out] == [(0.1, 25)] and isinstance(how, Hangup)


def test_corrupt_changes_the_same_places_however_the_bytes_are_cut() -> None:
    fault, text = Corrupt(0.05, seed=4), b"x" * 2000
    whole = after([fault], [(0.0, text)])[0][0][1]
    pieces = b"".join(data for _, data in after([Split(7), fault], [(0.0, text)])[0])
    assert whole == pieces
    assert 60 <= sum(a != b for a, b in zip(whole, text, strict=True)) <= 140
    assert after([Corrupt(0.05, seed=5)], [(0.0, text)])[0][0][1] != whole


def test_corrupt_at_a_place_changes_that_byte_and_no_other() -> None:
    out, _ = after([Corrupt(at=12)], tokens(3))
    changed = [i for i, (a, b) in enumerate(zip(b"".join(d for _, d in out), b"".join(
        d for _, d in tokens(3)), strict=True)) if a != b]  # fmt: skip
    assert changed == [12]


def test_a_rate_of_one_changes_every_byte_and_a_tiny_one_none() -> None:
    every = after([Corrupt(1.0)], [(0.0, b"x" * 500)])[0][0][1]
    assert len(every) == 500 and b"x" not in every
    assert after([Corrupt(1e-300)], [(0.0, b"x" * 500)])[0][0][1] == b"x" * 500


def test_the_real_clock_counts_from_its_making_and_sleeps() -> None:
    async def main() -> tuple[float, float]:
        clock = RealClock()
        before = clock.now()
        await clock.sleep(0.02)
        return before, clock.now()

    before, later = asyncio.run(main())
    assert 0 <= before < 0.02 <= later + 0.001
    assert repr(RealClock()).startswith("RealClock(0.0")


def test_the_real_clock_can_wait_for_ever_and_be_cancelled() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(RealClock().sleep(float("inf")), 0.01)

    asyncio.run(main())
