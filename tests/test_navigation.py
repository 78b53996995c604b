"""Navigation lines and README's table: printed from the lessons, and current in this repository."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from labsupport.authoring.navigation import (
    Lesson,
    navigate,
    read_lesson,
    read_lessons,
    table,
    with_table,
)
from labsupport.errors import UsageError

ROOT = Path(__file__).parent.parent
FIRST = "# {}\n\n25 minutes <!-- nav -->\n\nSome words.\n\nTokens are\nlate.\n"
TITLES = {"01_wait.ipynb": "1 · Wait", "02_wire.ipynb": "2 · Wire", "03_serve.ipynb": "3 · Serve"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course of three lessons with unfinished navigation."""
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    for name, title in TITLES.items():
        write(notebooks / name, FIRST.format(title), "Keep this.\n\nsomewhere <!-- nav -->")
    return notebooks


def write(path: Path, *sources: str) -> None:
    cells = [new_markdown_cell(source, id=f"c{n}") for n, source in enumerate(sources)]
    path.write_text(nbformat.v4.writes(new_notebook(cells=cells)), encoding="utf-8")


def lines(path: Path) -> tuple[str, str]:
    """The navigation that `path` should have, top and bottom."""
    notebook = nbformat.read(path, 4)
    new = navigate(notebook, path, read_lessons(path.parent))
    top, bottom = (
        next(line for line in new.cells[index].source.splitlines() if "<!-- nav -->" in line)
        for index in (0, -1)
    )
    return top, bottom


def test_a_lesson_is_read_from_its_first_cell(folder: Path) -> None:
    lesson = read_lesson(folder / "02_wire.ipynb")
    assert (lesson.title, lesson.number, lesson.name) == ("2 · Wire", "2", "Wire")
    assert (lesson.surprise, lesson.minutes) == ("Tokens are late.", 25)


def test_a_lesson_in_the_middle_links_to_both_neighbours(folder: Path) -> None:
    assert lines(folder / "02_wire.ipynb") == (
        "[← 1 · Wait](01_wait.ipynb) · [course map](../README.md#lessons) · "
        "[3 · Serve →](03_serve.ipynb) · 25 minutes <!-- nav -->",
        "Next: [lesson 3 · Serve](03_serve.ipynb) <!-- nav -->",
    )


def test_the_first_lesson_has_nothing_before_it(folder: Path) -> None:
    top, _ = lines(folder / "01_wait.ipynb")
    assert top.startswith("[course map](../README.md#lessons) · [2 · Wire →](02_wire.ipynb) · 25")


def test_the_last_lesson_leads_back_to_the_map(folder: Path) -> None:
    top, bottom = lines(folder / "03_serve.ipynb")
    assert "→" not in top
    assert bottom == "Back to the [course map](../README.md#lessons) <!-- nav -->"


def test_an_exercise_is_linked_where_there_is_one(folder: Path) -> None:
    exercises = folder.parent / "exercises"
    exercises.mkdir()
    for name in ["02_decode.ipynb", "03_serve.ipynb"]:
        (exercises / name).touch()
    assert lines(folder / "01_wait.ipynb")[1].startswith("Next: [lesson 2")
    assert lines(folder / "02_wire.ipynb")[1] == (
        "Next: [exercise 2](../exercises/02_decode.ipynb) · [lesson 3 · Serve](03_serve.ipynb) "
        "<!-- nav -->"
    )
    assert lines(folder / "03_serve.ipynb")[1] == (
        "Next: [exercise 3](../exercises/03_serve.ipynb) · "
        "back to the [course map](../README.md#lessons) <!-- nav -->"
    )


def test_only_marked_lines_change_and_twice_is_once(folder: Path) -> None:
    path, lessons = folder / "02_wire.ipynb", read_lessons(folder)
    notebook = nbformat.read(path, 4)
    new = navigate(notebook, path, lessons)
    assert new.cells[0].source.startswith("# 2 · Wire\n\n[← 1")
    assert new.cells[0].source.endswith("<!-- nav -->\n\nSome words.\n\nTokens are\nlate.\n")
    assert new.cells[-1].source.startswith("Keep this.\n\nNext: ")
    assert navigate(new, path, lessons) == new
    assert "somewhere" in notebook.cells[-1].source, "the argument is not changed"


def test_a_title_with_a_backslash_stays_as_it_is(folder: Path) -> None:
    write(folder / "03_serve.ipynb", FIRST.format(r"3 · Half a \r\n, \1"), "x <!-- nav -->")
    assert r"[3 · Half a \r\n, \1 →](03_serve.ipynb)" in lines(folder / "02_wire.ipynb")[0]


def test_a_lesson_without_marks_or_outside_the_course_is_left_alone(folder: Path) -> None:
    write(folder / "02_wire.ipynb", "# 2 · Wire\n\nNo marks.", "The end.")
    write(folder.parent / "other.ipynb", "Mine <!-- nav -->")
    for path in [folder / "02_wire.ipynb", folder.parent / "other.ipynb"]:
        notebook = nbformat.read(path, 4)
        assert navigate(notebook, path, read_lessons(folder)) == notebook
    assert read_lesson(folder / "02_wire.ipynb").minutes is None


def test_a_lesson_without_a_title_is_named(folder: Path) -> None:
    write(folder / "02_wire.ipynb", "## Wire")
    with pytest.raises(UsageError, match=r"in the first cell of 02_wire\.ipynb, got '## Wire'"):
        read_lessons(folder)


def test_the_table_has_a_row_for_each_lesson(folder: Path) -> None:
    assert table(read_lessons(folder)).splitlines()[2:] == [
        "| 1 | [Wait](notebooks/01_wait.ipynb) | Tokens are late. | 25 |",
        "| 2 | [Wire](notebooks/02_wire.ipynb) | Tokens are late. | 25 |",
        "| 3 | [Serve](notebooks/03_serve.ipynb) | Tokens are late. | 25 |",
    ]


def test_a_bar_in_a_sentence_does_not_end_its_cell() -> None:
    lesson = Lesson(path=Path("01_a.ipynb"), title="1 · A", surprise="a | b", minutes=None)
    assert table([lesson]).endswith(r"| a \| b |  |")


def test_the_table_replaces_what_stands_between_the_marks(folder: Path) -> None:
    readme = "# C\n<!-- lessons -->\nold\n<!-- /lessons -->\nend\n"
    new = with_table(readme, read_lessons(folder))
    assert "old" not in new and new.startswith("# C\n<!-- lessons -->\n|") and "|\n<!-- /" in new
    assert new.endswith("<!-- /lessons -->\nend\n")
    assert with_table(new, read_lessons(folder)) == new


@pytest.mark.parametrize("readme", ["", "<!-- lessons -->", "<!-- /lessons --><!-- lessons -->"])
def test_a_readme_without_the_marks_is_refused(readme: str) -> None:
    with pytest.raises(UsageError, match="expected a line <!-- lessons -->"):
        with_table(readme, [])


def test_the_table_in_the_readme_is_current() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_table(readme, read_lessons(ROOT / "notebooks")) == readme, "run refresh"
