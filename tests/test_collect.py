"""Finding what was handed in, under whoever's naming. Archives that lie: `attacks/zips.py`."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from labsupport.errors import UsageError
from labsupport.grading.batch.collect import Submission, collect
from labsupport.grading.batch.unpack import Bounds, printable, unpack

EXERCISES = ["01_measure_the_wait", "02_decode_a_stream"]
ONE, TWO = EXERCISES


def put(path: Path, data: bytes = b"{}") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def pack(path: Path, *names: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as made:
        for name in names:
            made.writestr(name, b"{}")
    return path


def found(folder: Path, *, missing: bool = False) -> list[Submission]:
    # The folder for unpacking is new each time.
    where = folder.parent / f"unpacked {len(list(folder.parent.iterdir()))}"
    where.mkdir()
    return collect(folder, EXERCISES, where, missing=missing)


def told(folder: Path, *, missing: bool = False) -> list[tuple[str, str, str]]:
    return [(one.student, one.exercise, one.trouble) for one in found(folder, missing=missing)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.mark.parametrize(
    ("path", "student"),
    [
        (f"ada/{TWO}.ipynb", "ada"),
        (f"ada/{TWO}.IPYNB", "ada"),
        (f"ada/deep/er/{TWO}.ipynb", "ada"),
        ("ada/02_decode_a_stream (1).ipynb", "ada"),
        ("ada/my 02_decode.ipynb", "ada"),
        (f"Doe_12345_67890_{TWO}.ipynb", "Doe"),
        (f"Doe_LATE_12345_67890_{TWO}-2.ipynb", "Doe"),
        (f"Zoë Ångström_4711_assignsubmission_file_/{TWO}.ipynb", "Zoë Ångström"),
        (f"Al-Hakim O'Neil_4711_assignsubmission_file/{TWO}.ipynb", "Al-Hakim O'Neil"),
    ],
)
def test_a_notebook_is_found_under_each_naming(folder: Path, path: str, student: str) -> None:
    put(folder / path)
    assert told(folder) == [(student, TWO, "")]


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("ada.zip", "ada"),
        (f"ada/{TWO}.zip", "ada"),
        ("ada/all.ZIP", "ada"),
        ("Doe_12345_67890_homework.zip", "Doe"),
        ("Zoë_4711_assignsubmission_file_/homework.zip", "Zoë"),
    ],
)
def test_a_notebook_is_found_in_an_archive(folder: Path, path: str, student: str) -> None:
    pack(folder / path, f"home/work/{TWO}.ipynb", f"__MACOSX/._{TWO}.ipynb", f"{ONE}.ipynb")
    assert told(folder) == [(student, ONE, ""), (student, TWO, "")]


def test_a_whole_class_may_come_as_one_zip_of_many_files(tmp_path: Path) -> None:
    names = [f"s{number:03}/{TWO}.ipynb" for number in range(600)]
    assert len(told(pack(tmp_path / "class.zip", *names))) == 600


@pytest.mark.parametrize("data", [b"", b"PK no zip", b"\0" * 100])
def test_a_class_that_cannot_be_unpacked_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UsageError, match=r"got class\.zip, which cannot be unpacked \(File is not"):
        found(put(tmp_path / "class.zip", data))


def test_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected a folder of submissions, got no .*nowhere"):
        found(tmp_path / "nowhere")


def test_what_was_not_handed_in_is_missing(folder: Path) -> None:
    put(folder / "ada" / f"{ONE}.ipynb")
    (folder / "bob").mkdir()
    put(folder / "cyd" / "notes.txt")
    rows = {(one.student, one.exercise): one.path is None for one in found(folder, missing=True)}
    assert rows == {
        (student, exercise): (student, exercise) != ("ada", ONE)
        for student in ("ada", "bob", "cyd")
        for exercise in EXERCISES
    }


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("ada/homework.ipynb", ("ada", "homework.ipynb", "its name does not begin with an exerci")),
        ("ada/77_other.ipynb", ("ada", "77_other.ipynb", "its name does not begin with an exerci")),
        ("homework.ipynb", ("homework", "homework.ipynb", "there is no student in its name")),
        (f"{TWO}.ipynb", (TWO, TWO, "there is no student in its name")),
        ("Doe_1_2_02_decode.pdf", ("Doe", TWO, "a file .pdf, which is no notebook")),
        ("ada.zip", ("ada", "ada.zip", "an archive that cannot be unpacked: File is not a zip")),
    ],
)
def test_what_cannot_be_read_has_a_row_that_says_why(
    folder: Path, path: str, row: tuple[str, str, str]
) -> None:
    put(folder / path)
    ((student, exercise, trouble),) = told(folder)
    assert (student, exercise) == row[:2]
    assert trouble.startswith(row[2])


def test_what_is_hidden_or_no_notebook_is_passed_over(folder: Path) -> None:
    put(folder / "ada" / ".ipynb_checkpoints" / f"{TWO}-checkpoint.ipynb")
    put(folder / ".DS_Store")
    put(folder / "__MACOSX" / "ada" / f"{TWO}.ipynb")
    put(folder / "README.txt")
    put(folder / "ada" / f"{ONE}.ipynb")
    assert told(folder) == [("ada", ONE, "")]


def test_of_two_files_the_exact_name_counts_and_then_the_later_one(folder: Path) -> None:
    exact = put(folder / "ada" / f"{TWO}.ipynb")
    copy = put(folder / "ada" / "02_decode_a_stream-Copy1.ipynb")
    os.utime(exact, (1, 1))
    assert [one.path for one in found(folder)] == [exact]
    exact.unlink()
    other = put(folder / "ada" / "02_decode_a_stream-Copy2.ipynb")
    os.utime(copy, (5, 5))
    os.utime(other, (4, 4))
    assert [one.path for one in found(folder)] == [copy]


def test_what_can_be_read_counts_before_what_cannot(folder: Path) -> None:
    put(folder / "ada" / f"{TWO}.zip", b"broken")
    copy = put(folder / "ada" / "02_copy.ipynb")
    os.utime(copy, (1, 1))
    assert told(folder) == [("ada", TWO, "")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "solutions" / f"{TWO}.ipynb")
    pack(tmp_path / "solutions" / "all.zip", f"{TWO}.ipynb")
    (folder / "ada").symlink_to(tmp_path / "solutions")
    (folder / "bob").mkdir()
    (folder / "bob" / "x").symlink_to(tmp_path / "solutions")
    (folder / "bob" / "02_all.zip").symlink_to(tmp_path / "solutions" / "all.zip")
    (folder / "cyd.zip").symlink_to(tmp_path / "solutions" / "all.zip")
    link = "a symbolic link"
    assert told(folder) == [("ada", "ada", link), ("bob", TWO, link), ("cyd", "cyd.zip", link)]


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes among files there")
def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    (folder / "ada").mkdir()
    os.mkfifo(folder / "ada" / "02_all.zip")
    assert told(folder) == [("ada", TWO, "an archive that cannot be unpacked: it is no file")]


def test_folders_without_end_are_not_walked(folder: Path) -> None:
    deep = folder / "ada"
    for _ in range(40):
        deep = deep / "a"
    put(deep / f"{TWO}.ipynb")
    put(folder / "bob" / f"{TWO}.ipynb")
    assert told(folder) == [("bob", TWO, "")]


def test_names_that_no_encoding_carries_stay_apart() -> None:
    names = [os.fsdecode(b"ren\xe9"), os.fsdecode(b"ren\xe8"), "rené", "ren\\xe9 "]
    assert [printable(name) for name in names] == ["ren\\xe9", "ren\\xe8", "rené", "ren\\xe9 "]
    assert printable("\u202eada\n\x1b") == "\\u202eada\\n\\x1b"


def test_an_archive_is_unpacked_below_its_folder_within_its_bounds(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", "a/b.ipynb", "c.ipynb")
    made = unpack(archive, tmp_path / "to", Bounds(2, 4))
    names = sorted(path.relative_to(made).as_posix() for path in made.rglob("*.ipynb"))
    assert names == ["a/b.ipynb", "c.ipynb"]
    for bounds in (Bounds(1, 4), Bounds(2, 3)):
        with pytest.raises(ValueError, match=r"more than \d files or 0 MB"):
            unpack(archive, tmp_path / f"to {bounds.size}", bounds)
