"""Run notebooks again and store what changed, so that a diff shows that and nothing else.

Rule 1: a file is replaced whole or not at all, also when you press Ctrl-C.
Rule 2: one bad notebook never keeps the others from being refreshed.
Rule 3: outputs that nbval calls equal keep their bytes. To store such an output anew, for
instance a picture whose colours changed, clear it in JupyterLab first.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ..errors import LabError, UsageError
from ..grading.cell import course
from ..grading.exercise import load
from . import execute as running
from .compare import comparison
from .merge import changed, form, merge, parse
from .navigation import navigate, read_lessons, with_table
from .stubs import marked, stub

__all__ = ["main", "refresh"]

SANITIZE = Path("tests", "sanitize.cfg")


def main(paths: list[Path], *, check: bool) -> int:
    """Refresh notebooks and README's table of lessons, with a line about each on stdout.

    Arguments:
        paths: the notebooks; if empty, all of `notebooks/` in this folder or the nearest
            folder above that has one.
        check: write nothing, and say what would change.

    Returns:
        0, or 1 if something could not be refreshed or, with `check`, would change.
    """
    out = Console(file=sys.stdout, highlight=False, markup=False, soft_wrap=True, emoji=False)
    err = Console(file=sys.stderr, highlight=False, markup=False, soft_wrap=True, emoji=False)
    failed, drifted = False, False
    try:
        todo = paths or _all_notebooks(Path.cwd())
    except LabError as error:
        err.print(str(error))
        return 1
    with _progress(err) as bar:
        for path in todo:
            task = bar.add_task(path.name)

            def step(done: int, cells: int, task: int = task) -> None:
                bar.update(task, completed=done, total=cells)  # type: ignore[arg-type]

            try:
                said = refresh(path, check=check, progress=step)
            except (LabError, OSError) as error:
                failed = True
                err.print(f"{path}: {error}")
            else:
                drifted |= said != "unchanged"
                out.print(f"{path}: {said}")
            bar.remove_task(task)
    # After the notebooks: the table is made from what they say now.
    roots = {path.resolve().parent.parent for path in todo if _is_lesson(path)}
    for root in sorted(root for root in roots if (root / "README.md").exists()):
        try:
            said = refresh_readme(root, check=check)
        except (LabError, OSError) as error:
            failed = True
            err.print(f"README.md: {error}")
        else:
            drifted |= said != "unchanged"
            out.print(f"README.md: {said}")
    return int(failed or (check and drifted))


def refresh(
    path: Path,
    *,
    check: bool = False,
    timeout: float = 60.0,
    progress: running.Progress = lambda done, cells: None,
) -> str:
    """Run one notebook again and store what nbval would call different.

    Arguments:
        path: the notebook; in a folder `notebooks`, its navigation is written too.
        check: write nothing.
        timeout: seconds for one cell.
        progress: called with the cells done so far and their number.

    Returns:
        `unchanged`, or what changed, such as `2 cells changed: serve, explain`.

    Raises:
        UsageError: not a notebook. BenchError: a cell failed. The file is as it was.
    """
    path = path.resolve()
    text = _read(path)
    old = parse(text)
    rules = comparison(_sanitize_file(path))
    ran = running.execute(old, path.parent, timeout=timeout, progress=progress)
    new = merge(old, ran, rules)
    if _is_solution(path):
        new = marked(new, points_of(path))
    if _is_lesson(path):
        new = navigate(new, path, read_lessons(path.parent))
    new_text = form(new)
    stale = _is_solution(path) and write_stub(path, new, check=check)
    if new_text == text:
        return "stub changed" if stale else "unchanged"
    if not check:
        _replace(path, text, new_text)
    ids = changed(old, new)
    if not ids:
        return "metadata or layout changed"
    return f"{len(ids)} cell{'s' if len(ids) > 1 else ''} changed: {', '.join(ids)}"


def points_of(solution: Path) -> float:
    """What the visible checks of an exercise are worth."""
    return load(solution.stem, course(solution.parent)).points


def write_stub(path: Path, solution: NotebookNode, *, check: bool = False) -> bool:
    """Write what learners get beside `instructor/`; returns whether it was another before."""
    to = path.parent.parent.parent / path.name
    text = form(stub(solution, points_of(path)))
    if to.is_file() and _read(to) == text:
        return False
    if not check:
        if not to.exists():
            to.touch()
        _replace(to, _read(to), text)
    return True


def refresh_readme(root: Path, *, check: bool = False) -> str:
    """Write the table of lessons in `root/README.md`; returns `unchanged`, or what changed."""
    readme = root / "README.md"
    text = _read(readme)
    new = with_table(text, read_lessons(root / "notebooks"))
    if new == text:
        return "unchanged"
    if not check:
        _replace(readme, text, new)
    return "table of lessons changed"


def _all_notebooks(here: Path) -> list[Path]:
    for root in [here, *here.parents]:
        found = sorted(root.glob("notebooks/*.ipynb"))
        if found:
            found += sorted(root.glob("exercises/instructor/solutions/*.ipynb"))
            return [Path(os.path.relpath(path, here)) for path in found]
    raise UsageError(
        expected="a folder notebooks/ with notebooks here or above",
        got=str(here),
        next="Go to the course's folder, or name the notebooks.",
    )


def _is_solution(path: Path) -> bool:
    return path.parent.name == "solutions" and path.parent.parent.name == "instructor"


def _is_lesson(path: Path) -> bool:
    return path.resolve().parent.name == "notebooks"


def _sanitize_file(path: Path) -> Path | None:
    places = (root / SANITIZE for root in path.parents)
    return next((place for place in places if place.is_file()), None)


def _read(path: Path) -> str:
    try:
        # newline="": so that a file stored with CRLF is seen as different from ours.
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError) as error:
        raise UsageError(
            expected="a notebook, which is text in UTF-8",
            got="no such file" if isinstance(error, FileNotFoundError) else "something else",
            next="Check the path.",
        ) from error


def _replace(path: Path, expected: str, text: str) -> None:
    if _read(path) != expected:
        raise UsageError(
            expected="the file to stay as it is while its cells run",
            got="one that was saved meanwhile",
            next="Nothing was written. Refresh it again.",
        )
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        shutil.copymode(path, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        yield bar
