"""What of a notebook that ran is stored, and what stays as it was."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes

from labsupport.authoring.compare import comparison
from labsupport.authoring.merge import changed, coalesce, form, merge, parse
from labsupport.errors import UsageError

LESSON = comparison(Path(__file__).parent / "sanitize.cfg")


def prints(text: str, name: str = "stdout") -> Any:
    return new_output("stream", name=name, text=text)


def result(text: str, count: int) -> Any:
    return new_output("execute_result", {"text/plain": text}, execution_count=count)


def notebook(*outputs: list[Any], counts: list[int | None] | None = None) -> Any:
    """A notebook with a code cell for each list of outputs; ids c1, c2, ..."""
    cells = [
        new_code_cell("1", id=f"c{n}", outputs=list(out), execution_count=n)
        for n, out in enumerate(outputs, 1)
    ]
    for cell, count in zip(cells, counts or [], strict=False):
        cell.execution_count = count
    return new_notebook(cells=cells)


def test_an_equal_output_keeps_its_text_and_another_is_replaced() -> None:
    old = notebook([prints("took 12 ms")], [prints("soup")])
    new = merge(old, notebook([prints("took 99 ms")], [prints("bread")]), LESSON)
    assert [cell.outputs[0].text for cell in new.cells] == ["took 12 ms", "bread"]
    assert changed(old, new) == ["c2"]


def test_an_output_of_a_cell_that_was_never_run_is_not_kept() -> None:
    old = notebook([prints("took 12 ms")], counts=[None])
    new = merge(old, notebook([prints("took 99 ms")]), LESSON)
    assert new.cells[0].outputs[0].text == "took 99 ms"


def test_counts_run_from_one_in_kept_results_too() -> None:
    old = notebook([result("1", 17)], [result("2", 4)], counts=[17, 4])
    new = merge(old, notebook([result("1", 1)], [result("2", 2)]), LESSON)
    assert [cell.execution_count for cell in new.cells] == [1, 2]
    assert [cell.outputs[0].execution_count for cell in new.cells] == [1, 2]


def test_an_empty_cell_has_no_count() -> None:
    old = notebook([], [])
    old.cells[0].source = " \n"
    new = merge(old, deepcopy(old), LESSON)
    assert [cell.execution_count for cell in new.cells] == [None, 1]


def test_metadata_of_the_machine_goes_and_an_authors_stays() -> None:
    old = notebook([])
    old.metadata.language_info = {"name": "python", "version": "3.11.7"}
    old.metadata.kernelspec = {"name": "mine", "display_name": "mine"}
    stamps = {"execution": {"iopub.status.busy": "2026-01-01"}, "ExecuteTime": 2}
    old.cells[0].metadata.update(stamps, tags=["check"])
    old.metadata = parse(writes(old)).metadata
    new = merge(old, deepcopy(old), LESSON)
    assert new.metadata == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    assert new.cells[0].metadata == {"tags": ["check"]}


def test_alternative_text_of_a_picture_is_kept() -> None:
    picture = [new_output("display_data", {"image/png": "a"}, metadata={"image/png": {"alt": "x"}})]
    new = merge(notebook([prints("a")]), notebook(picture), LESSON)
    assert new.cells[0].outputs[0].metadata == {"image/png": {"alt": "x"}}


def test_neighbours_of_one_stream_are_joined_and_no_others() -> None:
    figure = new_output("display_data", {"text/plain": "figure"})
    joined = coalesce([prints("a"), prints("b"), prints("c", "stderr"), figure, prints("d")])
    assert [(one.get("name"), one.get("text")) for one in joined] == [
        ("stdout", "ab"),
        ("stderr", "c"),
        (None, None),
        ("stdout", "d"),
    ]


def test_what_was_merged_once_does_not_change_again() -> None:
    old = notebook([prints("a "), prints("12 ms")], [result("<A at 0x7f1234567890>", 2)])
    once = merge(old, notebook([prints("a 13 ms")], [result("<A at 0x7f9876543210>", 2)]), LESSON)
    again = merge(once, notebook([prints("a 5 ms")], [result("<A at 0x7f0000000000>", 2)]), LESSON)
    assert form(again) == form(once)


def test_text_that_was_parsed_comes_back_byte_for_byte() -> None:
    text = form(notebook([prints("é\n\u2028x"), result("'a\\n'", 1)]))
    assert form(parse(text)) == text and text.endswith("}\n") and not text.endswith("\n\n")


def test_a_cell_without_an_id_gets_one_that_is_the_same_each_time() -> None:
    raw = json.loads(form(new_notebook(cells=[new_markdown_cell("a"), new_markdown_cell("b")])))
    for cell in raw["cells"]:
        del cell["id"]
    raw["nbformat_minor"] = 4
    assert [cell.id for cell in parse(json.dumps(raw)).cells] == ["cell-1", "cell-2"]


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("# Course", "got text that is not JSON (Expecting value"),
        ("", "got text that is not JSON"),
        ("[1]", "got JSON of another kind"),
        ('{"nbformat": 3, "nbformat_minor": 0, "worksheets": []}', "got JSON of another kind"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1]}', "breaks the format"),
        (
            '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": '
            '[{"id": "a", "cell_type": "poem", "metadata": {}, "source": ""}]}',
            "breaks the format",
        ),
    ],
)
def test_what_is_not_a_notebook_is_refused(text: str, got: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(text)
    assert str(error.value).startswith("expected a Jupyter notebook of format 4, got ")
    assert got in str(error.value)


def test_two_cells_with_one_id_are_refused() -> None:
    twice = new_notebook(cells=[new_markdown_cell("a", id="x"), new_markdown_cell("b", id="y")])
    twice.cells[1].id = "x"
    with pytest.raises(UsageError, match="a different id for each cell, got 'x' more than once"):
        parse(writes(twice))
