"""A course of nbgrader's with one of our exercises, graded by nbgrader itself.

    python tests/nbgrader_course.py FOLDER NAME ANSWERS

makes nbgrader's course in FOLDER: our checks beside its own folders, the solution as source. It has
nbgrader generate the assignment, hands in an answer for each student (ANSWERS is JSON: a cell's
source for each name, null for the stub as it is), grades them, and prints what each one got.
A program of its own, since nbgrader works in the current folder and is noisy.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EXERCISES = Path(__file__).parents[2] / "exercises"


def lay_out(folder: Path, name: str) -> None:
    """The instructor's side: the solved notebook as nbgrader's source, our visible checks."""
    source = folder / "source" / name
    source.mkdir(parents=True)
    shutil.copy(EXERCISES / "instructor" / "solutions" / f"{name}.ipynb", source)
    shutil.copytree(EXERCISES / "checks", folder / "checks")


def hand_in(folder: Path, name: str, answers: Mapping[str, str | None]) -> None:
    """The learners' side: the notebook that nbgrader made, with the answer cell rewritten."""
    text = (folder / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
    for student, answer in answers.items():
        notebook: dict[str, Any] = json.loads(text)
        if answer is not None:
            (cell,) = [one for one in notebook["cells"] if one["id"] == "answer"]
            cell["source"] = answer
        path = folder / "submitted" / student / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")


def environment(folder: Path) -> dict[str, str]:
    """For nbgrader's processes: it calls `alembic` by name, and keeps out of the user's files."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    own = {"JUPYTER_CONFIG_DIR": str(folder / "config"), "IPYTHONDIR": str(folder / "config")}
    return {**os.environ, **own, "PATH": path}


def main(folder: Path, name: str, answers: Mapping[str, str | None]) -> dict[str, Any]:
    """Each student's score, the most there was, and whether a person must look."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    lay_out(folder, name)
    os.chdir(folder)
    config = Config()
    config.CourseDirectory.course_id = "course"
    nbgrader = NbGraderAPI(config=config)
    steps = [nbgrader.generate_assignment(name)]
    hand_in(folder, name, answers)
    steps += [nbgrader.autograde(name, student) for student in answers]
    failed = [step["log"] for step in steps if not step["success"]]
    assert not failed, failed[0]
    with nbgrader.gradebook as book:
        found = {student: book.find_submission(name, student) for student in answers}
        return {
            student: [one.score, one.max_score, bool(one.needs_manual_grade)]
            for student, one in found.items()
        }


if __name__ == "__main__":
    told = main(Path(sys.argv[1]).resolve(), sys.argv[2], json.loads(sys.argv[3]))
    sys.stdout.write(json.dumps(told) + "\n")
