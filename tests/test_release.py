"""The learners' copy: the whole course, nothing that only the instructor may have, or no copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import small_course
from small_course import ADD, GREET, put

from labsupport import __main__ as program
from labsupport.errors import UsageError
from labsupport.grading.release import KEPT_BACK, release

LEARNERS = {
    "README.md",
    "requirements.txt",
    ".constraints.txt",
    ".gitignore",
    ".github/CONTRIBUTING.md",
    f"exercises/{GREET}.ipynb",
    f"exercises/{ADD}.ipynb",
    f"exercises/checks/e{GREET}.py",
    f"exercises/checks/e{ADD}.py",
    "exercises/instructors.md",
    "labsupport/__init__.py",
    "labsupport/grading/page.css",
    "notebooks/00_meet the kitchen – ü.ipynb",
    "tests/test_any.py",
}
"""What they get; some names are there to be looked at twice."""

MADE = (
    "exercises/.progress.json",
    "exercises/.ipynb_checkpoints/01-checkpoint.ipynb",
    "labsupport/__pycache__/x.pyc",
    "labsupport.egg-info/PKG-INFO",
    ".venv/bin/python",
    "build/lib/labsupport/__init__.py",
)
"""What tools have left in it; .gitignore has it."""

CLASS = ("submissions/ada/01_greet_a_guest.ipynb", "books/grades.csv", "books/journal.jsonl")
"""What a class has left in it, and nobody else may have."""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course as it is without git."""
    folder = tmp_path / "course"
    small_course.make(folder)
    for name in LEARNERS:
        if not (folder / name).exists():
            put(folder / name, f"this is {name}")
    for name in (*MADE, *CLASS, *(f"{one}/deep/secret.txt" for one in KEPT_BACK)):
        put(folder / name, "secret")
    ignored = ["__pycache__/", ".venv/", "*.egg-info/", ".ipynb_checkpoints/", "build/"]
    put(folder / ".gitignore", "\n".join([*ignored, ".progress.json"]))
    return folder


def git(course: Path, *arguments: str) -> None:
    """As somebody without settings of their own."""
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(course), *who, *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def in_git(course: Path, need_tool: Callable[[str], str]) -> Path:
    """The course as an instructor has cloned it, and then graded a class in it."""
    need_tool("git")
    git(course, "init", "-q")
    git(course, "add", ".", *(f":!{name.partition('/')[0]}" for name in CLASS))
    git(course, "commit", "-q", "-m", "x")
    return course


def there(folder: Path) -> set[str]:
    """The files in a folder."""
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


def secrets(folder: Path) -> list[Path]:
    """What in it is the instructor's or the class's."""
    return [
        one
        for one in folder.rglob("*")
        if one.is_file() and (b"secret" in one.read_bytes() or "instructor" in one.parts)
    ]


@pytest.mark.parametrize("kind", ["course", "in_git"])
def test_the_copy_is_the_course_and_nothing_of_the_instructors(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    course = request.getfixturevalue(kind)
    dest = tmp_path / "for learners"
    assert release(dest, course) == sorted(LEARNERS)
    assert there(dest) == LEARNERS
    assert secrets(dest) == []
    assert "exercises/instructor" in KEPT_BACK
    for name in KEPT_BACK:
        assert (course / name).is_dir(), f"the test lays out no {name}"
        assert not (dest / name).exists()
    for name in LEARNERS:
        assert (dest / name).read_bytes() == (course / name).read_bytes()


def test_what_git_does_not_keep_yet_goes_along_in_the_courses_folders(
    in_git: Path, tmp_path: Path
) -> None:
    put(in_git / "exercises" / "03_new.ipynb")
    put(in_git / "grades of last year.csv")
    git(in_git, "rm", "-q", "--cached", "README.md")
    assert set(release(tmp_path / "to", in_git)) == {
        *LEARNERS - {"README.md"},
        "exercises/03_new.ipynb",
    }


def test_a_file_is_copied_as_it_is_now_and_one_that_is_gone_is_not(
    in_git: Path, tmp_path: Path
) -> None:
    put(in_git / "README.md", "changed")
    (in_git / "requirements.txt").unlink()
    assert set(release(tmp_path / "to", in_git)) == LEARNERS - {"requirements.txt"}
    assert (tmp_path / "to" / "README.md").read_text() == "changed"


def test_without_the_program_git_no_history_is_copied(
    in_git: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert set(release(tmp_path / "to", in_git)) == LEARNERS


def test_a_course_within_somebody_elses_repository_is_copied_whole(
    course: Path, tmp_path: Path, need_tool: Callable[[str], str]
) -> None:
    need_tool("git")
    git(tmp_path, "init", "-q")
    put(tmp_path / ".gitignore", "*")
    assert set(release(tmp_path / "to", course)) == LEARNERS


def test_an_empty_folder_may_be_there_already(course: Path, tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    release(tmp_path / "to", course)
    assert there(tmp_path / "to") == LEARNERS


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_there_already_is_not_touched(kind: str, course: Path, tmp_path: Path) -> None:
    dest = tmp_path / "to"
    put(dest if kind == "file" else dest / "x", "mine")
    with pytest.raises(UsageError) as caught:
        release(dest, course)
    assert str(caught.value) == (
        f"expected a folder that is not there yet, or is empty, got {dest.resolve()}. "
        "Next: Name another one; nothing was written."
    )
    assert (dest if kind == "file" else dest / "x").read_text() == "mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["course", "to"]


@pytest.mark.parametrize("below", ["copy", "exercises/copy", "x/../copy"])
def test_a_copy_inside_of_the_course_is_refused(below: str, course: Path) -> None:
    before = there(course)
    with pytest.raises(UsageError, match=r"a folder outside the course, got .*: Name one beside i"):
        release(course / below, course)
    assert there(course) == before


def test_a_folder_that_is_no_course_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        release(tmp_path / "to", tmp_path)
    assert str(caught.value) == (
        f"expected the course's folder, got {tmp_path}. Next: Go there and try again."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at", range(0, len(LEARNERS), 4))
def test_a_copy_that_breaks_off_leaves_nothing(
    at: int, course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, copy = [None] * at, shutil.copy2

    def breaks(source: Path, target: Path) -> None:
        if not left:
            raise OSError(28, "No space left on device")
        left.pop()
        copy(source, target)

    monkeypatch.setattr(shutil, "copy2", breaks)
    with pytest.raises(OSError, match="No space left"):
        release(tmp_path / "to", course)
    assert [one.name for one in tmp_path.iterdir()] == ["course"]


def test_nobody_sees_half_a_copy(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, copy = [], shutil.copy2

    def looks(source: Path, target: Path) -> None:
        seen.append((tmp_path / "to").exists())
        copy(source, target)

    monkeypatch.setattr(shutil, "copy2", looks)
    release(tmp_path / "to", course)
    assert seen == [False] * len(LEARNERS)


@pytest.mark.skipif(sys.platform == "win32", reason="no such bit there")
def test_what_can_be_run_can_be_run_in_the_copy(course: Path, tmp_path: Path) -> None:
    (course / "tests" / "test_any.py").chmod(0o755)
    release(tmp_path / "to", course)
    assert os.access(tmp_path / "to" / "tests" / "test_any.py", os.X_OK)


def test_the_command_says_how_much_there_is_and_what_is_not(
    course: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(course / "notebooks")
    assert program.main(["release", str(tmp_path / "to")]) == 0
    said = f"{len(LEARNERS)} files in {tmp_path / 'to'}, without exercises/instructor\n"
    assert capsys.readouterr().out == said
    assert there(tmp_path / "to") == LEARNERS
    assert program.main(["release", str(tmp_path / "to")]) == 1
    assert capsys.readouterr().err.startswith("expected a folder that is not there yet, or is emp")
