"""Every exercise there is: right answers pass, wrong ones fail where they should, stubs earn 0."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import nbformat
import pytest

from labsupport.authoring.stubs import CELLS, stub
from labsupport.authoring.wrong_answers import WrongAnswer, wrong_answers
from labsupport.grading import Exercise
from labsupport.grading.batch.outputs.wrong import known
from labsupport.grading.exercise import load
from labsupport.grading.judging import judge
from labsupport.grading.report import Report
from labsupport.grading.sandbox.pen import Pen
from labsupport.grading.submission import cell, take

ROOT = Path(__file__).parents[2]
EXERCISES, LESSONS = ROOT / "exercises", ROOT / "notebooks"
INSTRUCTOR = EXERCISES / "instructor"
NAMES = sorted(path.stem.removeprefix("e") for path in (EXERCISES / "checks").glob("e[0-9]*.py"))

Judged = Callable[..., Report]
"""Judges an answer to the exercise of this name: its cells follow."""


RIGHT = sorted((INSTRUCTOR / "right").glob("[0-9]*/*.py"))
WRONG = [one for name in NAMES for one in wrong_answers(EXERCISES, name)]


def master(name: str) -> Path:
    return INSTRUCTOR / "solutions" / f"{name}.ipynb"


@cache
def whole(name: str) -> Exercise:
    """An exercise with its hidden checks."""
    return load(name, EXERCISES, hidden=True)


@pytest.fixture(scope="module")
def pen(need_tool: Callable[[str], str]) -> Iterator[Pen]:
    """One sandbox for all answers."""
    need_tool("bwrap")
    with Pen() as pen:
        yield pen


@pytest.fixture
def judged(pen: Pen) -> Judged:
    return lambda name, *cells: judge(whole(name), lambda: pen.answer(cells))


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: f"{path.parent.name[:2]} {path.stem}")
def test_a_right_answer_gets_full_marks(path: Path, judged: Judged) -> None:
    report = judged(path.parent.name, path.read_text(encoding="utf-8"))
    assert report.state == "full", report.text() + report.output


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.exercise[:2]} {wrong.name}")
def test_a_wrong_answer_fails_in_the_check_meant_for_it(wrong: WrongAnswer, pen: Pen) -> None:
    exercise, meant = whole(wrong.exercise), wrong.fails
    keys = [check.key for check in exercise.checks]
    up_to = replace(exercise, checks=exercise.checks[: keys.index(meant) + 1])
    report = judge(up_to, lambda: pen.answer([wrong.source]))
    failed = report.failed
    assert failed is not None, f"{wrong.name} passes every check, and {meant} too"
    assert failed.key == meant, report.text() + report.output
    assert failed.next, "a check that fails says what to do next"
    assert report.state in ("partial", "zero", "timeout"), report.text()
    assert report.points < report.max_points


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_gets_full_marks(name: str, judged: Judged) -> None:
    cells = take(master(name), cell(master(name), "imports")).cells
    report = judged(name, *cells)
    assert report.state == "full", report.text() + report.output


@pytest.mark.parametrize("name", NAMES)
def test_the_stub_earns_nothing(name: str, tmp_path: Path, judged: Judged) -> None:
    cells = take(stub_of(name, tmp_path), cell(master(name), "imports")).cells
    report = judged(name, *cells)
    assert (report.state, report.points) == ("zero", 0), report.text()


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_has_its_points_answers_and_sections(name: str) -> None:
    exercise = whole(name)
    assert 9 <= exercise.points <= 12
    assert len([path for path in RIGHT if path.parent.name == name]) >= 3
    assert len([one for one in WRONG if one.exercise == name]) >= 8
    lesson = nbformat.read(LESSONS / exercise.lesson, 4)
    prose = "\n".join(one.source for one in lesson.cells if one.cell_type == "markdown")
    headings = set(re.findall(r"^##+ (.+)$", prose, re.MULTILINE))
    sections = {check.section for check in exercise.checks}
    assert sections <= headings, f"no such heading in {exercise.lesson}: {sections - headings}"


@pytest.mark.parametrize("name", NAMES)
def test_every_check_fails_for_some_wrong_answer(name: str) -> None:
    """By fingerprints.json, which is made by judging them all; test_fingerprints.py looks at it."""
    failed = {
        key
        for wrong in known(EXERCISES)[name]
        for key, verdict in (told.split(" ")[:2] for told in wrong.checks)
        if verdict == "failed"
    }
    never = {check.key for check in whole(name).checks} - failed
    assert not never, f"no wrong answer fails {never}: write one, or take the check out"


@pytest.mark.parametrize("name", NAMES)
def test_what_a_check_needs_comes_before_it(name: str) -> None:
    before: set[str] = set()
    for check in whole(name).checks:
        assert set(check.needs) <= before, f"{check.key} needs {set(check.needs) - before}"
        before.add(check.key)


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_asks_for_what_its_check_cell_hands_over(name: str) -> None:
    source = cell(master(name), "check")
    given = re.search(r"^check\((\d+), (.*)\)$", source, re.MULTILINE)
    assert given, f"expected check({int(name[:2])}, name=name), got {source!r}"
    assert int(given[1]) == whole(name).number == int(name[:2])
    assert given[2] == ", ".join(f"{one}={one}" for one in whole(name).answers)


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_has_three_hints_and_the_cells_of_an_exercise(name: str) -> None:
    cells = nbformat.read(master(name), 4).cells
    assert [one.id for one in cells if one.id in CELLS] == list(CELLS)
    hints = next(one.source for one in cells if one.id == "hints")
    assert re.findall(r"<summary>Hint (\d): ([a-z ]+)</summary>", hints) == [
        ("1", "a question"),
        ("2", "the idea"),
        ("3", "the shape"),
    ]


def stub_of(name: str, folder: Path) -> Path:
    """The notebook that a learner gets, written into `folder`."""
    solution = nbformat.read(master(name), 4)
    path = folder / f"{name}.ipynb"
    nbformat.write(stub(solution, whole(name).points), path)
    return path
