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
import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ...errors import UsageError

CANVAS = re.compile(
    r"(?P<student>[^_]+)_(?:LATE_)?\d+_\d+_(?P<name>.+?)(?:-\d+)?\.(?P<kind>ipynb|zip)",
    re.IGNORECASE,
)
MOODLE = re.compile(r"(?P<student>.+)_\d+_assignsubmission_file_?", re.IGNORECASE)
NUMBERED = re.compile(r"(?:^|[^0-9])(?P<number>\d\d)_[A-Za-z]")
ENTRIES, BYTES = 500, 100_000_000
"""The most that is unpacked from one archive: files, and bytes of all of them."""


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
            key = (named.student, one.path.name)
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
        folder = _unpack(folder, unpacked / "all")
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "__MACOSX")):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _of_student(entry, unpacked)
        elif entry.suffix == ".zip" and not CANVAS.fullmatch(entry.name):
            yield from _packed(entry.stem, entry, unpacked)
        elif named := CANVAS.fullmatch(entry.name):
            if named["kind"].lower() == "zip":
                yield from _packed(named["student"], entry, unpacked)
            else:
                yield _one(named["student"], named["name"], entry)
        elif entry.suffix == ".ipynb":
            yield _one(entry.stem, entry.stem, entry, "there is no student in its name")


def _of_student(folder: Path, unpacked: Path) -> Iterator[Submission]:
    moodle = MOODLE.fullmatch(folder.name)
    student = moodle["student"] if moodle else folder.name
    empty = True
    for entry in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "__MACOSX")) for part in entry.relative_to(folder).parts)
        if hidden or (entry.is_dir() and entry.suffix != ".ipynb"):
            continue
        if entry.suffix == ".ipynb":
            empty = False
            yield _one(student, entry.stem, entry)
        elif entry.suffix == ".zip":
            empty = False
            yield from _packed(student, entry, unpacked)
    if empty:
        yield Submission(student, "", None)


def _packed(student: str, archive: Path, unpacked: Path) -> Iterator[Submission]:
    try:
        folder = _unpack(archive, unpacked / f"{len(list(unpacked.glob('*')))}")
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        name = archive.stem
        yield Submission(student, name, archive, f"an archive that cannot be unpacked: {error}")
        return
    for path in sorted(folder.rglob("*.ipynb")):
        yield _one(student, path.stem, path)


def _unpack(archive: Path, to: Path) -> Path:
    """Unpack what is safe to: plain files, under names of ours, no more than the bounds."""
    to.mkdir(parents=True)
    with zipfile.ZipFile(archive) as packed:
        entries = [one for one in packed.infolist() if not one.is_dir()]
        if len(entries) > ENTRIES or sum(one.file_size for one in entries) > BYTES:
            raise ValueError(f"more than {ENTRIES} files or {BYTES // 1_000_000} MB")
        left = BYTES
        for one in entries:
            parts = PurePosixPath(one.filename.replace("\\", "/")).parts
            if stat.S_ISLNK(one.external_attr >> 16) or ".." in parts or parts[0] in ("/", ""):
                raise ValueError(f"it has a link or leads outside: {one.filename!r}")
            path = to.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(one) as source, path.open("wb") as target:
                data = source.read(left + 1)  # what an entry says of its size may be a lie
                left -= len(data)
                if left < 0:
                    raise ValueError(f"more than {BYTES // 1_000_000} MB")
                target.write(data)
    return to


def _one(student: str, name: str, path: Path, trouble: str = "") -> Submission:
    if path.is_symlink():
        trouble = "a symbolic link"
    return Submission(student, name, path, trouble)


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
    """Of two files for one exercise the exact name counts, then the later one."""
    if one.path is None or other.path is None:
        return other.path is None
    exact = [path.path.stem == path.exercise for path in (one, other) if path.path]
    if exact[0] != exact[1]:
        return exact[0]
    return one.path.stat().st_mtime > other.path.stat().st_mtime
