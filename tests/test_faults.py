"""What every fault promises, alone and in a row of two."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import ClassVar

import pytest
from fake_clock import FakeClock, after, run, tokens
from hypothesis import example, given, settings
from hypothesis import strategies as st

import labsupport.faults
from labsupport.clock import Clock
from labsupport.faults import (
    FAULTS,
    Abort,
    Break,
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
from labsupport.wire import Chunk

SAMPLES: list[Fault] = [
    Passthrough(),
    Buffer(25),
    Buffer(25, exact=True),
    Buffer(None),
    Delay(0.12),
    Delay(0.12, jitter=0.3, seed=7),
    Split(3),
    Split(4, gap=0.01),
    Merge(0.08),
    Merge(0.08, size=12),
    Stall(0, 0.3),
    Stall(17, 0.3),
    Cut(17),
    Reset(17),
    Corrupt(0.2, seed=3),
    Corrupt(at=17),
]
PAIRS = list(itertools.product(SAMPLES, SAMPLES))
chunkings = st.lists(
    st.tuples(st.sampled_from([0.0, 0.0, 0.01, 0.05, 0.2]), st.binary(min_size=1, max_size=30)),
    max_size=12,
)


def timed(gaps: list[tuple[float, bytes]]) -> list[tuple[float, bytes]]:
    at = itertools.accumulate(gap for gap, _ in gaps)
    return [(round(when, 9), data) for when, (_, data) in zip(at, gaps, strict=True)]


def joined(chunks: list[tuple[float, bytes]]) -> bytes:
    return b"".join(data for _, data in chunks)


def test_the_samples_of_these_tests_use_every_fault_and_every_optional_setting() -> None:
    assert {type(sample) for sample in SAMPLES} == set(FAULTS)
    for fault in FAULTS:
        for field in fields(fault):  # type: ignore[arg-type]
            used = {getattr(one, field.name) for one in SAMPLES if type(one) is fault}
            assert used - {field.default}, f"{fault.__name__}.{field.name}"


def test_every_fault_has_its_own_file_and_a_place_in_the_tuple() -> None:
    files = {path.stem for path in Path(labsupport.faults.__file__).parent.glob("*.py")}
    assert files - {"__init__", "base", "reader"} == {fault.__name__.lower() for fault in FAULTS}


def test_the_file_of_every_fault_says_what_it_does_in_one_screen() -> None:
    for fault in FAULTS:
        path = Path(labsupport.faults.__file__).with_name(f"{fault.__name__.lower()}.py")
        text = path.read_text(encoding="utf-8")
        assert text.startswith('"""'), path
        assert len(text.splitlines()) <= 90, path


@pytest.mark.parametrize("fault", SAMPLES, ids=repr)
def test_settings_are_printed_compared_and_frozen(fault: Fault) -> None:
    same = eval(repr(fault), vars(labsupport.faults))
    assert same == fault and hash(same) == hash(fault)
    for field in fields(fault):  # type: ignore[arg-type]
        with pytest.raises(FrozenInstanceError):
            setattr(fault, field.name, 1)


@pytest.mark.parametrize("fault", SAMPLES, ids=repr)
def test_what_promises_to_conserve_bytes_does_and_what_does_not_promise_does_not(
    fault: Fault,
) -> None:
    given_chunks = tokens(8)
    out, _ = after([fault], given_chunks)
    assert (joined(out) == joined(given_chunks)) is fault.conserves


@pytest.mark.parametrize("fault", SAMPLES, ids=repr)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(gaps=chunkings)
def test_one_fault_conserves_or_keeps_the_order_of_any_chunking(
    fault: Fault, gaps: list[tuple[float, bytes]]
) -> None:
    out, how = after([fault], timed(gaps))
    sent = joined(timed(gaps))
    if fault.conserves:
        assert (joined(out), how) == (sent, "end")
    elif isinstance(fault, Corrupt):
        assert len(joined(out)) == len(sent) and how == "end"
    else:
        assert joined(out) == sent[:17]
        assert how == "end" if len(sent) < 17 else isinstance(how, Break)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(pair=st.sampled_from(PAIRS), gaps=chunkings)
@example(pair=(Reset(17), Buffer(None)), gaps=[(0.0, b"x" * 30)])
@example(pair=(Cut(17), Buffer(None)), gaps=[(0.0, b"x" * 30)])
def test_any_two_in_a_row_conserve_or_pass_a_beginning_in_order(
    pair: tuple[Fault, Fault], gaps: list[tuple[float, bytes]]
) -> None:
    check_pair(pair, timed(gaps))


@pytest.mark.parametrize("first", SAMPLES, ids=repr)
def test_each_two_in_a_row_conserve_or_pass_a_beginning_in_order(first: Fault) -> None:
    for second in SAMPLES:
        check_pair((first, second), tokens(8))


def check_pair(pair: tuple[Fault, Fault], chunks: list[tuple[float, bytes]]) -> None:
    out, how = after(pair, chunks)
    sent, got = joined(chunks), joined(out)
    breaks = any(isinstance(fault, Cut | Reset) for fault in pair) and len(sent) >= 17
    whole = sent[:17] if breaks else sent
    assert isinstance(how, Break) if breaks else how == "end"
    if any(isinstance(fault, Corrupt) for fault in pair):
        assert len(got) <= len(whole)
    elif isinstance(pair[0], Reset) and breaks:
        assert whole.startswith(got)  # an abort loses what a later fault still holds
    else:
        assert got == whole


@pytest.mark.parametrize("fault", SAMPLES, ids=repr)
def test_a_hangup_upstream_comes_after_the_bytes_that_came_before_it(fault: Fault) -> None:
    out, how = after([fault], tokens(8), how=Hangup("upstream"))
    assert isinstance(how, Break)
    if fault.conserves:
        assert joined(out) == joined(tokens(8)) and str(how) == "upstream"


@pytest.mark.parametrize("fault", SAMPLES, ids=repr)
def test_an_abort_upstream_passes_at_once(fault: Fault) -> None:
    _, how = after([fault], [(0.0, b"abc")], how=Abort("upstream"))
    assert isinstance(how, Abort) and str(how) == "upstream"


@pytest.mark.parametrize("stop_at", [0.0, 0.101, 0.3])
@pytest.mark.parametrize("first", SAMPLES, ids=repr)
def test_a_reader_that_leaves_at_any_time_leaves_no_task_and_closes_the_source(
    first: Fault, stop_at: float
) -> None:
    clock = FakeClock()
    closed: list[Fault] = []

    async def source(second: Fault) -> AsyncIterator[Chunk]:
        try:
            for _, data in tokens(20):
                yield Chunk(clock.now(), data)
                await clock.sleep(0.05)
        finally:
            closed.append(second)

    async def read(second: Fault) -> None:
        async with through([first, second], source(second), clock) as chunks:
            async for _ in chunks:
                if clock.now() >= stop_at:
                    return

    async def leave(second: Fault) -> None:
        with suppress(TimeoutError, Break):
            await asyncio.wait_for(read(second), stop_at + 1.0)

    for second in SAMPLES:
        run(leave(second))  # fails if a task is left
    assert closed == SAMPLES


def test_the_same_fault_serves_two_connections_with_a_state_each() -> None:
    fault = Buffer(25)
    assert after([fault], tokens(4)) == after([fault], tokens(4))


def test_a_fault_of_your_own_needs_only_apply_and_conserves() -> None:
    class Shout:
        conserves: ClassVar[bool] = False

        async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
            async for chunk in chunks:
                yield Chunk(clock.now(), chunk.data.upper())

    out, how = after([Shout(), Split(2)], [(0.0, b"abc")])
    assert (out, how) == ([(0.0, b"AB"), (0.0, b"C")], "end")
