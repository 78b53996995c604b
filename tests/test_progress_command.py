"""`python -m labsupport progress`: a line an exercise, and 0 when all of them are done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import small_course
from small_course import GREET, HALF, RIGHT, SUM, Plain, Workers, write

from labsupport import __main__ as program
from labsupport.grading import command


@pytest.fixture
def exercises(tmp_path: Path) -> Path:
    return small_course.make(tmp_path)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Workers:
    """What the command takes for its workers."""
    made = Workers()
    monkeypatch.setattr(command, "Worker", made)
    monkeypatch.setattr(command.bubblewrap, "trouble", lambda: "")
    return made


def test_the_command_prints_a_line_each_and_the_points(
    exercises: Path,
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(exercises.parent)
    write(exercises, HALF, SUM)
    assert program.main(["progress"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        " ◐  01  Greet a guest                          1 of 3   next: greets everybody",
        " ✓  02  Add the bill                           4 of 4",
        "",
        "5 of 7 points with the visible checks",
    ]
    write(exercises, RIGHT)
    assert program.main(["progress"]) == 0
    assert capsys.readouterr().out.endswith("\n7 of 7 points with the visible checks\n")
    assert [(one.caged, one.stopped) for one in workers.made] == [(True, True)] * 2


def test_the_command_speaks_json(
    exercises: Path,
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(exercises)
    write(exercises, HALF)
    assert program.main(["progress", "--json"]) == 1
    first, second = json.loads(capsys.readouterr().out)
    assert first == {
        "exercise": GREET,
        "title": "Greet a guest",
        "state": "begun",
        "points": 1,
        "max_points": 3,
        "next": "next: greets everybody",
    }
    assert (second["state"], second["next"]) == ("not begun", "")


def test_the_command_stops_its_worker_also_if_it_is_interrupted(
    exercises: Path,
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Interrupted(Plain):
        def judge(self, job: dict[str, Any]) -> dict[str, Any] | None:
            raise KeyboardInterrupt

    workers.kind = Interrupted
    monkeypatch.chdir(exercises)
    assert program.main(["progress"]) == 130
    assert capsys.readouterr().err == "interrupted\n"
    assert [one.stopped for one in workers.made] == [True]


def test_outside_of_a_course_it_says_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert program.main(["progress"]) == 1
    assert capsys.readouterr().err.startswith("expected a folder exercises/ with checks/ in it")
