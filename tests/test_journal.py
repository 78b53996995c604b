"""The journal of a run: what a kill at any byte leaves is read, and gone on from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labsupport.errors import UsageError
from labsupport.grading.batch.journal import Journal, write


def row(student: str, state: str = "full", **more: Any) -> dict[str, Any]:
    return {"student": student, "exercise": "02", "state": state, **more}


def kept(path: Path) -> list[dict[str, Any]]:
    """The rows, as the next run would find them, in their order."""
    journal = Journal(path)
    journal.close()
    return list(journal.rows.values())


ROWS = [row("ada"), row("Zoë\u2028\n"), row("bob", note='"\r\n'), row("cyd", report={"a": [1]})]


def full(path: Path) -> bytes:
    journal = Journal(path)
    for one in ROWS:
        journal.add(one)
    journal.close()
    return path.read_bytes()


def test_a_row_is_there_again(tmp_path: Path) -> None:
    full(tmp_path / "out" / "journal.jsonl")
    assert kept(tmp_path / "out" / "journal.jsonl") == ROWS


def test_cut_anywhere_it_keeps_whole_rows_and_takes_the_rest_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    data = full(path)
    for at in range(len(data) + 1):
        path.write_bytes(data[:at])
        there = data[:at].count(b"\n")
        journal = Journal(path)
        assert list(journal.rows.values()) == ROWS[:there]
        for one in ROWS[there:]:
            journal.add(one)
        journal.close()
        assert path.read_bytes() == data


def test_a_line_that_is_none_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    lines = full(path).splitlines(keepends=True)
    for bad in (b"\xff\n", b"[1]\n", b"{}\n", b"\n", b'{"student": [], "exercise": 1}\n'):
        path.write_bytes(b"".join([*lines[:2], bad, *lines[2:]]))
        assert kept(path) == ROWS


def test_the_last_row_for_a_student_counts(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.add(row("ada", "not graded"))
    journal.add(row("ada", "full"))
    journal.close()
    assert kept(path) == [row("ada", "full")]


def test_text_that_no_encoding_carries_is_written_all_the_same(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.add(row("ada", note="\ud800"))
    journal.close()
    assert kept(tmp_path / "journal.jsonl") == [row("ada", note="?")]


@pytest.mark.skipif(sys.platform == "win32", reason="no lock there that a kill lets go")
def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "out" / "journal.jsonl"
    first = Journal(path)
    with pytest.raises(UsageError, match=r"got another one that is still at work there\. Next: W"):
        Journal(path)
    first.add(row("ada"))
    first.close()
    assert kept(path) == [row("ada")]


KILLED = """
import os, signal, sys
from pathlib import Path
from labsupport.grading.batch.journal import Journal
journal = Journal(Path(sys.argv[1]))
for number in range(3):
    journal.add({"student": str(number), "exercise": "02", "state": "full"})
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_what_was_added_is_there_after_a_kill_and_so_is_the_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)])
    assert done.returncode == -9
    assert [one["student"] for one in kept(path)] == ["0", "1", "2"]


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "grades.json"
    write(path, json.dumps({"a": "ü"}))
    write(path, b"second")
    assert [one.name for one in path.parent.iterdir()] == ["grades.json"]
    assert path.read_bytes() == b"second"


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "grades.json"
    path.mkdir()
    with pytest.raises(OSError):
        write(path, "new")
    assert [one.name for one in tmp_path.iterdir()] == ["grades.json"]
