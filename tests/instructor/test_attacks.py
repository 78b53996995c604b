"""Hostile submissions, graded as one class: no unearned point, no delay, nothing left behind."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import scratch_course
from attacks import ATTACKS, Attack
from leftovers import adopting

from labsupport.grading.batch.grade import grade, names, pool
from labsupport.grading.batch.outputs import write_books
from labsupport.grading.batch.pool import Job, Worker
from labsupport.grading.batch.rows import Row
from labsupport.grading.exercise import load

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is Linux's"),
    pytest.mark.timeout(300),  # the class is graded in the first test
]

OVER = 15.0
"""Seconds more than its own that an answer may hold a worker up: to be started, killed, and taken
away, on a machine that does much else. Most need none."""


def files(folder: Path) -> dict[str, int]:
    """What is in a folder, and how long it is."""
    return {str(one): one.lstat().st_size for one in sorted(folder.rglob("*"))}


@dataclass
class Outcome:
    """What came of grading all attacks."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    late: dict[str, float] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    temporary: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    reached: int = 0
    out: Path = Path()


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """All attacks, handed in by one class and graded by two workers."""
    folder = tmp_path_factory.mktemp("attacks")
    exercises = scratch_course.make(folder)
    known = {name: load(name, exercises) for name in names(exercises)}
    submissions, temporary = folder / "in" / "submissions", folder / "temporary"
    temporary.mkdir()
    made = Outcome(out=folder / "out")
    judge = Worker.judge

    def timed(worker: Worker, job: Job) -> dict[str, Any] | None:
        began = time.monotonic()
        told = judge(worker, job)
        made.late[job["key"]] = time.monotonic() - began - known[job["exercise"]].seconds
        return told

    with pytest.MonkeyPatch.context() as patch, adopting() as left, Outside() as outside:
        for attack in ATTACKS:
            attack.hand_in(submissions, outside.port)
        patch.setattr("tempfile.tempdir", str(temporary))
        patch.setattr(Worker, "judge", timed)
        patch.setenv("THE_GRADERS_SECRET", "THE_GRADERS_SECRET")
        there = files(folder / "in") | files(exercises)
        rows = grade(submissions, made.out, exercises, run=pool(2, caged=True))
        made.running = left()
        made.temporary = list(files(temporary))
        now = files(folder / "in") | files(exercises)
        made.changed = {name for name, _ in set(there.items()) ^ set(now.items())}
        made.reached = outside.reached
    made.rows = {(row.student, row.exercise): row for row in rows}
    assert len(rows) == len(made.rows)
    write_books(rows, made.out, exercises)
    yield made


class Outside:
    """Servers of this machine that no answer may reach; `reached` counts who did."""

    def __enter__(self) -> Outside:
        self.reached = 0
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._tcp.getsockname()[1]
        self._unix = socket.socket(socket.AF_UNIX)
        self._unix.bind(f"\0labsupport test {self.port}")
        self._unix.listen()
        for one in (self._tcp, self._unix):
            threading.Thread(target=self._take, args=(one,), daemon=True).start()
        return self

    def _take(self, listener: socket.socket) -> None:
        while True:
            try:
                listener.accept()[0].close()
            except OSError:
                return
            self.reached += 1

    def __exit__(self, *_: object) -> None:
        for one in (self._tcp, self._unix):
            one.shutdown(socket.SHUT_RDWR)
            one.close()


def test_there_are_enough_of_them_and_no_two_share_a_row() -> None:
    assert len(ATTACKS) >= 40
    assert len({attack.key for attack in ATTACKS}) == len(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: ascii(attack.name)[1:41])
def test_the_attack_gets_its_row(attack: Attack, outcome: Outcome) -> None:
    row = outcome.rows[attack.key]
    assert (row.state, row.points) == (attack.state, attack.points), row
    failed = row.report.failed if row.report else None
    words = [row.note, *([failed.expected, failed.got, failed.next] if failed else [])]
    assert attack.note in " ".join(words), words
    output = row.report.output if row.report else ""
    assert attack.said in output, output
    assert not attack.unsaid or attack.unsaid not in output


def test_none_is_held_against_the_judge(outcome: Outcome) -> None:
    assert [row for row in outcome.rows.values() if row.state == "not graded"] == []


def test_none_holds_a_worker_up_beyond_its_own_time(outcome: Outcome) -> None:
    slow = {key for key, late in outcome.late.items() if late > OVER}
    assert [row.student for row in outcome.rows.values() if row.key in slow] == []


def test_none_leaves_a_process(outcome: Outcome) -> None:
    assert outcome.running == []


def test_none_leaves_or_changes_a_file(outcome: Outcome) -> None:
    assert outcome.temporary == []
    assert outcome.changed == set()
    assert not list(outcome.out.parent.rglob("*evil*"))


def test_none_reaches_a_server_outside(outcome: Outcome) -> None:
    assert outcome.reached == 0


def test_the_books_hold_every_row(outcome: Outcome) -> None:
    lines = (outcome.out / "grades.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(outcome.rows) + 1
