"""`python -m labsupport check NOTEBOOK`: the saved file, the visible checks, 0 for full marks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import small_course
from small_course import (
    ADD,
    GREET,
    HALF,
    IMPORTS,
    RIGHT,
    STUB,
    SUM,
    Plain,
    cell,
    exercise,
    notebook,
    put,
)

from labsupport import __main__ as program
from labsupport.grading import command
from labsupport.grading.cell import NotYet
from labsupport.grading.cell import check as check_cell
from labsupport.grading.report import Report

Said = pytest.CaptureFixture[str]


@pytest.fixture
def exercises(tmp_path: Path) -> Path:
    return small_course.make(tmp_path)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[Plain]:
    """The workers that the command has made."""
    made: list[Plain] = []

    def make(*, caged: bool) -> Plain:
        made.append(Plain(caged=caged))
        return made[-1]

    monkeypatch.setattr(command, "Worker", make)
    monkeypatch.setattr(command.bubblewrap, "trouble", lambda: "")
    return made


def check(path: Path, *more: str) -> int:
    return program.main(["check", str(path), *more])


def written(exercises: Path, answer: str, name: str = GREET) -> Path:
    return put(exercises / f"{name}.ipynb", exercise(answer))


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is Linux's")
def test_in_the_sandbox_it_says_what_the_check_cell_says(
    exercises: Path,
    need_tool: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Said,
) -> None:
    need_tool("bwrap")
    assert check(written(exercises, HALF)) == 1
    said = capsys.readouterr()
    monkeypatch.chdir(exercises)
    with pytest.raises(NotYet):
        check_cell(1, greet=lambda guest: "Hello, Ada!")
    assert (said.out.rstrip(), said.err) == (capsys.readouterr().out.rstrip(), "")


@pytest.mark.parametrize(
    ("answer", "code", "passed"), [(RIGHT, 0, "2 of 2"), (HALF, 1, "1 of 2"), (STUB, 1, "0 of 2")]
)
def test_full_marks_are_0_and_anything_less_is_1(
    answer: str, code: int, passed: str, exercises: Path, workers: list[Plain], capsys: Said
) -> None:
    assert check(written(exercises, answer)) == code
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == f"Exercise 1 · Greet a guest{passed:>48}"
    assert said.err == ""


def test_it_judges_by_the_visible_checks_with_the_seed_of_grade(
    exercises: Path, workers: list[Plain]
) -> None:
    assert check(written(exercises, RIGHT)) == 0
    (worker,) = workers
    (job,) = worker.jobs
    assert (job["exercise"], job["hidden"], job["seed"]) == (GREET, False, 0)
    assert job["exercises"] == str(exercises)
    assert worker.stopped


@pytest.mark.parametrize("trouble", ["", "bubblewrap is not installed"])
def test_it_runs_in_the_sandbox_where_there_is_one(
    trouble: str, exercises: Path, workers: list[Plain], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command.bubblewrap, "trouble", lambda: trouble)
    assert check(written(exercises, RIGHT)) == 0
    assert [one.caged for one in workers] == [not trouble]


@pytest.mark.parametrize(("answer", "state", "code"), [(RIGHT, "full", 0), (HALF, "partial", 1)])
def test_it_speaks_json(
    answer: str, state: str, code: int, exercises: Path, workers: list[Plain], capsys: Said
) -> None:
    assert check(written(exercises, answer), "--json") == code
    out = capsys.readouterr().out
    told = json.loads(out)
    assert out.endswith("}\n")
    assert (told["state"], told["max_points"]) == (state, 3)
    report = Report.from_json(told)
    assert [one.key for one in report.results] == ["ada", "everybody"]
    assert report.points == told["points"]


def test_the_courses_imports_are_run_and_not_the_learners(
    exercises: Path, workers: list[Plain], tmp_path: Path
) -> None:
    """A copy that lies elsewhere in the course, with an imports cell that was changed."""
    cells = [cell("imports", "1 / 0"), cell("answer", RIGHT)]
    for name in (GREET, "01_greet_a_guest (1)", "01_mine"):
        assert check(put(exercises / "mine" / f"{name}.ipynb", notebook(cells))) == 0
    assert [job["cells"] for one in workers for job in one.jobs] == [(IMPORTS, RIGHT)] * 3


def test_what_was_odd_and_did_no_harm_is_noted(
    exercises: Path, workers: list[Plain], capsys: Said
) -> None:
    path = put(exercises / f"{ADD}.ipynb", notebook([cell("mine", SUM)]))
    assert check(path) == 0
    last = "note: the cell 'answer' is not there; the other cells were run"
    assert capsys.readouterr().out.splitlines()[-1] == last
    assert check(path, "--json") == 0
    assert json.loads(capsys.readouterr().out)["state"] == "full"


def test_what_a_terminal_takes_for_orders_does_not_come_through(
    exercises: Path, workers: list[Plain], capsys: Said
) -> None:
    answer = "def greet(guest):\n    raise ValueError('\\x1b[2J [bold] :smile:')"
    assert check(written(exercises, answer)) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "[2J [bold] :smile:" in out


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        (GREET, None, "expected a Jupyter notebook of format 4, got no file. Next: Hand in the"),
        (GREET, "{", "expected a Jupyter notebook of format 4, got text that is not JSON. Next: "),
        ("07_none", "{}", "expected the checks of exercise 07 in checks/, got e01_greet_a_guest, "),
        ("untitled", "{}", "expected the checks of exercise ? in checks/, got e01_greet_a_guest, "),
    ],
)
def test_what_cannot_be_judged_is_one_line_and_no_worker_is_made(
    name: str,
    data: str | None,
    said: str,
    exercises: Path,
    workers: list[Plain],
    capsys: Said,
) -> None:
    path = exercises / "mine" / f"{name}.ipynb"
    path.parent.mkdir()
    if data:
        put(path, data)
    assert check(path) == 1
    out, err = capsys.readouterr()
    assert (out, err[: len(said)], err.count("\n")) == ("", said, 1)
    assert workers == []


def test_outside_of_a_course_it_says_where_to_go(tmp_path: Path, capsys: Said) -> None:
    assert check(put(tmp_path / f"{GREET}.ipynb", exercise(RIGHT))) == 1
    assert capsys.readouterr().err.startswith("expected a folder exercises/ with checks/ in it")


def test_without_a_notebook_it_is_wrong_use(capsys: Said) -> None:
    with pytest.raises(SystemExit) as stop:
        program.main(["check"])
    assert stop.value.code == 2
    assert "the following arguments are required: NOTEBOOK" in capsys.readouterr().err


@pytest.mark.parametrize("told", [None, "interrupted"])
def test_a_judging_that_does_not_end_is_said_and_the_worker_is_stopped(
    told: Any,
    exercises: Path,
    workers: list[Plain],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Said,
) -> None:
    def judge(self: Plain, job: dict[str, Any]) -> None:
        if told:
            raise KeyboardInterrupt

    monkeypatch.setattr(Plain, "judge", judge)
    code, said = (130, "interrupted") if told else (1, "expected a judging that ends, got none.")
    assert check(written(exercises, RIGHT)) == code
    assert capsys.readouterr().err.startswith(said)
    assert [one.stopped for one in workers] == [True]
