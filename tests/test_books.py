"""The books as a whole, grades.csv and grades.json."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from book_rows import BEA, CLASS, NAME, NASTY, NOBODY, nasty, row

from labsupport.grading.batch.outputs import gradebook, write_books
from labsupport.grading.batch.outputs.places import LONGEST, places
from labsupport.grading.batch.rows import FIELDS, Row

HEADER = "student,exercise,state,points,max_points,note"


def test_every_book_is_written(tmp_path: Path) -> None:
    write_books(CLASS, tmp_path, NOBODY)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    students = {one.student for one in CLASS}
    assert found == {
        "grades.csv",
        "grades.json",
        "junit.xml",
        "class.html",
        f"grading/{NAME}.ipynb",
        *(f"feedback/{student}/{NAME}.html" for student in students),
        *(f"gradescope/{student}.json" for student in students),
    }


def test_hostile_names_write_nothing_outside_and_no_two_share_a_file(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "down" / "out"
    rows = nasty()
    write_books(rows, out, NOBODY)
    assert {path.relative_to(out).parts[0] for path in tmp_path.rglob("*") if path.is_file()} == {
        *("grades.csv", "grades.json", "junit.xml", "class.html"),
        *("feedback", "gradescope", "grading"),
    }
    assert len(list(out.glob("feedback/*/*.html"))) == len(rows)
    assert len(list(out.glob("gradescope/*.json"))) == len(NASTY)
    assert [path.name for path in out.glob("grading/*")] == [f"{NAME}.ipynb"]


def test_a_book_that_cannot_be_written_leaves_the_old_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_books(CLASS, tmp_path, NOBODY)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def full_disk(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_books([BEA], tmp_path, NOBODY)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_no_learner_reads_where_the_course_and_the_books_are(tmp_path: Path) -> None:
    course = Path("/data/of/the/course/exercises").resolve()
    note = f"got {course.parent / 'notes.txt'}, not {tmp_path / 'x.txt'}"
    write_books([row("ada", "unreadable", note)], tmp_path, course)
    for name in (f"feedback/ada/{NAME}.html", "gradescope/ada.json"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "notes.txt" in text
        assert str(course.parent) not in text
        assert str(tmp_path) not in text


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_books([*CLASS, *nasty()], tmp_path / name, NOBODY)
    one, other = (
        {path.relative_to(top): path.read_bytes() for path in top.rglob("*") if path.is_file()}
        for top in (tmp_path / "one", tmp_path / "other")
    )
    assert one == other


def test_csv_has_a_header_and_a_line_a_row_in_plain_words() -> None:
    lines = gradebook.as_csv(CLASS).splitlines()
    assert lines[0] == HEADER == ",".join(FIELDS)
    assert lines[1] == f"ada,{NAME},full,6,6,"
    assert lines[4] == f"dan,{NAME},missing,0,6,nothing was handed in"
    assert len(lines) == 1 + len(CLASS)


FORMULAS = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "=cmd|' /C calc'!A0"),
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_csv_has_no_cell_that_a_spreadsheet_would_run(formula: str) -> None:
    text = gradebook.as_csv([row(formula, "unreadable", formula, exercise=formula)])
    cells = next(csv.reader(io.StringIO(text.splitlines()[1])))
    assert all(not cell.lstrip().startswith(tuple("=+-@＝")) for cell in cells), cells


def test_csv_quotes_what_ends_a_cell_in_some_country() -> None:
    text = gradebook.as_csv([row("a;=1", "unreadable", 'b\t=1 "x" | =1,=2')])
    assert text.splitlines()[1] == f'"a;=1",{NAME},unreadable,0,6,"b =1 ""x"" | =1,=2"'


def test_csv_has_a_line_a_row_whatever_is_in_it() -> None:
    rows = nasty()
    read = list(csv.reader(io.StringIO(gradebook.as_csv(rows))))
    assert [len(cells) for cells in read] == [6] * (1 + len(rows))
    assert len(gradebook.as_csv(rows).split("\n")) == len(rows) + 2


def test_json_gives_the_rows_back() -> None:
    rows = [*CLASS, *nasty()]
    assert [Row.from_json(one) for one in json.loads(gradebook.as_json(rows))] == rows


def test_json_of_nobody_is_a_list() -> None:
    assert json.loads(gradebook.as_json([])) == []


def test_ordinary_names_keep_their_place_whoever_else_there_is() -> None:
    found = places(["Zoë Peters", "ada", "Ada", "ADA", "../ada", "ada."])
    assert found["ada"] == "ada"
    assert found["Zoë Peters"] == "Zoë Peters"


def test_names_that_a_file_system_takes_for_one_get_two_places() -> None:
    first = places(["../ada"])["../ada"]
    names = ["../ada", first, first.upper(), "ada", "ADA", "caf\u00e9", "cafe\u0301", "ﬁ", "fi"]
    names += ["con", "CON", "nul.txt", "x.", "", " ", "𠀀" * 80, "𠀀" * 79, "n" * 300]
    found = places(names)
    assert len({place.casefold() for place in found.values()}) == len(set(names))
    assert all(len(place.encode()) <= LONGEST for place in found.values())
    assert not {"con", "nul.txt", "x.", "", " "} & {one.casefold() for one in found.values()}
