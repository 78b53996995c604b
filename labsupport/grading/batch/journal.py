"""A file that each row is added to as it comes, and that a run begins again from.

Rule: one row a line, written at once and brought to the disk; a line that a kill cut in two is
taken off at the next start, so no row is lost that was written and none counts twice.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class Journal:
    """The rows of a run so far; the last for a key counts.

    Arguments:
        path: the file; made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        good = 0
        if path.exists():
            for line in path.read_bytes().splitlines(keepends=True):
                row = _row(line)
                if row is None:
                    break
                good += len(line)
                self.rows[row["student"], row["exercise"]] = row
        self._file = path.open("ab")
        self._file.truncate(good)
        self._file.seek(good)

    def add(self, row: dict[str, Any]) -> None:
        """Write a row; it has `student` and `exercise`."""
        self._file.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.rows[row["student"], row["exercise"]] = row

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return row if isinstance(row, dict) and {"student", "exercise"} <= row.keys() else None


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
