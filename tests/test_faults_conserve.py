"""Bytes are conserved by every fault, and by every two in a row, for any settings and any input.

What must come out is in `byte_promises`, without a chunk or a clock.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from byte_promises import DRAWN, came, check, corrupted, flow_of, hows, inputs, seconds
from fake_clock import Timed
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from labsupport.clock import Clock
from labsupport.faults import FAULTS, Buffer, Corrupt, Fault, Hangup
from labsupport.wire import Chunk

ALONE = settings(max_examples=60, deadline=None, derandomize=True)
IN_A_ROW = settings(max_examples=12, deadline=None, derandomize=True)
PAIRS = pytest.mark.parametrize(
    "pair",
    list(itertools.product(FAULTS, FAULTS)),
    ids=lambda pair: "-".join(f.__name__ for f in pair),
)


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.__name__)
@ALONE
@given(draw=st.data(), gaps=inputs, how=hows)
def test_one_fault_hands_on_what_it_promises(
    kind: type[Fault], draw: st.DataObject, gaps: list[Timed], how: Exception | None
) -> None:
    check([draw.draw(DRAWN[kind])], gaps, how)


@PAIRS
@IN_A_ROW
@given(draw=st.data(), gaps=inputs, how=hows)
def test_two_faults_in_a_row_hand_on_what_both_promise(
    pair: tuple[type[Fault], ...],
    draw: st.DataObject,
    gaps: list[Timed],
    how: Exception | None,
) -> None:
    check([draw.draw(DRAWN[kind]) for kind in pair], gaps, how)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(draw=st.data(), gaps=inputs, how=hows, until=seconds)
def test_a_reader_that_leaves_at_any_time_has_a_beginning(
    draw: st.DataObject, gaps: list[Timed], how: Exception | None, until: float
) -> None:
    """And nothing stays behind: `run` fails if a task or a generator does."""
    pair = [draw.draw(DRAWN[draw.draw(st.sampled_from(FAULTS))]) for _ in range(2)]
    got, _ = came(pair, gaps, how, until)
    assert flow_of(pair, gaps).data.startswith(got)


@ALONE
@given(fault=DRAWN[Corrupt], data=st.binary(max_size=120), other=st.randoms(use_true_random=False))
def test_corrupt_keeps_the_length_and_changes_the_places_that_its_seed_says(
    fault: Corrupt, data: bytes, other: random.Random
) -> None:
    def changed(text: bytes) -> list[int]:
        out = corrupted(fault, text)
        assert len(out) == len(text)
        return [n for n, (old, new) in enumerate(zip(text, out, strict=True)) if old != new]

    found = changed(data)
    assert found == changed(other.randbytes(len(data))), "the places depend on the bytes"
    for count in range(len(data)):  # a body that is cut is corrupted as far as it goes
        assert corrupted(fault, data[:count]) == corrupted(fault, data)[:count]
    if fault.at is not None:
        assert found == [fault.at][: fault.at < len(data)]
    elif fault.rate == 1:
        assert found == list(range(len(data)))
    if len(data) > 1 and fault.rate == 0.3:
        more = [corrupted(replace(fault, seed=seed), data * 9) for seed in range(4)]
        assert len(set(more)) > 1, "the seed makes no difference"


Change = Callable[[list[bytes]], list[bytes]]


@dataclass(frozen=True)
class Wrong(Buffer):
    """A buffer with a mistake in it, on the way through or at a hang-up."""

    change: Change = list
    forgets: bool = False
    conserves: ClassVar[bool] = True

    async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
        held: list[bytes] = []
        try:
            async for chunk in chunks:
                held.append(chunk.data)
        except Hangup:
            if not self.forgets:
                yield Chunk(clock.now(), b"".join(self.change(held)))
            raise
        yield Chunk(clock.now(), b"".join(self.change(held)))


WRONG: dict[str, Wrong] = {
    "drops the last byte": Wrong(change=lambda held: [b"".join(held)[:-1]]),
    "drops empty lines": Wrong(change=lambda held: [b"".join(held).replace(b"\n\n", b"\n")]),
    "drops a chunk": Wrong(change=lambda held: held[:3] + held[4:]),
    "reorders": Wrong(change=lambda held: [*held[2:], *held[:2]]),
    "repeats": Wrong(change=lambda held: held + held[4:5]),
    "invents": Wrong(change=lambda held: [*held, b"\n"]),
    "forgets at a hang-up": Wrong(forgets=True),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_the_property_finds_a_fault_that_is_wrong(mistake: str) -> None:
    @settings(ALONE, max_examples=500, phases=[Phase.generate])  # it need not be the smallest case
    @given(gaps=inputs, how=hows)
    def attempt(gaps: list[Timed], how: Exception | None) -> None:
        check([WRONG[mistake]], gaps, how)

    with pytest.raises(AssertionError):
        attempt()


def test_the_mistakes_are_made_in_a_fault_that_is_right_without_them() -> None:
    check([Wrong()], [(0.0, b"a"), (1.0, b""), (1.0, b"\n\n")], Hangup("upstream"))


def test_a_fault_that_spins_is_found() -> None:
    class Spins:
        conserves: ClassVar[bool] = True

        async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
            while clock.now() >= 0:
                pass
            yield Chunk(0.0, b"")

    with pytest.raises(AssertionError, match="a fault that spins"):
        came([Spins()], [(0.0, b"a")], None)
