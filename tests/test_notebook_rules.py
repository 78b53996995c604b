"""Each rule for lessons is proven by a small notebook that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import notebook_rules as rules
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebook_text import Notebook

PICTURE = {"image/png": "aGk="}
GOOD = (
    "# 1 · Good\n\n[course map](../README.md#lessons) · 5 minutes <!-- nav -->\n\nA surprise.",
    "## Break it\n\n**Before you run it:** what comes?",
    "## In production\n\n## Pause and recall\n\n## Interview corner",
    "Back to the [course map](../README.md#lessons) <!-- nav -->",
)

Change = Callable[[Any], None]


def lesson(folder: Path, change: Change = lambda notebook: None) -> Notebook:
    """A lesson that keeps every rule, changed."""
    title, before, parts, last = (
        new_markdown_cell(source, id=name)
        for name, source in zip(["title", "before", "parts", "last"], GOOD, strict=True)
    )
    shown = new_output("display_data", PICTURE, metadata={"image/png": {"alt": "a dot"}})
    code = new_code_cell("1 + 1", id="code", execution_count=1, outputs=[shown])
    notebook = new_notebook(cells=[title, before, code, parts, last])
    change(notebook)
    path = folder / "notebooks" / "01_good.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
    (folder / "README.md").write_text("# Course\n\n## Lessons\n", encoding="utf-8")
    return Notebook(path)


def says(text: str, cell: int = 1) -> Change:
    """Add a paragraph to a cell of prose."""
    return lambda notebook: notebook.cells[cell].update(
        source=f"{notebook.cells[cell].source}\n\n{text}"
    )


def code(source: str) -> Change:
    return lambda notebook: notebook.cells[2].update(source=source)


def shows(*outputs: Any) -> Change:
    return lambda notebook: notebook.cells[2].update(outputs=list(outputs))


def tagged(tag: str) -> Change:
    return lambda notebook: notebook.cells[2].metadata.update(tags=[tag])


def replaced(cell: int, old: str, new: str) -> Change:
    return lambda notebook: notebook.cells[cell].update(
        source=notebook.cells[cell].source.replace(old, new)
    )


HOME, WINDOWS = "/" + "home/me/course", "C:" + r"\Users\me"
BAD: list[tuple[Callable[[Notebook], list[str]], Change, str]] = [
    (rules.cells_are_run_in_order, lambda n: n.cells[2].update(execution_count=7), "[7]"),
    (rules.cells_are_run_in_order, lambda n: n.cells[2].update(execution_count=None), "[None]"),
    (rules.code_cells_are_short, code("\n".join("x" * 21)), "'code' has 21 lines"),
    (rules.code_cells_are_short, code("\n".join("x" * 6)), "median code cell has 6 lines"),
    (rules.prose_stands_before_code, lambda n: n.cells.insert(3, new_code_cell(id="b")), "'b'"),
    (rules.prose_stands_before_code, lambda n: n.cells.insert(0, n.cells.pop(2)), "'code'"),
    (rules.navigation_is_current, replaced(0, "map](", "map](x"), "'title' is stale"),
    (rules.navigation_is_current, replaced(4, " <!-- nav -->", ""), "the last cell has no line"),
    (rules.links_resolve, says("[a](02_none.ipynb)"), "leads to no file"),
    (rules.links_resolve, says("![a](none.png)"), "leads to no file"),
    (rules.links_resolve, says('<a href="none.html">a</a>'), "leads to no file"),
    (rules.links_resolve, says("[a](#Nowhere)"), "has no such heading"),
    (rules.links_resolve, says("[a](../README.md#nowhere)"), "has no such heading"),
    (rules.links_resolve, says("[a](/README.md)"), "neither relative"),
    (rules.no_machine_paths, code(f"open('{HOME}')"), "'code', source"),
    (rules.no_machine_paths, says(f"See `{WINDOWS}`."), "'before', source"),
    (rules.no_machine_paths, shows(new_output("stream", text=f"at {HOME}")), "'code', output"),
    (rules.no_machine_paths, shows(new_output("stream", text=WINDOWS)), "output"),
    (rules.nothing_hides_an_output, tagged("nbval-ignore-output"), "tag nbval-ignore-output"),
    (rules.nothing_hides_an_output, tagged("nbval-skip"), "tag nbval-skip"),
    (rules.nothing_hides_an_output, tagged("raises-exception"), "tag raises-exception"),
    (rules.nothing_hides_an_output, code("# NBVAL_IGNORE_OUTPUT\n1"), "comment NBVAL_IGNORE"),
    (rules.nothing_hides_an_output, code("1\n  # NBVAL_SKIP"), "comment NBVAL_SKIP"),
    (rules.headings_are_in_order, says("# Another"), "not exactly one H1"),
    (rules.headings_are_in_order, says("#### Deep"), "'Deep' is of level 4, after one of level 2"),
    (rules.pictures_have_alternative_text, says("![](a.png)"), "a.png has no text"),
    (rules.pictures_have_alternative_text, says("a <img src='a.png'>"), "<img> has no alt"),
    (
        rules.drawn_outputs_have_alternative_text,
        shows(new_output("display_data", PICTURE)),
        "'code' shows image/png",
    ),
    (rules.words_are_plain, says("It is *just* a line."), "says 'just'"),
    (rules.words_are_plain, says("> Obviously so."), "says 'Obviously'"),
    (rules.words_are_plain, says("<details><summary>Simply?</summary></details>"), "'Simply'"),
    (rules.no_errors_are_stored, shows(new_output("stream", name="stderr", text="w")), "stderr"),
    (
        rules.no_errors_are_stored,
        shows(new_output("error", ename="KeyError", evalue="'a'", traceback=[])),
        "ends in KeyError: 'a'",
    ),
    (rules.file_is_small, shows(new_output("stream", text="x" * 600_000)), "600000 is the most"),
    *[
        (rules.parts_are_there, replaced(cell, f"## {part}", "## Else"), f"no heading {part!r}")
        for cell, part in zip([1, 3, 3, 3], rules.PARTS, strict=True)
    ],
    (rules.parts_are_there, replaced(1, "**", ""), "**Before you run it**"),
]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_a_good_lesson_keeps_the_rule(rule: Any, tmp_path: Path) -> None:
    assert rule(lesson(tmp_path)) == []


@pytest.mark.parametrize(
    ("rule", "change", "finding"),
    BAD,
    ids=[f"{rule.__name__}-{number}" for number, (rule, _, _) in enumerate(BAD)],
)
def test_a_bad_lesson_is_found(rule: Any, change: Change, finding: str, tmp_path: Path) -> None:
    found = rule(lesson(tmp_path, change))
    assert any(finding in one for one in found), found


def test_every_rule_has_a_notebook_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BAD} == set(rules.RULES)


@pytest.mark.parametrize(
    "text",
    [
        "A route `/homepage`, and <https://example.org/home/x>.",
        "`just` is code here.",
        "    ![](code.png)",
        "[a](#Break-it), [b](#break-it), [web](https://example.org/#x), [c](../README.md)",
    ],
)
def test_what_is_allowed_is_not_found(text: str, tmp_path: Path) -> None:
    notebook = lesson(tmp_path, says(text))
    assert [found for rule in rules.RULES for found in rule(notebook)] == []
