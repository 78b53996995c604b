"""fingerprints.json: made by judging the wrong answers, and as the course is now."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import scratch_course

from labsupport.authoring import fingerprints
from labsupport.authoring.wrong_answers import wrong_answers
from labsupport.errors import BenchError
from labsupport.grading.batch.outputs.wrong import FILE, fingerprint, known
from labsupport.grading.exercise import load

EXERCISES = Path(__file__).parents[2] / "exercises"
AGAIN = "run: python -m labsupport.authoring.fingerprints"
KEPT = known(EXERCISES)
NAMES = fingerprints.there(EXERCISES)
NAME = scratch_course.NAME


@pytest.fixture(autouse=True)
def tools(need_tool: object) -> None:
    assert callable(need_tool)
    need_tool("bwrap")


def test_every_exercise_has_its_fingerprints_and_no_other() -> None:
    assert sorted(KEPT) == NAMES, AGAIN


@pytest.mark.parametrize("name", NAMES)
def test_fingerprints_are_of_the_wrong_answers_and_checks_that_there_are(name: str) -> None:
    there = wrong_answers(EXERCISES, name)
    kept = [(one.name, one.wrong) for one in KEPT.get(name, [])]
    assert kept == [(one.name, one.says) for one in there], AGAIN
    keys = [check.key for check in load(name, EXERCISES, hidden=True).checks]
    for one, answer in zip(KEPT[name], there, strict=True):
        told = [check.split(" ", 2) for check in one.checks]
        assert [words[0] for words in told] == keys, f"{one.name}: {AGAIN}"
        failed = [words[0] for words in told if words[1] == "failed"]
        assert failed[:1] == [answer.fails], f"{one.name}: {AGAIN}"


def test_judged_again_the_second_exercise_gives_what_is_kept() -> None:
    reports = fingerprints.judged(EXERCISES, [NAME])[NAME]
    kept = {one.name: one.checks for one in KEPT[NAME]}
    assert {name: fingerprint(report) for name, report in reports.items()} == kept, AGAIN


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one exercise and two wrong answers, and what is unfinished of another."""
    exercises = scratch_course.make(tmp_path)
    wrong = exercises / "instructor" / "wrong"
    for path in sorted((wrong / NAME).iterdir(), key=lambda path: path.stem)[2:]:
        path.unlink()
    (wrong / "09_not_yet").mkdir()
    (wrong / "09_not_yet" / "half.py").write_text('"""Half."""\n')
    return exercises


def test_the_command_writes_what_the_judge_found(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course)
    assert fingerprints.main([]) == 0
    assert capsys.readouterr().out == f"{FILE}: {NAME}\n"
    found = known(course)
    assert list(found) == [NAME]
    assert found[NAME] == KEPT[NAME][:2]


def test_what_is_not_named_is_kept_and_what_is_gone_goes(course: Path) -> None:
    path = course / "instructor" / "wrong" / FILE
    old = {NAME: {"kept": {"wrong": "Kept.", "checks": []}}, "77_gone": {}}
    path.write_text(json.dumps(old))
    assert fingerprints.refresh(course, ["44"]) == []
    assert json.loads(path.read_text()) == {NAME: old[NAME]}


def test_a_check_that_breaks_leaves_the_file_as_it_was(course: Path) -> None:
    path = course / "instructor" / "wrong" / FILE
    path.write_text("{}")
    checks = course / "checks" / f"e{NAME}.py"
    checks.write_text(checks.read_text().replace("same(\n", "unheard_of(\n"))
    with pytest.raises(BenchError, match=r"expected a report on 02_.*NameError in the check"):
        fingerprints.refresh(course, jobs=1)
    assert path.read_text() == "{}"


def test_a_course_without_wrong_answers_has_none(course: Path) -> None:
    shutil.rmtree(course / "instructor" / "wrong" / NAME)
    assert fingerprints.refresh(course) == []
    assert known(course) == {}
