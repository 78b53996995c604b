"""The shape of a hold: which bytes waited for what. Whose shape it is, `culprits` says.

Rule 1: a shape is found in byte counts and shares of time, never in one short time.
Rule 2: alone, a capture must be specific; beside a quicker one (`sure`), less will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from .observe import Seen

__all__ = ["Shape", "find", "merged", "one_burst"]

STEPS = (1024, 2048, 4096, 8192, 16384, 32768, 65536)
"""Sizes that programs give their buffers."""
HEAD_ROOM = (40, 1024)
"""Bytes that an upstream's head takes in the first buffer: fewest and most believed."""
CORK = (0.15, 0.30)
"""Seconds between bursts of a corked socket: Linux waits 200 ms, a busy machine longer."""
SEGMENT = (1380, 1460)
"""TCP payload bytes of a full segment on Ethernet, with and without options and tunnels."""
SMALLEST_LUMP = 4096
"""Bytes of a first lump that is surely no accident."""
SOON = 0.12
"""Seconds between bursts that a reader takes for a flow."""


@dataclass(frozen=True)
class Shape:
    """One way of holding.

    Arguments:
        kind: `size`, `first`, `end`, `cork`, `segment`, `gzip`, `some` (nothing known), `none`.
        size: the bytes that were waited for, where the kind has them.
        words: what shows it.
    """

    kind: str
    size: int = 0
    words: tuple[str, ...] = ()


def find(seen: Seen, *, sure: bool = False) -> Shape:
    """The shape of the hold in what was seen; `none` for a stream.

    Arguments:
        seen: the numbers of one capture.
        sure: True if it is known that the events were made one by one (a direct capture, or
            another pace, showed it). Else a shape is named only where nothing else has it.
    """
    return (
        _size(seen)  # first: 4096 bytes at 20 kB a second have the rhythm of a cork
        or _cork(seen, sure)
        or _gzip(seen)
        or _end(seen)
        or _first(seen, sure)
        or _segment(seen, sure)
        or Shape("some" if merged(seen) else "none")
    )


def one_burst(seen: Seen) -> bool:
    """All events came together: within a tenth of the time to the last of them."""
    bearing = [burst for burst in seen.bursts if burst.events]
    if seen.events < 2 or not bearing:
        return False
    few = len(bearing) * 3 <= seen.events  # not a handful of events, each alone
    return len(bearing) == 1 or (few and bearing[-1].at - bearing[0].at < 0.1 * bearing[-1].at)


def merged(seen: Seen) -> bool:
    """Events came in lumps that a reader would notice."""
    usual = median([burst.events for burst in seen.bursts if burst.events] or [0])
    if one_burst(seen):
        return True
    flows = len(seen.bursts) >= 8 and median(seen.gaps) <= SOON
    biggest = max((burst.events for burst in seen.bursts), default=0)
    half = seen.events > 4 and biggest > seen.events / 2
    return half or (usual >= 3 and not flows)


def _size(seen: Seen) -> Shape | None:
    """Bursts of a buffer's size, cut without regard to events."""
    framed = len(seen.bursts) >= 2 and len(seen.frames) <= 1.5 * len(seen.bursts)
    for sizes, noun in ((list(seen.frames) if framed else [], "chunks"), (seen.sizes, "bursts")):
        first, inner = sizes[:1], sizes[1:-1]
        cut = any(not burst.whole for burst in seen.bursts[:-1]) and seen.encoding == "identity"
        if len(sizes) < 2 or len(seen.bursts) < 2 or not cut:
            continue
        step = _step_above(first[0])
        if inner and all(size in STEPS for size in inner) and step:
            shown = ", ".join(str(size) for size in sizes[:3])
            more = "..." if len(sizes) > 3 else ""
            return Shape("size", step, (f"{noun} of {shown}{more} bytes, cut inside events",))
        if not inner and step and first[0] != step and sizes[1] <= step:
            words = f"a first burst of {first[0]} bytes, cut inside an event, then the rest"
            return Shape("size", step, (words,))
    return None


def _step_above(size: int) -> int:
    """The buffer that `size` body bytes fill, alone or with an upstream's head before them."""
    for step in STEPS:
        if size == step or HEAD_ROOM[0] <= step - size <= HEAD_ROOM[1]:
            return step
    return 0


def _cork(seen: Seen, sure: bool) -> Shape | None:
    """A rhythm of about 200 ms, each burst with several events in HTTP chunks of their own."""
    bearing = [burst for burst in seen.bursts if burst.events]
    inner, gaps = bearing[:-1], [b.at - a.at for a, b in zip(bearing, bearing[1:], strict=False)]
    if seen.ending == "clean":
        gaps = gaps[:-1]  # the end of the answer lets the last burst go early
    steady = [CORK[0] <= gap <= CORK[1] for gap in gaps]
    if len(bearing) < 3 or len(gaps) < 2 or sum(steady) < 0.8 * len(gaps):
        return None
    several = sum(1 for burst in inner if burst.events >= 2) >= 0.8 * len(inner)
    own = sum(b.frames for b in inner) >= 0.8 * sum(b.events for b in inner)
    alone = seen.head_with_body and (own or seen.framing != "chunked")
    if not several or not (sure or alone):
        return None
    rhythm = f"bursts about {median(gaps) * 1000:.0f} ms apart, each with several events"
    return Shape("cork", 0, (
        rhythm + (" in HTTP chunks of their own" if own else ""),
        *(["the head came with the first of them"] if seen.head_with_body else []),
    ))  # fmt: skip


def _segment(seen: Seen, sure: bool) -> Shape | None:
    """Bursts that are let go when a TCP segment is full."""
    inner = seen.bursts[1:-1]
    if len(inner) < 3 or not (sure or seen.head_with_body) or seen.framing != "chunked":
        return None
    biggest = max(seen.frames, default=0) + 8
    wires = [burst.size + 7 * burst.frames for burst in inner]  # "c8 CRLF", bytes, CRLF
    full = [SEGMENT[0] <= wire <= SEGMENT[1] + biggest for wire in wires]
    lumps = all(burst.frames >= 2 for burst in inner)
    if not lumps or sum(full) < 0.8 * len(full):
        return None
    words = "several HTTP chunks at once, each time as many as fill one TCP segment"
    return Shape("segment", SEGMENT[1], (words,))


def _gzip(seen: Seen) -> Shape | None:
    """A compressor that was not flushed for each event."""
    if seen.encoding == "identity" or seen.flushes * 2 >= seen.events > 0:
        return None
    if seen.readable and not (merged(seen) and seen.events >= 3):
        return None
    if not seen.readable and len(seen.bursts) > 2:
        return None
    words = [f"the body is {seen.encoding}, and its compressor was not flushed between events"]
    if seen.bursts and seen.bursts[0].size <= 20 and len(seen.bursts) > 1:
        words.append(f"its first {seen.bursts[0].size} bytes came with the head, and no event")
    return Shape("gzip", 0, tuple(words))


def _end(seen: Seen) -> Shape | None:
    if not one_burst(seen):
        return None
    return Shape("end", 0, ("all events came together",))


def _first(seen: Seen, sure: bool) -> Shape | None:
    """A lump first, then event by event."""
    bearing = [burst for burst in seen.bursts if burst.events]
    if len(bearing) < 4 or bearing[0].events < 4:
        return None
    lump, rest = bearing[0], bearing[1:]
    if median(burst.events for burst in rest) > 2:
        return None
    pace = median(b.at - a.at for a, b in zip(rest, rest[1:], strict=False))
    took = lump.at >= 0.5 * lump.events * pace  # made at the later pace, so they were waiting
    step = next((s for s in reversed(STEPS) if s <= lump.size < s + 2 * seen.event_size), 0)
    # A busy machine may begin with a small lump; a buffer holds the head with it, and more.
    if not (took and seen.head_with_body):
        return None
    if step < SMALLEST_LUMP and not (sure and lump.events >= 16):
        return None
    size = step or lump.size
    return Shape("first", size, (
        f"a first burst of {lump.size} bytes, then event by event",
        "its events took as long as they take later, one by one, and the head waited with them",
    ))  # fmt: skip
