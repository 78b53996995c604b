"""Grade the class of 60 by the command, as an instructor does, and see what comes of it."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from class60 import ROOT, course, expected, hand_in
from leftovers import adopting

Found = dict[tuple[str, str], tuple[str, float]]


@dataclass
class Graded:
    """What came of one run.

    Arguments:
        rows: by student and exercise, state and points. doubled: rows that are there twice.
        pages: how many rows have their page of feedback. seconds: it took.
        running: processes that are left. files: that are left, or were changed.
        said: what the command printed. code: its exit code.
    """

    rows: Found
    doubled: list[tuple[str, str]]
    pages: int
    seconds: float
    running: list[str]
    files: list[str]
    said: str
    code: int

    def differ(self) -> list[str]:
        """The rows that are not as the table says, in words."""
        table, nothing = expected(), ("no row", 0.0)
        return [
            f"{key}: expected {table.get(key, nothing)}, got {self.rows.get(key, nothing)}"
            for key in sorted(table.keys() | self.rows.keys())
            if table.get(key) != self.rows.get(key)
        ]


def grade(folder: Path, *, busy: bool = False) -> Graded:
    """Make the class and the course in a new folder, and grade it, all of it anew.

    Arguments:
        busy: with a process for each processor that does nothing but keep it busy.
    """
    folder.mkdir()
    exercises, submissions, out = course(folder), folder / "in", folder / "out"
    hand_in(submissions)
    temporary = folder / "temporary"
    temporary.mkdir()
    before = files(exercises) | files(submissions)
    command = [sys.executable, "-m", "labsupport", "grade", str(submissions), "--out", str(out)]
    with adopting() as left:
        with spinning(os.cpu_count() or 1 if busy else 0):
            began = time.monotonic()
            done = subprocess.run(
                [*command, "--exercises", str(exercises)],
                cwd=ROOT,
                env={**os.environ, "TMPDIR": str(temporary)},
                capture_output=True,
                text=True,
                timeout=600,
            )
            seconds = time.monotonic() - began
        running = left()
    after = files(exercises) | files(submissions)
    changed = {name for name, _ in before.items() ^ after.items()} | set(files(temporary))
    keys, rows = list[tuple[str, str]](), Found()
    if (out / "grades.csv").is_file():
        with (out / "grades.csv").open(encoding="utf-8", newline="") as book:
            for row in csv.DictReader(book):
                # Before a name that a spreadsheet would calculate, the book puts a '.
                keys.append((re.sub(r"^'(?=[=+@-])", "", row["student"]), row["exercise"]))
                rows[keys[-1]] = row["state"], float(row["points"])
    return Graded(
        rows,
        [key for key in rows if keys.count(key) > 1],
        sum(page.stat().st_size > 500 for page in out.glob("feedback/*/*.html")),
        seconds,
        running,
        sorted(changed),
        done.stdout + done.stderr,
        done.returncode,
    )


def files(folder: Path) -> dict[str, int]:
    """What is in a folder, and how long it is; but nothing that Python compiled."""
    found = (one for one in folder.rglob("*") if "__pycache__" not in one.parts)
    return {str(one): one.lstat().st_size for one in found}


@contextmanager
def spinning(count: int) -> Iterator[None]:
    """So many processes that are always busy."""
    command = [sys.executable, "-c", "while True: pass"]
    running = [subprocess.Popen(command) for _ in range(count)]
    try:
        yield
        assert all(one.poll() is None for one in running)
    finally:
        for one in running:
            one.kill()
            one.wait()
