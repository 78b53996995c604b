"""A file that each row is added to as it comes, and that a run begins again from.

Rule: one row a line, written at once and brought to the disk; a line that a kill cut in two is
taken off at the next start, so no row is lost that was written and none counts twice. One run at a
time writes to it.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from ...errors import UsageError

NAMES = ("student", "exercise", "state")
"""What a row must have."""


class Journal:
    """The rows of a run so far; the last for a key counts.

    Arguments:
        path: the file; made if it is not there.

    Raises `UsageError` if another run has it.
    """

    def __init__(self, path: Path) -> None:
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b")
        _take(self._file, path)
        self._file.seek(0)
        good = 0
        for line in self._file:
            if line.endswith(b"\n"):
                good += len(line)
            if row := _row(line):
                self.rows[row["student"], row["exercise"]] = row
        self._file.truncate(good)

    def add(self, row: dict[str, Any]) -> None:
        """Write a row, if it says anything new; it has what NAMES says."""
        line = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        told = json.loads(line)
        key = told["student"], told["exercise"]
        if self.rows.get(key) != told:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
            self.rows[key] = told

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _row(line: bytes) -> dict[str, Any] | None:
    """The row of a line; None of a line that is none, such as half a one."""
    try:
        row = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    if isinstance(row, dict) and all(isinstance(row.get(name), str) for name in NAMES):
        return row
    return None


def _take(file: IO[bytes], path: Path) -> None:
    """Have the file for this process alone, until it is closed or the process is killed."""
    if not find_spec("fcntl"):
        return  # Windows: nothing to lock with that a kill would let go
    fcntl = import_module("fcntl")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise UsageError(
            expected=f"{path.parent} for this run alone",
            got="another one that is still at work there",
            next="Wait for it, or give another --out.",
        ) from error


def write(path: Path, data: str | bytes) -> None:
    """Write a file whole or not at all: beside it, then in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
        beside.write_bytes(raw)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
