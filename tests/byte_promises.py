"""What faults promise to do to bytes, worked out from the bytes alone: no chunk and no clock."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from fake_clock import FakeClock, Timed, after, arriving, run
from hypothesis import strategies as st

from labsupport.faults import (
    Abort,
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

NEVER = 1e6
"""Seconds after which a stream that is still open is stalled for ever."""

MOST_LOOKS = 5000
"""How often a fault may look at the clock; one that spins never ends by itself."""

seconds = st.integers(0, 4000).map(lambda ms: ms / 1000)
places = st.integers(0, 90)
DRAWN: dict[type[Fault], st.SearchStrategy[Fault]] = {
    Passthrough: st.just(Passthrough()),
    Buffer: st.builds(Buffer, st.none() | st.integers(1, 60), exact=st.booleans()),
    Delay: st.builds(Delay, seconds, jitter=seconds, seed=places),
    Split: st.builds(Split, st.integers(1, 20), gap=seconds),
    Merge: st.builds(Merge, seconds, size=st.none() | st.integers(1, 60)),
    Stall: st.builds(Stall, places, st.none() | seconds),
    Cut: st.builds(Cut, places),
    Reset: st.builds(Reset, places),
    Corrupt: st.builds(Corrupt, st.sampled_from([0.02, 0.3, 1.0]), seed=places)
    | st.builds(Corrupt, at=places),
}
pieces = st.binary(max_size=30) | st.sampled_from([b"data: x\n\n", b"\n", b"\r\n", b""])
inputs = st.lists(st.tuples(seconds, pieces), max_size=8)
hows = st.sampled_from([None, Hangup("upstream"), Abort("upstream")])


@dataclass(frozen=True)
class Flow:
    """What a stage hands on.

    Arguments:
        data: all the bytes that may come, in order.
        ends: how it may end: `end`, `hangup`, `abort`, or `open` for ever.
        whole: whether all of `data` does come; else some of its beginning.
    """

    data: bytes
    ends: frozenset[str]
    whole: bool = True

    def first(self, count: int, end: str) -> Flow:
        """At most so many bytes, and then this ending."""
        sure = self.whole or count == 0
        return Flow(
            self.data[:count], frozenset({end}) | (frozenset() if sure else self.ends), sure
        )


def promised(fault: Fault, flow: Flow) -> Flow:
    """What a fault makes of a flow: the contract of each, in a line or two."""
    if isinstance(fault, Cut) and len(flow.data) >= fault.after:
        return flow.first(fault.after, "hangup")
    if isinstance(fault, Reset) and len(flow.data) >= fault.after:
        return flow.first(fault.after, "abort")
    if isinstance(fault, Stall) and fault.seconds is None and len(flow.data) >= fault.after:
        return flow.first(fault.after, "open")
    if isinstance(fault, Corrupt):
        return replace(flow, data=corrupted(fault, flow.data))
    lost = "abort" in flow.ends and isinstance(fault, Buffer | Delay | Merge)
    kept = "open" in flow.ends and isinstance(fault, Buffer)  # it waits for more
    return replace(flow, whole=flow.whole and not lost and not kept)


def flow_of(faults: Sequence[Fault], gaps: Sequence[Timed], *ends: str) -> Flow:
    """What all of `faults` make of these chunks, which may end so."""
    flow = Flow(b"".join(data for _, data in gaps), frozenset(ends))
    for fault in faults:
        flow = promised(fault, flow)
    return flow


@cache
def corrupted(fault: Corrupt, data: bytes) -> bytes:
    """What `fault` makes of `data` in one piece; the tests below say what that is."""
    return b"".join(piece for _, piece in after([fault], [(0.0, data)])[0])


class WatchedClock(FakeClock):
    """Fails for who looks at it without end."""

    looks = 0

    def now(self) -> float:
        self.looks += 1
        assert self.looks < MOST_LOOKS, "a fault that spins"
        return super().now()


def sent(gaps: Sequence[Timed]) -> list[Timed]:
    at = itertools.accumulate(gap for gap, _ in gaps)
    return [(when, data) for when, (_, data) in zip(at, gaps, strict=True)]


def came(
    faults: Sequence[Fault], gaps: Sequence[Timed], how: Exception | None, until: float = NEVER
) -> tuple[bytes, str]:
    """The bytes that come out of `faults` until then, and the ending."""
    out, clock = bytearray(), WatchedClock()

    async def read() -> str:
        try:
            source = arriving(clock, sent(gaps), how)
            async with through(faults, source, clock) as chunks:
                async for chunk in chunks:
                    out.extend(chunk.data)
        except Hangup:
            return "hangup"
        except Abort:
            return "abort"
        return "end"

    async def main() -> str:
        try:
            return await asyncio.wait_for(read(), until)
        except TimeoutError:
            return "open"

    ended = run(main())
    return bytes(out), ended


def check(faults: Sequence[Fault], gaps: Sequence[Timed], how: Exception | None) -> None:
    """Fail unless these faults do what each of them promises."""
    ends = "abort" if isinstance(how, Abort) else "hangup" if how else "end"
    flow = flow_of(faults, gaps, ends)
    got, ended = came(faults, gaps, how)
    assert ended in flow.ends
    if flow.whole or ended in ("end", "hangup"):  # only an abort, or waiting, may lose bytes
        assert got == flow.data
    else:
        assert flow.data.startswith(got)
