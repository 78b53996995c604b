"""Compare what a preset did with what the program did.

Compared are the class, the sizes of the bursts (where a rule fixes them), the first token (15 ms
and 10 %), status, framing, ending, tokens received, and tokens wasted.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from labsupport.wire import Chunk

from .scenario import Scenario
from .world import Outcome

ENDS = {"chunked": "truncated", "content-length": "short-length", "until close": "close-delimited"}
FRAMINGS = {"chunked": "chunked", "content-length": "length", "until close": "close", "": None}


AT_THE_END = {"": 30, "half": 12, "fin": 0, "rst": 0}
"""A burst so many ms before the end is at the end. Who leaves does not see the end."""


@dataclass(frozen=True)
class Observed:
    """One run, in the words of the recordings. Times in ms."""

    kind: str
    first: float | None
    bursts: tuple[tuple[float, int], ...]
    end: str
    status: int | None
    framing: str | None
    received: int
    wasted: int | None
    last: float

    @property
    def sizes(self) -> list[int]:
        """Bytes of each burst."""
        return [size for _, size in self.bursts]


def observe(outcome: Outcome, s: Scenario) -> Observed:
    """Put an outcome into words."""
    seen = outcome.seen
    parser, _, texts = seen.parsed()
    bursts = _bursts(texts, s)
    framing = FRAMINGS.get(parser.framing or "")
    text = b"".join(chunk.data for chunk in texts)
    received = text.count(b"data: ") if parser.status == 200 else 0
    first = bursts[0][0] if bursts else None
    return Observed(
        kind=_kind(parser.status, bursts, s, seen.at),
        first=first,
        bursts=tuple(bursts),
        end=_end(seen.ended, parser.framing, parser.complete, s, parser.status),
        status=parser.status,
        framing=framing,
        received=received,
        wasted=outcome.wasted,
        last=seen.at,
    )


def _bursts(chunks: list[Chunk], s: Scenario) -> list[tuple[float, int]]:
    """Chunks that came together, as (time, bytes)."""
    gap = min(0.45 * s.gap, 12)
    bursts: list[tuple[float, int]] = []
    last = -gap
    for chunk in chunks:
        if bursts and chunk.at - last < gap:
            bursts[-1] = (bursts[-1][0], bursts[-1][1] + len(chunk.data))
        else:
            bursts.append((chunk.at, len(chunk.data)))
        last = chunk.at
    return bursts


def _kind(status: int | None, bursts: list[tuple[float, int]], s: Scenario, end: float) -> str:
    if status is not None and status >= 400:
        return f"error-status-{status}"
    if not bursts:
        return "no-body"
    sizes = [size for _, size in bursts]
    one = [size <= 1.6 * s.size for size in sizes]
    late = bursts[0][0] > 1000 and len(bursts) > 1
    if late and all(one):
        return f"held-until-{sizes[0]}-bytes"
    if sum(one) >= 0.7 * len(one):
        return "streamed" if sizes[0] <= 4 * s.size else "held-first-then-streamed"
    if len(bursts) == 1:
        whole = sizes[0] == s.n * s.size or end - bursts[0][0] < AT_THE_END[s.leave]
        return "held-until-end" if whole else "held-200ms-or-MSS"
    gaps = [after[0] - before[0] for before, after in zip(bursts, bursts[1:], strict=False)]
    whole = all(min(size % s.size, -size % s.size) <= 6 for size in sizes)
    corked = 150 <= median(gaps) <= 270 or sizes[0] <= 1448 or s.clients > 1
    if whole and corked:
        return "held-200ms-or-MSS"
    return f"held-until-{round(median(sizes[:-1]))}-bytes"


def _end(ended: str, framing: str | None, whole: bool, s: Scenario, status: int | None) -> str:
    if ended == "left":
        return f"client-left-{s.leave}"
    if status is None:
        return f"no-response-{ended}"
    if framing == "until close":
        return f"close-delimited-{ended}"
    if whole:
        return "clean-final-chunk" if framing == "chunked" else "clean-length"
    return f"{ENDS[framing or 'chunked']}-{ended}"


@dataclass(frozen=True)
class Recording:
    """What the real program did. `varies` is True where its own rounds differed."""

    config: str
    scenario: str
    group: str
    s: Scenario
    kind: str
    first: float | None
    sizes: tuple[int, ...]
    count: int
    end: str
    status: int | None
    framing: str | None
    received: int
    wasted: int | None
    varies: bool

    @property
    def name(self) -> str:
        """Such as `nginx1.22/default A1`."""
        return f"{self.config} {self.scenario}"


def lapses(real: Recording, ours: Observed) -> list[str]:
    """What differs, in words; an empty list if nothing does."""
    found = []
    fixed_sizes = not real.kind.startswith("error") and not real.s.gzip

    def compare(what: str, expected: object, got: object) -> None:
        if expected != got:
            found.append(f"{what}: {expected} there, {got} here")

    if real.kind != "n/a (see end_kind)":
        compare("class", family(real.kind), family(ours.kind))
    compare("ending", real.end, ours.end)
    compare("status", real.status, ours.status)
    compare("framing", real.framing, ours.framing)
    if fixed_sizes and "200ms" not in real.kind and "200ms" not in ours.kind:
        if real.s.gap >= 50 or real.kind.startswith("held-until"):
            compare("bursts", list(real.sizes[:8]), ours.sizes[: len(real.sizes[:8])])
            if real.count <= 40:
                compare("number of bursts", real.count, len(ours.sizes))
    if real.first is not None and real.status == 200 and real.received:
        if ours.first is None or abs(ours.first - real.first) > 15 + 0.1 * real.first:
            compare("first token", f"{real.first:.0f} ms", f"{ours.first or -1:.0f} ms")
    if abs(real.received - ours.received) > ("haproxy" in real.config and real.s.leave == "rst"):
        compare("tokens received", real.received, ours.received)
    if real.wasted is not None:
        allowed = int(real.varies)
        if ours.wasted is None or abs(real.wasted - ours.wasted) > allowed:
            compare("tokens wasted", real.wasted, ours.wasted)
    return found


def family(kind: str) -> str:
    """`held-until-18517-bytes` and its like are one class; the sizes are compared beside it."""
    return "held-until-N-bytes" if kind.startswith("held-until") and "end" not in kind else kind
