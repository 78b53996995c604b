"""Make the learners' copy of the course: everything but what only the instructor may have."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ..errors import UsageError

KEPT_BACK = ("exercises/instructor", "tests/instructor")
OWN = (".github", "exercises", "labsupport", "notebooks", "tests")
"""The course's folders. What git does not keep elsewhere may be a class's answers and grades."""
LEFT_OUT = {"__pycache__", ".ipynb_checkpoints", ".progress.json", "build", "dist", "node_modules"}


def release(dest: Path, course: Path) -> list[str]:
    """Copy the course to the folder `dest`, which must not be there yet or be empty.

    Arguments:
        dest: where to. course: the folder that has README.md and exercises/.

    Returns the copied files' paths, relative and sorted. `dest` is there whole or not at all.

    Raises `UsageError` if `dest` has something in it, lies in the course, or `course` is none.
    """
    if not (course / "exercises" / "checks").is_dir():
        raise UsageError(
            expected="the course's folder", got=str(course), next="Go there and try again."
        )
    dest = dest.resolve()
    if dest.exists() and (not dest.is_dir() or any(dest.iterdir())):
        raise UsageError(
            expected="a folder that is not there yet, or is empty",
            got=str(dest),
            next="Name another one; nothing was written.",
        )
    if dest.is_relative_to(course.resolve()):
        raise UsageError(
            expected="a folder outside the course", got=str(dest), next="Name one beside it."
        )
    beside = dest.with_name(f".{dest.name}.{os.getpid()}.new")
    copied = sorted(_files(course))
    try:
        for name in copied:
            target = beside / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(course / name, target)
        if dest.exists():
            dest.rmdir()
        beside.rename(dest)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return copied


def _files(course: Path) -> Iterator[str]:
    """What belongs to the course: what git keeps; in its own folders also what is new there."""
    try:
        found = _git(course, "--cached")
        new = _git(course, "--others", "--exclude-standard")
    except (OSError, subprocess.CalledProcessError):
        found, new = [], []
    if not found:  # no git, or one that knows nothing of the course
        found = [path.name for path in course.iterdir() if path.is_file()]
        paths = [path for own in OWN for path in course.glob(f"{own}/**/*")]
        new = [path.relative_to(course).as_posix() for path in paths]
    for name in dict.fromkeys([*found, *filter(_is_own, new)]):
        hidden = any(name == one or name.startswith(f"{one}/") for one in KEPT_BACK)
        if not hidden and (course / name).is_file():
            yield name


def _is_own(name: str) -> bool:
    parts = name.split("/")
    return parts[0] in OWN and not any(
        part in LEFT_OUT or part.endswith(".egg-info") for part in parts
    )


def _git(course: Path, *which: str) -> list[str]:
    command = ["git", "-C", str(course), "ls-files", "-z", *which]
    listed = subprocess.run(command, capture_output=True, check=True).stdout
    return [name for name in os.fsdecode(listed).split("\0") if name]
