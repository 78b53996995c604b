"""Grading on a real Dask cluster: two worker processes, one of them killed half-way."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import scratch_course
from dask_cluster import Cluster, dask, program, until
from scratch_course import NAME, NOTHING, RIGHT, hand_in

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is Linux's"),
    pytest.mark.timeout(300),
]

EARLY = "def decode(chunks):\n    list(chunks)\n    raise KeyError('soup')\n"
"""Defines the name and earns nothing."""

ANSWERS = {
    **{f"right{number}": (RIGHT, "full", "12") for number in range(12)},
    **{f"wrong{number}": (NOTHING, "zero", "0") for number in range(3)},
    **{f"raises{number}": (EARLY, "zero", "0") for number in range(2)},
}
"""By student: an answer to exercise 02, and the state and points that it must get."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    exercises = scratch_course.make(folder)
    for path in exercises.rglob("*52_*"):
        path.unlink()
    for student, (source, _, _) in ANSWERS.items():
        hand_in(folder / "in", student, f"# {student}\n{source}")
    hand_in(folder / "in", "twin", f"# right0\n{RIGHT}")
    (folder / "in" / "nothing").mkdir()
    (folder / "in" / "broken").mkdir()
    (folder / "in" / "broken" / f"{NAME}.ipynb").write_bytes(b"no notebook")
    return exercises


EXPECTED = {
    **{student: (state, points) for student, (_, state, points) in ANSWERS.items()},
    "twin": ("full", "12"),
    "nothing": ("missing", "0"),
    "broken": ("unreadable", "0"),
}


def grade(course: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    """The command, under way."""
    where = [str(course.parent / "in"), "--out", str(out), "--exercises", str(course)]
    return subprocess.Popen(
        program("labsupport", "grade", *where, *more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(running: subprocess.Popen[str]) -> str:
    """What it said, after it went well."""
    _, said = running.communicate(timeout=120)
    assert running.returncode == 0, said
    return said


def judged(out: Path) -> list[str]:
    """The students whose answers were judged by now, as often as they have a row."""
    path = out / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    rows = [json.loads(line) for line in lines if line.endswith(b"\n")]
    return [row["student"] for row in rows if row["report"]]


def book(out: Path) -> list[tuple[str, tuple[str, str]]]:
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return [(row["student"], (row["state"], row["points"])) for row in csv.DictReader(file)]


@dataclass
class Loss:
    """What was seen when one of two workers was killed while a class was graded."""

    out: Path
    before: list[str]
    after: list[str]
    own: list[psutil.Process]
    left: list[psutil.Process]
    cluster: Cluster


@pytest.fixture(scope="module")
def loss(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loss]:
    folder = tmp_path_factory.mktemp("cluster")
    out = folder / "out"
    with dask(folder, 2) as made:
        lost = made.workers[0]
        running = grade(course, out, "--scheduler", made.address)
        until(lambda: len(judged(out)) >= 3, "rows")
        until(lambda: lost.children(), "a judge of the worker that will be lost")
        before, own = judged(out), lost.children(recursive=True)
        lost.send_signal(signal.SIGKILL)
        after = judged(out)
        ended(running)
        yield Loss(out, before, after, own, made.judging(), made)


def test_it_was_killed_half_way_and_while_it_judged(loss: Loss) -> None:
    assert 3 <= len(loss.before) <= len(loss.after) < len(ANSWERS)
    assert loss.own
    gone, alive = psutil.wait_procs(loss.own, timeout=30)
    assert alive == [], "its judge outlived it"


def test_every_row_comes_once_and_as_expected(loss: Loss) -> None:
    rows = book(loss.out)
    assert dict(rows) == EXPECTED
    assert len(rows) == len(EXPECTED)
    lines = judged(loss.out)
    assert sorted(lines) == sorted([*ANSWERS, "twin"])
    assert lines[: len(loss.after)] == loss.after, "a row that was there has been written again"


def test_the_rows_are_those_of_one_machine(course: Path, loss: Loss) -> None:
    alone, some = loss.out.with_name("alone"), ["right0", "wrong0", "raises0", "broken", "nothing"]
    ended(grade(course, alone, *(word for one in some for word in ("--only", one))))
    rows = json.loads((alone / "grades.json").read_text(encoding="utf-8"))
    assert [row["student"] for row in rows] == sorted(some)
    everybody = json.loads((loss.out / "grades.json").read_text(encoding="utf-8"))
    assert [row for row in everybody if row["student"] in some] == rows


def test_nothing_of_a_run_stays_with_the_workers(loss: Loss) -> None:
    assert loss.left == []


def test_a_worker_that_lives_on_judges_by_the_checks_of_now(course: Path, loss: Loss) -> None:
    checks = next((course / "checks").glob("e02_*.py"))
    text = checks.read_text(encoding="utf-8")
    try:
        changed = re.sub(r"(blank line\", points)=1\b", r"\1=3", text)
        assert changed != text
        checks.write_text(changed, encoding="utf-8")
        where = loss.out.with_name("changed")
        ended(grade(course, where, "--scheduler", loss.cluster.address, "--only", "right1"))
        assert book(where) == [("right1", ("full", "14"))]
    finally:
        checks.write_text(text, encoding="utf-8")
