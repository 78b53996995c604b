"""`grade` as a command: killed, interrupted, without a sandbox."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from scratch_course import NOTHING, hand_in, journal

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is Linux's")
pytestmark = pytest.mark.timeout(240)


def command(submissions: Path, course: Path, *more: str) -> list[str]:
    out = course.parent / "out"
    base = [sys.executable, "-m", "labsupport", "grade", str(submissions), "--out", str(out)]
    return [*base, "--exercises", str(course), *more]


def below(process: psutil.Process) -> set[psutil.Process]:
    try:
        return set(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return set()


def end_at(command: list[str], out: Path, rows: int, sign: int) -> tuple[int, str]:
    """Run it, and send it a signal when the journal has so many rows; nothing of it may stay."""
    running = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process, own = psutil.Process(running.pid), set[psutil.Process]()
    until = time.monotonic() + 120
    while running.poll() is None and len(journal(out)) < rows:
        assert time.monotonic() < until, "no rows"
        own |= below(process)
        time.sleep(0.01)
    own |= below(process)
    running.send_signal(sign)
    _, said = running.communicate(timeout=60)
    gone, alive = psutil.wait_procs(own, timeout=30)
    assert alive == []
    return running.returncode, said


@on_linux
def test_killed_at_any_moment_and_begun_again_no_row_is_lost_or_doubled(
    course: Path, submissions: Path
) -> None:
    hand_in(submissions, "wrong", NOTHING)
    (submissions / "none").mkdir()
    out = course.parent / "out"
    run = command(submissions, course, "--jobs", "2")
    for rows, jobs in ((0, "1"), (1, "2"), (4, "1")):
        code, _ = end_at(command(submissions, course, "--jobs", jobs), out, rows, signal.SIGKILL)
        assert code == -signal.SIGKILL
        assert len(journal(out)) >= rows
    kept = {row["student"]: row for row in journal(out)}
    done = subprocess.run(run, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["student"]: (row["state"], row["points"]) for row in rows} == {
        **{f"s{number}": ("full", "12") for number in range(6)},
        "wrong": ("zero", "0"),
        "none": ("missing", "0"),
    }
    assert len(rows) == 8
    lines = journal(out)
    assert len(lines) == len({row["student"] for row in lines}) == 8
    assert all(row in lines for row in kept.values())


@on_linux
def test_ctrl_c_says_so_and_leaves_nothing(course: Path, submissions: Path) -> None:
    hand_in(submissions, "zz", "import time; time.sleep(600)")
    out = course.parent / "out"
    code, said = end_at(command(submissions, course, "--jobs", "2"), out, 1, signal.SIGINT)
    assert (code, said.splitlines()[-1:]) == (130, ["interrupted"])
    assert journal(out)


def test_without_a_sandbox_it_refuses_and_says_what_to_do(course: Path, submissions: Path) -> None:
    run = command(submissions, course)
    done = subprocess.run(
        run, capture_output=True, text=True, timeout=60, env={**os.environ, "PATH": "nowhere"}
    )
    assert done.returncode == 1
    assert "expected a sandbox for strangers' code, got bubblewrap is not installed" in done.stderr
    assert "say --sandbox none if you trust every answer" in done.stderr
    assert journal(course.parent / "out") == []


def test_without_a_sandbox_it_grades_if_that_is_said_aloud(course: Path, submissions: Path) -> None:
    run = command(submissions, course, "--sandbox", "none", "--only", "s1")
    done = subprocess.run(
        run, capture_output=True, text=True, timeout=120, env={**os.environ, "PATH": "nowhere"}
    )
    assert done.returncode == 0, done.stderr
    assert [row["state"] for row in journal(course.parent / "out")] == ["full"]
