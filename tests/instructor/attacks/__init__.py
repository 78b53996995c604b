"""Hostile submissions, each with the row that it must get.

One file a family. Nothing here runs an attack: `tests/test_attacks.py` hands all of them in as one
class and has it graded, each in its sandbox.
"""

from __future__ import annotations

from .attack import Attack
from .cells import CELLS
from .files import FILES
from .flooding import FLOODING
from .forging import FORGING
from .killing import KILLING
from .lasting import LASTING
from .lying import LYING
from .names import NAMES
from .reading import READING
from .speaking import SPEAKING
from .waiting import WAITING
from .zips import ZIPS

ATTACKS: tuple[Attack, ...] = (
    *FORGING,
    *LYING,
    *SPEAKING,
    *KILLING,
    *FLOODING,
    *WAITING,
    *READING,
    *LASTING,
    *CELLS,
    *FILES,
    *ZIPS,
    *NAMES,
)
"""All of them."""

__all__ = ["ATTACKS", "Attack"]
