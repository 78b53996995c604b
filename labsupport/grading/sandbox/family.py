"""A process and all that it started, from /proc."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def family(pid: int, most: int) -> list[int]:
    """A process and all that it started; once that is more than `most`, no more is looked up.

    A fork bomb makes them faster than they can be read, and takes the time to read them.
    """
    found: list[int] = []
    new = [pid]
    below = _children if Path(f"/proc/{pid}/task/{pid}/children").exists() else _all_children()
    while new and len(found) + len(new) <= most:
        one = new.pop()
        found.append(one)
        with suppress(OSError, ValueError):
            new += below(one)
    return found + new


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in os.listdir(f"/proc/{pid}/task"):
        found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return found


def _all_children() -> Callable[[int], list[int]]:
    """The same for a kernel that keeps no such lists: from the parents of all processes."""
    known: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        with suppress(OSError, ValueError, IndexError):
            stat = Path(f"/proc/{int(name)}/stat").read_text()
            known.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(name))
    return lambda pid: known.get(pid, [])
