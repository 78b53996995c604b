"""nbgrader itself makes an assignment of our exercise, and grades answers to it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import nbgrader_course
import pytest

from labsupport.authoring.stubs import without_solution
from labsupport.grading.exercise import load

NAME = "02_decode_a_stream"
EXERCISES = nbgrader_course.EXERCISES
POINTS = load(NAME, EXERCISES).points


def right() -> str:
    """A right answer that is not the solution's own."""
    path = EXERCISES / "instructor" / "right" / NAME / "byte_by_byte.py"
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """nbgrader's course folder, with everything graded; `scores.json` has what each one got."""
    folder = tmp_path_factory.mktemp("course")
    answers = json.dumps({"right": right(), "stub": None})
    ran = subprocess.run(
        [sys.executable, nbgrader_course.__file__, str(folder), NAME, answers],
        env=nbgrader_course.environment(folder),
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    (folder / "scores.json").write_text(ran.stdout.splitlines()[-1])
    return folder


def cells(path: Path) -> dict[str, Any]:
    return {one.id: one for one in nbformat.read(path, 4).cells}


def test_a_right_answer_gets_all_points_and_the_stub_none(course: Path) -> None:
    scores = json.loads((course / "scores.json").read_text())
    assert scores == {"right": [POINTS, POINTS, False], "stub": [0.0, POINTS, False]}


def test_the_assignment_is_our_stub_but_for_what_stands_in_the_gap(course: Path) -> None:
    made = cells(course / "release" / NAME / f"{NAME}.ipynb")
    ours = cells(EXERCISES / f"{NAME}.ipynb")
    assert list(made) == list(ours)
    assert [name for name in made if made[name].source != ours[name].source] == ["answer"]
    solution = cells(EXERCISES / "instructor" / "solutions" / f"{NAME}.ipynb")["answer"].source
    before, gap, _ = without_solution(solution).partition("    # TODO")
    assert gap
    assert made["answer"].source.startswith(before)
    assert "raise NotImplementedError()" in made["answer"].source


def test_what_a_learner_must_not_change_is_locked(course: Path) -> None:
    made = cells(course / "release" / NAME / f"{NAME}.ipynb")
    open_to_all = {
        name
        for name, cell in made.items()
        if not cell.metadata.get("nbgrader", {"locked": False})["locked"]
    }
    assert open_to_all == {"answer", "scratch"}
    assert made["check"].metadata["nbgrader"]["points"] == POINTS


def test_a_graded_stub_says_what_our_check_cell_says(course: Path) -> None:
    graded = cells(course / "autograded" / "stub" / NAME / f"{NAME}.ipynb")
    shown, error = graded["check"].outputs
    assert "✗  dispatches on a blank line" in shown.data["text/plain"]
    assert (error.output_type, error.ename) == ("error", "NotYet")
