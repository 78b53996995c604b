"""grading/NN_topic.ipynb: nbval's green cells are the full marks, and no name is ever run."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from book_rows import ADA, BEA, CLASS, DAN, EVE, FLO, FULL, NAME, NASTY, NOBODY, nasty, report, row

from labsupport.errors import UsageError
from labsupport.grading.batch.outputs import write_books
from labsupport.grading.batch.outputs.notebooks import full_marks, notebooks
from labsupport.grading.batch.rows import Row
from labsupport.grading.batch.verdicts import METADATA, verdicts

ROOT = Path(__file__).parents[1]
DEADLINE = 110.0


def notebook(*rows: Row) -> nbformat.NotebookNode:
    ((_, text),) = notebooks(rows)
    made = nbformat.reads(text, as_version=4)
    nbformat.validate(made)
    return made


def green(out: Path) -> dict[int, bool]:
    """What `pytest --nbval` says of each cell, by its number; 0 is the one that only imports."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", f"{NAME}.ipynb"]
    command += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", "--junitxml=x.xml"]
    # As an instructor does it: in the folder of the notebooks.
    folder = out / "grading"
    paths = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    subprocess.run(command, cwd=folder, env=paths, capture_output=True, timeout=DEADLINE)
    cases = ElementTree.parse(folder / "x.xml").getroot().iter("testcase")
    return {int(one.attrib["name"].rpartition(" ")[2]): len(one) == 0 for one in cases}


@pytest.mark.timeout(180)
def test_nbval_is_green_for_full_marks_and_for_nothing_else(tmp_path: Path) -> None:
    hostile = row(NASTY["quotes"], report(*FULL))
    # It prints the report of full marks as its own words, and calls itself by them.
    imitator = row(full_marks([ADA]), "unreadable", full_marks([ADA]))
    noted = row("zoe", report(*FULL, note="a cell of yours raised"), "the answer is there twice")
    rows = sorted([ADA, BEA, DAN, FLO, hostile, imitator, noted], key=lambda one: one.student)
    write_books(rows, tmp_path, NOBODY)
    found = green(tmp_path)
    assert found.pop(0), "the first cell, which imports, failed"
    assert found == {number: one.state == "full" for number, one in enumerate(rows, 1)}
    assert sum(found.values()) == 3


def test_a_cell_stores_full_marks_and_carries_the_report() -> None:
    made = notebook(ADA, BEA)
    ada, bea = made.cells[2:]
    assert ada.source == "verdict('ada')  # full, 6 of 6"
    assert bea.source == "verdict('bea')  # partial, 1 of 6"
    assert ADA.report
    for cell, one in ((ada, ADA), (bea, BEA)):
        (output,) = cell.outputs
        assert output.data == {"text/plain": ADA.report.text()}
        assert Row.from_json(output.metadata[METADATA]) == one
        assert cell.execution_count is not None  # nbval compares no cell without


def test_full_marks_are_known_from_any_answer_that_was_judged() -> None:
    assert ADA.report
    assert full_marks([DAN, BEA]) == full_marks([ADA]) == ADA.report.text()
    assert "nobody" in full_marks([DAN, EVE, FLO])


def test_a_notebook_has_a_cell_for_every_row_of_the_course() -> None:
    stranger = row("ada", "unreadable", exercise="notes.ipynb")
    assert len(notebook(*CLASS, stranger).cells) == 2 + len(CLASS)
    assert list(notebooks([stranger])) == []
    assert "1 of 7 have full marks" in notebook(*CLASS).cells[0].source


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)
def test_a_name_is_a_literal_and_nothing_else(name: str) -> None:
    source = notebook(row(name, "missing")).cells[2].source
    (statement,) = ast.parse(source).body
    assert isinstance(statement, ast.Expr)
    call = statement.value
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Name)
    assert call.func.id == "verdict"
    assert [ast.literal_eval(one) for one in call.args] == [name]
    assert "\n" not in source


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)
def test_ipython_takes_no_name_for_a_command(name: str) -> None:
    from IPython.core.inputtransformer2 import TransformerManager

    source = notebook(row(name, "missing")).cells[2].source
    assert TransformerManager().transform_cell(source) == source + "\n"


def test_what_learners_wrote_is_in_no_markdown_and_in_no_setup() -> None:
    made = notebook(*(one for one in nasty() if one.exercise == NAME))
    top, setup = made.cells[:2]
    assert [cell.cell_type for cell in made.cells[1:]] == ["code"] * (len(NASTY) + 1)
    for text in NASTY.values():
        assert not text.strip() or text not in top.source + setup.source


def test_a_notebook_names_no_folder_of_this_machine() -> None:
    setup = notebook(ADA).cells[1].source
    assert f'verdicts("..", {NAME!r})' in setup


def test_a_verdict_says_what_the_check_cell_says(tmp_path: Path) -> None:
    write_books(CLASS, tmp_path, NOBODY)
    verdict = verdicts(tmp_path, NAME)
    assert ADA.report
    assert BEA.report
    assert repr(verdict("ada")) == ADA.report.text()
    assert repr(verdict("bea")) == f"partial: 1 of 6 points\n\n{BEA.report.text()}"
    assert repr(verdict("dan")) == "missing: 0 of 6 points\n\nnothing was handed in"
    data, metadata = verdict("bea")._repr_mimebundle_()
    assert data == {"text/plain": repr(verdict("bea"))}
    assert Row.from_json(json.loads(json.dumps(metadata[METADATA]))) == BEA


def test_a_verdict_of_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected grades.json in .*, got none. Next: Keep"):
        verdicts(tmp_path, NAME)
    write_books(CLASS, tmp_path, NOBODY)
    with pytest.raises(UsageError, match=f"expected a row of 'zoe' for {NAME}, got none"):
        verdicts(tmp_path, NAME)("zoe")
