"""Taking an answer out of a notebook. What the judge then makes of it: `attacks/cells.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from small_course import IMPORTS, RIGHT, cell, exercise, notebook, put

from labsupport.errors import LabError
from labsupport.grading import submission
from labsupport.grading.submission import OURS, SOURCE, Answered, Unreadable, take

GONE = "the cell 'answer' is not there; the other cells were run"
TWICE = "the cell 'answer' is there more than once; the first one counts"
AS_SAVED = "Hand in the notebook itself, as JupyterLab saves it."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "01_greet_a_guest.ipynb"


def taken(path: Path, *cells: Any, imports: str = "") -> Answered:
    return take(put(path, notebook(cells)), imports)


def refused(path: Path) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        take(path)
    assert caught.value.expected == "a Jupyter notebook of format 4"
    return caught.value


def test_of_an_exercise_the_courses_imports_and_the_answer_are_run(path: Path) -> None:
    put(path, exercise(RIGHT, imports="the learner's"))
    assert take(path, IMPORTS) == Answered((IMPORTS, RIGHT))
    assert take(path) == Answered((RIGHT,))


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_courses_own_cells_are_not_taken_wherever_they_are(name: str, path: Path) -> None:
    cells = [cell(name, "mine = 1"), cell("answer", RIGHT), cell(name, "mine = 2")]
    assert taken(path, *cells) == Answered((RIGHT,))


def test_cells_that_were_added_run_in_their_order(path: Path) -> None:
    cells = [cell("b", "b"), cell("answer", "a"), cell("", "c"), cell("d", "%time d\n!ls")]
    assert taken(path, *cells, imports="i").cells == ("i", "b", "a", "c", "%time d\n!ls")


def test_other_cells_than_code_and_empty_ones_are_left_out(path: Path) -> None:
    kinds = ["markdown", "raw", "Code", None, ["code"]]
    cells = [cell("x", "text", kind) for kind in kinds]  # type: ignore[arg-type]
    assert taken(path, *cells, cell("y", " \n\t"), cell("answer", RIGHT)) == Answered((RIGHT,))


def test_of_two_answers_the_first_counts_and_that_is_noted(path: Path) -> None:
    found = taken(path, cell("answer", "1"), cell("more", "2"), cell("answer", "3"))
    assert found == Answered(("1", "2"), TWICE)


def test_an_answer_that_was_emptied_is_an_answer(path: Path) -> None:
    assert taken(path, cell("answer", ""), cell("answer", RIGHT)) == Answered((), TWICE)


def test_two_cells_of_another_name_both_run(path: Path) -> None:
    assert taken(path, cell("x", "1"), cell("x", "2"), cell("answer", "3")).cells == ("1", "2", "3")


@pytest.mark.parametrize("id", [None, "", 7, ["answer"], {"answer": 1}, "Answer", "answer "])
def test_an_answer_without_its_id_runs_with_the_others_and_that_is_noted(
    id: Any, path: Path
) -> None:
    assert taken(path, cell(id, RIGHT)) == Answered((RIGHT,), GONE)


def test_without_any_ids_all_run_but_the_one_that_only_checks(path: Path) -> None:
    """As tools of before 2021 save it: format 4.4 has no ids."""
    sources = [IMPORTS, RIGHT, "greet('Ada')", "check(1, greet=greet)"]
    cells = [{"cell_type": "code", "metadata": {}, "source": one} for one in sources]
    put(path, notebook(cells, nbformat_minor=2))
    assert take(path, "i = 1") == Answered(("i = 1", *sources[:3]), GONE)


@pytest.mark.parametrize(
    ("source", "only"),
    [
        ("check(1)", True),
        ("# to be sure\ncheck(1, greet=greet)  # now", True),
        ("check(1); x = 1", False),
        ("report = check(1)", False),
        ("checks.check(1)", False),
        ("def check(n): ...", False),
        ("%time check(1)", False),
        ("check(1", False),
        ("check(1)\0", False),
        ("check(" + "(" * 1000, False),
        ("#" * 2000 + "\ncheck(1)", False),
    ],
)
def test_a_cell_that_only_calls_check_is_known(source: str, only: bool, path: Path) -> None:
    found = taken(path, cell("x", source), cell("answer", RIGHT))
    assert (found.cells == (RIGHT,)) is only


def test_a_source_may_be_lines_and_have_windows_line_ends(path: Path) -> None:
    cells = [cell("a", ["x = 1\r\n", "y = 2"]), cell("b", "z = 3\r\n"), cell("answer", "a\rb")]
    assert taken(path, *cells).cells == ("x = 1\ny = 2", "z = 3\n", "a\rb")


@pytest.mark.parametrize("source", [None, 7, {"a": 1}, [7, None], []])
def test_a_source_that_is_none_is_empty(source: Any, path: Path) -> None:
    assert taken(path, cell("answer", source)) == Answered(())
    assert taken(path, {"cell_type": "code", "id": "answer"}) == Answered(())


def test_what_else_the_notebook_says_is_not_looked_at(path: Path) -> None:
    odd = cell("answer", RIGHT, metadata=7, outputs="none", execution_count=[], attachments={})
    put(path, notebook([odd], metadata=[], nbformat_minor="x", signature="forged"))
    assert take(path) == Answered((RIGHT,))


def test_source_beyond_its_bound_is_refused_and_at_it_is_not(path: Path) -> None:
    most = ("#" * (SOURCE - 1), "#")
    assert taken(path, *[cell("answer", one) for one in most[:1]], cell("x", "#")).cells == most
    with pytest.raises(Unreadable) as caught:
        taken(path, cell("answer", most[0]), cell("x", "##"))
    assert str(caught.value) == (
        "expected at most 500,000 characters of code, got 500,001. Next: Hand in the exercise's "
        "notebook with your answer in it, and no data."
    )


OTHER = "JSON of another kind"


@pytest.mark.parametrize(
    ("data", "got"),
    [
        (b"", "an empty file"),
        (b"%PDF-1.7", "text that is not JSON"),
        (b"\xff\xfe{", "something else (UnicodeDecodeError)"),
        (b'{"nbformat": 4, "cells": [', "text that is not JSON"),
        (b"null", OTHER),
        (b"[]", OTHER),
        (b"{}", OTHER),
        (b'{"nbformat": 4}', OTHER),
        (b'{"nbformat": 4, "cells": {}}', OTHER),
        (b'{"nbformat": "4", "cells": []}', OTHER),
        (b'{"nbformat": 5, "cells": []}', OTHER),
        (b'{"nbformat": 4, "cells": [null]}', "a notebook whose cells are none"),
    ],
)
def test_what_is_no_notebook_is_refused_with_words(data: bytes, got: str, path: Path) -> None:
    put(path, data)
    error = refused(path)
    assert isinstance(error, LabError)
    assert (error.got, error.next) == (got, AS_SAVED)


@pytest.mark.parametrize("told", [{"nbformat": 3}, {"worksheets": [], "nbformat": 4, "cells": []}])
def test_a_notebook_of_format_3_is_told_how_to_become_one_of_4(
    told: dict[str, Any], path: Path
) -> None:
    put(path, json.dumps(told))
    error = refused(path)
    assert error.got == "one of format 3"
    assert error.next == "Open it in JupyterLab and save it; that writes format 4."


def test_no_file_and_a_folder_are_no_notebooks(path: Path) -> None:
    assert refused(path).got == "no file"
    path.mkdir()
    assert refused(path).got == "a folder or a link to nowhere"


def test_a_file_beyond_its_bound_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(path, exercise(RIGHT) + " " * 3_000_000)
    monkeypatch.setattr(submission, "MOST", 2_999_999)
    error = refused(path)
    assert (error.got, error.next) == ("3 MB", "Clear the outputs and save it again.")


@pytest.mark.skipif(sys.platform == "win32", reason="folders that keep everybody out are POSIX's")
def test_a_file_that_the_system_keeps_back_is_refused_with_words(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    put(path, exercise(RIGHT))
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert refused(path).got == "something else (PermissionError)"


def test_a_mark_in_front_and_words_of_all_scripts_are_read(path: Path) -> None:
    source = "greeting = 'Grüße, 漬物 🍜'"
    told = json.dumps(json.loads(notebook([cell("answer", source)])), ensure_ascii=False)
    put(path, b"\xef\xbb\xbf" + told.encode())
    assert take(path) == Answered((source,))


def test_one_cell_of_the_courses_notebook_is_found_by_its_id(path: Path) -> None:
    put(path, exercise(RIGHT))
    assert submission.cell(path, "imports") == IMPORTS
    assert submission.cell(path, "none") == ""
