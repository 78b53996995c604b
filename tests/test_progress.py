"""How far a learner has come: a standing an exercise, and nothing is judged twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import small_course
from small_course import ADD, GREET, HALF, RIGHT, SUM, Plain, Workers, put, write

from labsupport.grading.progress import KEPT, Standing, progress
from labsupport.grading.report import Report


@pytest.fixture
def exercises(tmp_path: Path) -> Path:
    return small_course.make(tmp_path)


def standings(exercises: Path, workers: Workers | None = None) -> list[Standing]:
    return list(progress(exercises, workers or Workers()))


def told(exercises: Path, workers: Workers | None = None) -> list[tuple[str, float]]:
    return [(one.state, one.points) for one in standings(exercises, workers)]


def test_of_a_new_course_nothing_is_begun(exercises: Path) -> None:
    assert standings(exercises) == [
        Standing(GREET, "Greet a guest", "not begun", 0, 3),
        Standing(ADD, "Add the bill", "not begun", 0, 4),
    ]


def test_what_is_begun_says_the_check_to_come(exercises: Path) -> None:
    write(exercises, HALF, "def add(prices): return 0")
    assert standings(exercises) == [
        Standing(GREET, "Greet a guest", "begun", 1, 3, "next: greets everybody"),
        Standing(ADD, "Add the bill", "begun", 0, 4, "next: adds"),
    ]


def test_what_earned_something_is_begun_also_if_a_part_is_not_written(exercises: Path) -> None:
    stub = "if guest != 'Ada':\n        raise NotImplementedError\n    return 'Hello, Ada!'"
    write(exercises, f"def greet(guest):\n    {stub}")
    assert told(exercises)[0] == ("begun", 1)


def test_what_is_done_is_done_with_the_visible_checks(exercises: Path) -> None:
    write(exercises, RIGHT, SUM)
    assert told(exercises) == [("done", 3), ("done", 4)]


def test_what_cannot_be_read_costs_no_other(exercises: Path) -> None:
    write(exercises, add=SUM)
    put(exercises / f"{GREET}.ipynb", "{")
    first, second = standings(exercises)
    assert (first.state, first.points, first.max_points) == ("unreadable", 0, 3)
    assert first.next.startswith("expected a Jupyter notebook of format 4, got text that is not J")
    assert second.state == "done"


def test_what_did_not_change_is_not_judged_again_nor_a_worker_made(exercises: Path) -> None:
    write(exercises, HALF, SUM)
    first, again = Workers(), Workers()
    assert standings(exercises, first) == standings(exercises, again)
    assert (first.judged, len(first.made)) == ([GREET, ADD], 1)
    assert again.made == []


def test_a_changed_answer_or_a_changed_check_is_judged_again(exercises: Path) -> None:
    standings(exercises)
    write(exercises, RIGHT)
    workers = Workers()
    assert told(exercises, workers) == [("done", 3), ("not begun", 0)]
    path = exercises / "checks" / f"e{ADD}.py"
    path.write_text(path.read_text().replace("points=4", "points=5"))
    assert standings(exercises, workers)[1].max_points == 5
    assert workers.judged == [GREET, ADD]


def test_outputs_and_the_courses_own_cells_change_nothing(exercises: Path) -> None:
    standings(exercises)
    path = exercises / f"{GREET}.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["id"] != "imports":
            cell |= {"outputs": [{"output_type": "stream", "text": "x"}], "execution_count": 3}
        if cell["id"] in ("scratch", "check"):
            cell["source"] = "2 / 0"
    path.write_text(json.dumps(notebook))
    workers = Workers()
    standings(exercises, workers)
    assert workers.judged == []


def test_a_run_that_was_interrupted_goes_on(exercises: Path) -> None:
    class Impatient(Plain):
        def judge(self, job: dict[str, Any]) -> dict[str, Any] | None:
            if job["exercise"] == ADD:
                raise KeyboardInterrupt
            return super().judge(job)

    write(exercises, RIGHT, SUM)
    with pytest.raises(KeyboardInterrupt):
        standings(exercises, Workers(Impatient))
    workers = Workers()
    assert told(exercises, workers) == [("done", 3), ("done", 4)]
    assert workers.judged == [ADD]


@pytest.mark.parametrize(
    "kept",
    ["", "{", "[]", "null", '{"x": 1}', '{"x": {"exercise": 1}}', '{"x": {"results": [{"a": 1}]}}'],
)
def test_what_was_kept_and_cannot_be_read_is_judged_again(kept: str, exercises: Path) -> None:
    before = standings(exercises)
    told = json.loads((exercises / KEPT).read_text())
    assert len(told) == 2
    put(exercises / KEPT, kept)
    assert standings(exercises) == before
    assert json.loads((exercises / KEPT).read_text()) == told


def test_a_report_of_another_version_of_the_bench_is_judged_again(exercises: Path) -> None:
    before = standings(exercises)
    told = json.loads((exercises / KEPT).read_text())
    for report in told.values():
        report["results"][0]["mood"] = "good"
    put(exercises / KEPT, json.dumps(told))
    assert standings(exercises) == before


def test_our_own_failure_is_said_and_tried_again(exercises: Path) -> None:
    class Broken(Plain):
        def judge(self, job: dict[str, Any]) -> dict[str, Any] | None:
            return Report(1, "Greet a guest", "not graded", note="KeyError").json()

    write(exercises, RIGHT, SUM)
    assert standings(exercises, Workers(Broken))[0] == Standing(
        GREET, "Greet a guest", "begun", 0, 3, "not judged"
    )
    assert told(exercises) == [("done", 3), ("done", 4)]


def test_a_worker_that_said_nothing_is_not_asked_again(exercises: Path) -> None:
    """What it says later would be taken for its word on the next exercise."""

    class Silent(Plain):
        def judge(self, job: dict[str, Any]) -> dict[str, Any] | None:
            return None if job["exercise"] == GREET else super().judge(job)

    write(exercises, RIGHT, SUM)
    workers = Workers(Silent)
    first, second = standings(exercises, workers)
    assert (first.state, first.points, first.max_points, first.next) == (
        "begun",
        0,
        3,
        "not judged",
    )
    assert (second.state, len(workers.made)) == ("done", 2)


def test_a_line_is_for_a_person() -> None:
    lines = [
        Standing(GREET, "Greet a guest", "done", 3, 3),
        Standing(GREET, "Greet a guest", "begun", 1.5, 3, "next: greets everybody"),
        Standing(ADD, "Add the bill", "not begun", 0, 4),
        Standing(ADD, "Add the bill", "unreadable", 0, 4, "no file"),
    ]
    assert [one.line() for one in lines] == [
        " ✓  01  Greet a guest                          3 of 3",
        " ◐  01  Greet a guest                        1.5 of 3   next: greets everybody",
        " ·  02  Add the bill                           0 of 4",
        " ✗  02  Add the bill                           0 of 4   no file",
    ]
