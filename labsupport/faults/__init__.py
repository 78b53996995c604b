"""Faults: what a path does to a stream. One fault, one file, one screen.

A fault turns an async iterator of chunks into another, so it is tested from a list and needs no
socket. In `Proxy(url, Split(1), Buffer(4096))` the bytes meet the faults from left to right, the
upstream's side first.

>>> Buffer(4096), Stall(after=100, seconds=5)
(Buffer(size=4096, exact=False), Stall(after=100, seconds=5))
"""

from __future__ import annotations

from .base import Abort, Break, Fault, Hangup, through
from .buffer import Buffer
from .corrupt import Corrupt
from .cut import Cut
from .delay import Delay
from .merge import Merge
from .passthrough import Passthrough
from .reset import Reset
from .split import Split
from .stall import Stall

__all__ = [
    "FAULTS",
    "Abort",
    "Break",
    "Buffer",
    "Corrupt",
    "Cut",
    "Delay",
    "Fault",
    "Hangup",
    "Merge",
    "Passthrough",
    "Reset",
    "Split",
    "Stall",
    "through",
]

FAULTS: tuple[type[Fault], ...] = (
    Passthrough,
    Buffer,
    Delay,
    Split,
    Merge,
    Stall,
    Cut,
    Reset,
    Corrupt,
)
