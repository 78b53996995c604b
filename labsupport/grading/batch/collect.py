"""Find the submissions in a folder or a zip, whoever's naming they follow.

    <student>/NN_topic.ipynb                                    ours, and nbgrader's
    <student>/NN_topic.zip, <student>.zip                       the same, packed
    Canvas's bulk download    name_[LATE_]12345_67890_NN_topic[-1].ipynb
    Moodle's bulk download    Full Name_12345_assignsubmission_file[_]/NN_topic.ipynb

Rule: a name that cannot be read gets a row too, and nothing is ever written from a name that came
out of an archive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import UsageError
from .unpack import CLASS, DEEPEST, ONE, printable, unpack, why

CANVAS = re.compile(
    r"(?P<student>[^_]+)_(?:LATE_)?\d+_\d+_(?P<name>.+?)(?:-\d+)?\.(?P<kind>\w+)",
    re.IGNORECASE,
)
MOODLE = re.compile(r"(?P<student>.+)_\d+_assignsubmission_file_?", re.IGNORECASE)
NUMBERED = re.compile(r"(?:^|[^0-9])(?P<number>\d\d)_[A-Za-z]")
LINK, FOLDER = "a symbolic link", "a folder"


@dataclass(frozen=True)
class Submission:
    """Something that was handed in.

    Arguments:
        student: who, as the folder or file name says it.
        exercise: the notebook's name without suffix; empty if it cannot be told.
        path: the file; None if nothing was handed in.
        trouble: why it cannot be read; empty if it can.
    """

    student: str
    exercise: str
    path: Path | None
    trouble: str = ""


def collect(
    folder: Path, exercises: Sequence[str], unpacked: Path, *, missing: bool = True
) -> list[Submission]:
    """All submissions, by student and exercise; one each, also for what is missing.

    Arguments:
        folder: a folder, or a zip of one.
        exercises: the names to look for, such as `02_decode_a_stream`.
        unpacked: an empty folder to unpack archives into.
        missing: add a submission without a path for each exercise that a student left out.

    Raises `UsageError` if there is no such folder.
    """
    if not folder.exists():
        raise UsageError(
            expected="a folder of submissions",
            got=f"no {folder}",
            next="Lay them out as SUBMISSIONS/<student>/NN_topic.ipynb.",
        )
    found: dict[tuple[str, str], Submission] = {}
    students: dict[str, None] = {}
    for one in _found(folder, unpacked):
        students[one.student] = None
        if one.path is None:  # a folder with nothing in it
            continue
        named = replace(one, exercise=_exercise(one, exercises))
        if not named.exercise:
            key = (named.student, printable(one.path.name))
            trouble = one.trouble or "its name does not begin with an exercise's number"
            found[key] = replace(named, exercise=key[1], trouble=trouble)
        else:
            key = (named.student, named.exercise)
            if key not in found or _newer(named, found[key]):
                found[key] = named
    if missing:
        for student in students:
            for exercise in exercises:
                nothing = Submission(student, exercise, None)
                found.setdefault((student, exercise), nothing)
    return sorted(found.values(), key=lambda one: (one.student, one.exercise))


def _found(folder: Path, unpacked: Path) -> Iterator[Submission]:
    if folder.is_file():
        try:
            folder = unpack(folder, unpacked / "all", CLASS)
        except Exception as error:
            raise UsageError(
                expected="a folder of submissions, or a zip of one",
                got=f"{folder.name}, which cannot be unpacked ({why(error)})",
                next="Download it again, or unpack it and give the folder.",
            ) from error
    for entry in sorted(folder.iterdir()):
        name, kind = printable(entry.name), entry.suffix.lower()
        if name.startswith((".", "__MACOSX")):
            continue
        canvas = CANVAS.fullmatch(name)
        if entry.is_symlink() and (kind in (".ipynb", ".zip") or entry.is_dir()):
            yield Submission(canvas["student"] if canvas else entry.stem, name, entry, LINK)
        elif entry.is_dir():
            yield from _safely(entry, unpacked)
        elif kind == ".zip":
            yield from _packed(canvas["student"] if canvas else entry.stem, entry, unpacked)
        elif canvas:
            trouble = "" if kind == ".ipynb" else f"a file {kind}, which is no notebook"
            yield _one(canvas["student"], canvas["name"], entry, trouble)
        elif kind == ".ipynb":
            yield _one(entry.stem, entry.stem, entry, "there is no student in its name")


def _safely(folder: Path, unpacked: Path) -> Iterator[Submission]:
    try:
        yield from list(_of_student(folder, unpacked))
    except OSError as error:
        yield _one(folder.name, folder.name, folder, f"a folder that cannot be read: {why(error)}")


def _of_student(folder: Path, unpacked: Path) -> Iterator[Submission]:
    moodle = MOODLE.fullmatch(folder.name)
    student = moodle["student"] if moodle else folder.name
    empty = True
    for entry in _below(folder):
        kind = entry.suffix.lower()
        if kind == ".ipynb":
            empty = False
            yield _one(student, entry.stem, entry)
        elif kind == ".zip" and not entry.is_dir():
            empty = False
            yield from _packed(student, entry, unpacked)
    if empty:
        yield Submission(printable(student), "", None)


def _below(folder: Path, depth: int = 0) -> Iterator[Path]:
    """All that is in a folder and those in it, but nothing hidden and nothing behind a link."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "__MACOSX")):
            continue
        yield entry
        if depth < DEEPEST and entry.is_dir() and not entry.is_symlink():
            yield from _below(entry, depth + 1)


def _packed(student: str, archive: Path, unpacked: Path) -> Iterator[Submission]:
    if archive.is_symlink():
        yield _one(student, archive.stem, archive)
        return
    try:
        folder = unpack(archive, unpacked / f"{len(list(unpacked.glob('*')))}", ONE)
        found = [path for path in _below(folder) if path.suffix.lower() == ".ipynb"]
    except Exception as error:  # zipfile lets through whatever the formats inside raise
        trouble = f"an archive that cannot be unpacked: {why(error)}"
        yield _one(student, archive.stem, archive, trouble)
        return
    for path in found:
        yield _one(student, path.stem, path)
    if not found:
        yield _one(student, archive.stem, archive, "an archive without a notebook")


def _one(student: str, name: str, path: Path, trouble: str = "") -> Submission:
    trouble = LINK if path.is_symlink() else FOLDER if path.is_dir() and not trouble else trouble
    return Submission(printable(student), printable(name), path, trouble)


def _exercise(one: Submission, exercises: Sequence[str]) -> str:
    """The exercise that a file's name means; by its number, since people rename."""
    if one.exercise in exercises:
        return one.exercise
    if found := NUMBERED.search(one.exercise):
        for name in exercises:
            if name.startswith(found["number"]):
                return name
    return ""


def _newer(one: Submission, other: Submission) -> bool:
    """Of two files for one exercise what can be read counts, then the exact name, then time."""
    if one.path is None or other.path is None:
        return other.path is None
    if bool(one.trouble) != bool(other.trouble):
        return not one.trouble
    exact = [path.path.stem == path.exercise for path in (one, other) if path.path]
    if exact[0] != exact[1]:
        return exact[0]
    return one.path.lstat().st_mtime > other.path.lstat().st_mtime
