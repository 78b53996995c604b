"""The check cell, and the cell to try things in: here, in this process, as in a kernel.

In a kernel of a notebook it is looked at by `test_stubs.py`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import small_course
from small_course import ADD, GREET

from labsupport.errors import LabError, UsageError
from labsupport.grading import attempt, check
from labsupport.grading.cell import NotYet, Unwritten, course
from labsupport.grading.report import Report

pytestmark = pytest.mark.usefixtures("no_leaks")


@pytest.fixture
def exercises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small course's exercises, in which the notebook is open."""
    made = small_course.make(tmp_path)
    monkeypatch.chdir(made)
    return made


def right(guest: str) -> str:
    return f"Hello, {guest}!"


def half(guest: str) -> str:
    return "Hello, Ada!"


def test_full_marks_are_returned_to_be_shown_once(
    exercises: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = check(1, greet=right)
    assert (report.state, report.points, report.max_points) == ("full", 3, 3)
    assert repr(report).splitlines()[0].endswith("2 of 2")
    assert capsys.readouterr().out == ""


def test_anything_less_is_shown_and_then_raised(
    exercises: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotYet) as caught:
        check(1, greet=half)
    shown = capsys.readouterr().out
    assert shown.splitlines()[2:] == [
        " ✓  greets Ada",
        " ✗  greets everybody",
        "      fed       Zoë",
        "      expected  'Hello, Zoë!'",
        "      got       'Hello, Ada!'",
        "      next      Return the words.",
        "",
    ]
    assert isinstance(caught.value, LabError)
    assert caught.value.got == "'greets everybody' failing"


def test_what_it_raises_is_one_line_in_a_notebook(
    exercises: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotYet) as caught:
        check(1, greet=half)
    assert caught.value._render_traceback_() == [
        "Not yet: Read the report above, change your cell, run it, and run this one again."
    ]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "your cells to define greet"),
        ({"great": right}, "your cells to define greet"),
        ({"greet": lambda guest: 1 / 0}, "ZeroDivisionError: division by zero"),
        ({"greet": "Hello, Ada!"}, "'Hello, Zoë!'"),
        ({"greet": lambda: ""}, "TypeError"),
    ],
    ids=["none", "another_name", "raises", "no_function", "no_argument"],
)
def test_an_answer_that_is_none_is_told_so(
    answers: dict[str, Any],
    said: str,
    exercises: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(NotYet):
        check(1, **answers)
    assert said in capsys.readouterr().out


def test_a_broken_check_is_ours_and_the_cell_says_so(
    exercises: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (exercises / "checks" / f"e{ADD}.py").open("a") as file:
        file.write("\n\n@exercise.check('is ours', points=1)\ndef ours(answer, random): 1 / 0\n")
    with pytest.raises(NotYet, match="got ZeroDivisionError in the check 'ours': division by zero"):
        check(2, add=sum)
    assert "ZeroDivisionError in the check 'ours'" in capsys.readouterr().out


def test_hidden_checks_have_no_part_in_it(exercises: Path) -> None:
    (hidden,) = (exercises / "instructor" / "hidden").iterdir()
    hidden.write_text("raise RuntimeError")
    assert [result.key for result in check(1, greet=right).results] == ["ada", "everybody"]


def test_answers_that_wait_are_awaited_also_while_a_loop_runs_here(exercises: Path) -> None:
    """A kernel's cells run in its loop."""

    async def add(prices: list[int]) -> int:
        await asyncio.sleep(0)
        return sum(prices)

    async def cell() -> Report:
        return check(2, add=add)

    assert asyncio.run(cell()).state == "full"


@pytest.mark.parametrize("number", [0, 3, 100, -1])
def test_an_exercise_that_is_not_there_is_wrong_use(number: int, exercises: Path) -> None:
    with pytest.raises(UsageError, match=rf"in checks/, got e{GREET}, e{ADD}\. Next: Give a noteb"):
        check(number)


def test_the_course_is_found_from_wherever_in_it_one_is(exercises: Path, tmp_path: Path) -> None:
    (exercises / "mine" / "deep").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    for folder in ("", "exercises", "exercises/mine/deep", "notebooks"):
        assert course(tmp_path / folder) == exercises, folder
    assert course() == exercises


def test_outside_of_a_course_it_says_where_to_go(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        course(tmp_path)
    assert str(caught.value) == (
        "expected a folder exercises/ with checks/ in it, here or above, got none. "
        "Next: Open the notebook where the course put it, in exercises/."
    )


def unwritten() -> Any:
    raise NotImplementedError("write greet(), then run the cell below")


async def later(value: Any) -> Any:
    await asyncio.sleep(0)
    return unwritten() if value is None else value


async def one_by_one(*values: Any) -> AsyncIterator[Any]:
    for value in values:
        yield await later(value)


@pytest.mark.parametrize(
    ("run", "value"),
    [
        (lambda: 7, 7),
        (lambda: None, None),
        (lambda: later(7), 7),
        (lambda: one_by_one(1, 2), [1, 2]),
        (lambda: one_by_one(), []),
    ],
)
def test_an_attempt_gives_the_value_that_it_comes_to(run: Callable[[], Any], value: Any) -> None:
    assert attempt(run) == value


@pytest.mark.parametrize(
    "run", [unwritten, lambda: later(None), lambda: one_by_one(1, None)], ids=["now", "await", "in"]
)
def test_an_attempt_at_what_is_not_written_says_so_in_one_line(run: Callable[[], Any]) -> None:
    said = attempt(run)
    assert isinstance(said, Unwritten)
    assert repr(said) == "not yet: write greet(), then run the cell below"


def test_an_attempt_at_what_is_wrong_raises_it() -> None:
    async def wrong() -> None:
        raise KeyError("soup")

    for run in (lambda: {}["soup"], wrong):
        with pytest.raises(KeyError, match="soup"):
            attempt(run)  # type: ignore[arg-type]


def test_an_attempt_works_while_a_loop_runs_here() -> None:
    async def cell() -> Any:
        return attempt(lambda: later(threading.current_thread()))

    assert asyncio.run(cell()) is threading.current_thread()


def test_an_attempt_leaves_an_iterator_to_be_read() -> None:
    def numbers() -> Iterator[int]:
        yield 1

    assert list(attempt(numbers)) == [1]


def test_an_attempt_waits_for_whatever_can_be_awaited() -> None:
    class Soon:
        def __await__(self) -> Iterator[Any]:
            return (yield from asyncio.sleep(0, "soup").__await__())

    made: Awaitable[str] = Soon()
    assert attempt(lambda: made) == "soup"
