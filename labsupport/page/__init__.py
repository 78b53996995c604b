"""The notebook's own page as a client of this kernel: who may come in, and what the page shows.

`guard` lets in the page that shows this notebook and no other; `run` shows JavaScript in that
page beside what a client in Python saw.
"""

from .block import Block, run
from .guard import Guard, guard
from .origins import own_origins

__all__ = ["Block", "Guard", "guard", "own_origins", "run"]
