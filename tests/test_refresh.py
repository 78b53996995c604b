"""refresh: notebooks run again, and only what changed is written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from labsupport.authoring.merge import form
from labsupport.authoring.refresh import main, refresh
from labsupport.errors import UsageError

SANITIZE = Path(__file__).parent / "sanitize.cfg"
TITLE = "# {}\n\n5 minutes <!-- nav -->\n\nA surprise."
README = "# Course\n\n## Lessons\n\n<!-- lessons -->\n<!-- /lessons -->\n"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with one lesson, which prints a time, a word and a widget."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "sanitize.cfg").write_bytes(SANITIZE.read_bytes())
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    lesson(tmp_path, "import time; print(f'{time.perf_counter():.3f} s')", "print('soup')")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lesson(root: Path, *sources: str, name: str = "01_soup.ipynb") -> Path:
    path = root / "notebooks" / name
    path.parent.mkdir(exist_ok=True)
    cells = [new_markdown_cell(TITLE.format("1 · Soup"), id="title")]
    cells += [new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources, 1)]
    cells += [new_markdown_cell("Next <!-- nav -->", id="next")]
    path.write_text(form(new_notebook(cells=cells)), encoding="utf-8", newline="\n")
    return path


def files(root: Path) -> dict[str, bytes]:
    found = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def test_the_second_run_changes_nothing_and_nbval_is_green(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lesson(
        course,
        "import time, ipywidgets; print(f'{time.perf_counter():.3f} s')",
        "ipywidgets.Label('a')",
        "object(), 'http://127.0.0.1:%d' % (time.time_ns() % 9000 + 1000)",
    )
    path = Path("notebooks", "01_soup.ipynb")
    assert main([], check=False) == 0
    assert capsys.readouterr().out == (
        f"{path}: 5 cells changed: title, c1, c2, c3, next\nREADME.md: table of lessons changed\n"
    )
    once = files(course)
    assert main([], check=False) == 0
    assert capsys.readouterr().out == f"{path}: unchanged\nREADME.md: unchanged\n"
    assert files(course) == once
    nbval = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval"]
    nbval += ["--nbval-current-env", "--nbval-sanitize-with", "tests/sanitize.cfg", str(path)]
    ours = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    ran = subprocess.run(nbval, cwd=course, env=ours, capture_output=True, text=True, timeout=100)
    assert ran.returncode == 0 and "3 passed" in ran.stdout, ran.stdout


def test_check_writes_nothing_and_says_what_would_change(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(course)
    assert main([Path("notebooks/01_soup.ipynb")], check=True) == 1
    assert files(course) == before
    assert "4 cells changed: title, c1, c2, next" in capsys.readouterr().out
    assert main([], check=False) == 0 == main([], check=True)


def test_only_the_changed_cell_is_named_and_written(course: Path) -> None:
    path = course / "notebooks" / "01_soup.ipynb"
    refresh(path)
    first = nbformat.read(path, 4)
    text = path.read_text(encoding="utf-8").replace("print('soup')", "print('bread')")
    path.write_text(text, encoding="utf-8")
    assert refresh(path) == "1 cell changed: c2"
    second = nbformat.read(path, 4)
    assert second.cells[2].outputs[0].text == "bread\n"
    assert second.cells[1] == first.cells[1]


def test_a_failing_notebook_is_left_alone_and_the_others_go_on(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = lesson(course, "1 / 0", name="02_bad.ipynb")
    was = bad.read_bytes()
    (course / "notes.txt").write_text("soup", encoding="utf-8")
    (course / "image.png").write_bytes(b"\x89PNG\xff")
    names = ["notebooks/02_bad.ipynb", "notes.txt", "image.png", "none.ipynb", "notebooks"]
    assert main([*map(Path, names), Path("notebooks/01_soup.ipynb")], check=False) == 1
    out, err = capsys.readouterr()
    assert bad.read_bytes() == was
    assert "01_soup.ipynb: 4 cells changed" in out and "02_bad" not in out
    lines = err.splitlines()
    assert any("02_bad.ipynb: expected cell 'c1' to run to its end, got Zero" in x for x in lines)
    assert any("notes.txt: expected a Jupyter notebook" in x for x in lines)
    assert any("image.png: expected a notebook, which is text in UTF-8" in x for x in lines)
    assert any("none.ipynb: expected" in x and "got no such file" in x for x in lines)
    assert any("notebooks: expected" in x for x in lines)


def test_a_file_saved_meanwhile_is_not_overwritten(course: Path) -> None:
    path = course / "notebooks" / "01_soup.ipynb"
    mine = path.read_text(encoding="utf-8").replace("A surprise.", "Mine.")

    def save(done: int, cells: int) -> None:
        path.write_text(mine, encoding="utf-8")

    with pytest.raises(UsageError, match="got one that was saved meanwhile"):
        refresh(path, progress=save)
    assert path.read_text(encoding="utf-8") == mine


def test_a_file_is_replaced_whole_or_not_at_all(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("disk full")

    before = files(course)
    monkeypatch.setattr(os, "replace", fail)
    assert main([], check=False) == 1
    assert files(course) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a whole console only")
def test_ctrl_c_stops_at_once_and_leaves_files_whole(course: Path) -> None:
    lesson(course, "open('started', 'w').close()", "import time; time.sleep(100)")
    before = files(course)
    code = "from labsupport.authoring.refresh import main; main([], check=False)"
    child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    started = course / "notebooks" / "started"
    until = time.monotonic() + 60
    while not started.exists() and time.monotonic() < until:
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert "KeyboardInterrupt" in err and child.returncode != 0
    started.unlink()
    assert files(course) == before


def test_a_notebook_elsewhere_has_no_navigation(tmp_path: Path) -> None:
    path = tmp_path / "other.ipynb"
    path.write_text(form(new_notebook(cells=[new_markdown_cell("x <!-- nav -->", id="a")])))
    refresh(path)
    assert json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"] == ["x <!-- nav -->"]


def test_without_notebooks_it_says_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([], check=False) == 1
    assert "expected a folder notebooks/ with notebooks here or above" in capsys.readouterr().err


def test_a_readme_without_a_place_for_the_table_is_named(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "README.md").write_text("# Course\n", encoding="utf-8")
    assert main([], check=False) == 1
    assert "README.md: expected a line <!-- lessons -->" in capsys.readouterr().err
