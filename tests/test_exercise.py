"""What an exercise is made of, and how it is found in the course's folder."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
import small_course
from small_course import ADD, GREET, put

from labsupport.errors import LabError, UsageError
from labsupport.grading import Answer, CheckFailed, Checks, Exercise, Value, expect, fail
from labsupport.grading.answer import here
from labsupport.grading.exercise import load, shown


@pytest.fixture
def exercises(tmp_path: Path) -> Path:
    return small_course.make(tmp_path)


def made() -> Exercise:
    """An exercise with two checks."""
    exercise = Exercise(2, "Decode a stream", answers=("decode",), lesson="02.ipynb", version=3)

    @exercise.check("is there", points=1, section="Begin")
    def there(answer: Answer, random: Random) -> None: ...

    @exercise.check("is right", points=2.5, needs=("there",), patience=0.5)
    def _right_(answer: Answer, random: Random) -> None: ...

    return exercise


def hidden() -> Checks:
    checks = Checks()

    @checks.check("is right for all", points=4)
    def all_of_them(answer: Answer, random: Random) -> None: ...

    return checks


def keys(exercise: Exercise) -> list[str]:
    return [check.key for check in exercise.checks]


def test_checks_are_kept_in_order_with_their_functions_names_as_keys() -> None:
    there, right = made().checks
    assert (there.key, there.title, there.points, there.section) == (
        "there",
        "is there",
        1,
        "Begin",
    )
    assert (there.points, there.needs, there.patience, there.hidden) == (1, (), 5.0, False)
    assert (right.key, right.needs, right.patience) == ("right", ("there",), 0.5)


def test_the_decorator_gives_the_function_back() -> None:
    def run(answer: Answer, random: Random) -> None: ...

    exercise = Exercise(1, "Any", answers=())
    assert exercise.check("is there", points=1)(run) is run
    assert exercise.checks[0].run is run


def test_two_checks_of_one_name_are_refused() -> None:
    exercise = made()
    with pytest.raises(UsageError, match="a name that no check has, got there. Next: Rename the f"):

        @exercise.check("is there again", points=1)
        def there(answer: Answer, random: Random) -> None: ...

    assert keys(exercise) == ["there", "right"]


def test_the_points_are_those_of_the_checks() -> None:
    assert made().points == 3.5
    assert made().joined(hidden()).points == 7.5


def test_joined_has_the_hidden_checks_behind_its_own_and_all_else_as_it_was() -> None:
    exercise = made()
    whole = exercise.joined(hidden())
    assert keys(whole) == ["there", "right", "all_of_them"]
    assert [check.hidden for check in whole.checks] == [False, False, True]
    assert keys(exercise) == ["there", "right"]
    for name in ("number", "title", "answers", "lesson", "seconds", "version"):
        assert getattr(whole, name) == getattr(exercise, name), name


def test_expect_says_what_was_fed_expected_and_got_as_reprs() -> None:
    expect([1], [1], next="Nothing to do.")
    with pytest.raises(CheckFailed) as caught:
        expect("b", "a", fed=[b"x", b"\r\n"], next="Write a.", cause="another letter")
    error = caught.value
    assert isinstance(error, LabError)
    assert (error.expected, error.got) == ("'a'", "'b'")
    assert (error.fed, error.next, error.cause) == (r"b'x', b'\r\n'", "Write a.", "another letter")
    assert str(error) == "expected 'a', got 'b'. Next: Write a."


def test_fail_shows_texts_as_they_are_and_values_as_reprs() -> None:
    with pytest.raises(CheckFailed, match=r"^expected an event, got 'data'\. Next: Yield one\.$"):
        fail("an event", Value("data"), next="Yield one.")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a text", "a text"),
        (Value("a text"), "'a text'"),
        ([b"a", b"b"], "b'a', b'b'"),
        (Value([b"a"]), "[b'a']"),
        ([], "[]"),
        ([b"a", "b"], "[b'a', 'b']"),
        (None, "None"),
        ("x" * 400, "x" * 400),
        ("x" * 401, "x" * 380 + " ... (401 long)"),
    ],
)
def test_a_value_is_shown_in_a_line_of_bounded_length(value: Any, text: str) -> None:
    assert shown(value) == text


def test_an_exercise_is_found_by_the_number_of_its_notebook(exercises: Path) -> None:
    for name in (GREET, "01", "01_of_another_name", "01 (1)"):
        assert load(name, exercises).title == "Greet a guest"
    assert keys(load(GREET, exercises)) == ["ada", "everybody"]
    assert load(ADD, exercises).points == 4


def test_hidden_checks_are_there_when_asked_for_and_may_use_the_visible_ones(
    exercises: Path,
) -> None:
    whole = load(GREET, exercises, hidden=True)
    assert keys(whole) == ["ada", "everybody", "strangers"]
    with here({"greet": lambda guest: f"Hello, {guest}!"}) as answer:
        whole.checks[2].run(answer, Random(0))


@pytest.mark.parametrize(
    ("name", "asked"), [("03_none", "03"), ("greet", "?"), ("1_x", "?"), ("100", "?"), ("", "?")]
)
def test_an_exercise_that_is_not_there_is_named_beside_those_that_are(
    name: str, asked: str, exercises: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        load(name, exercises)
    assert str(caught.value) == (
        f"expected the checks of exercise {asked} in checks/, got e{GREET}, e{ADD}. "
        "Next: Give a notebook of the course, such as 02_decode_a_stream.ipynb."
    )


def test_hidden_checks_that_are_not_there_are_an_error(exercises: Path) -> None:
    with pytest.raises(UsageError, match=f"of exercise 02 in hidden/, got e{GREET}"):
        load(ADD, exercises, hidden=True)


def test_two_files_for_one_number_are_an_error(exercises: Path) -> None:
    put(exercises / "checks" / "e01_twice.py")
    with pytest.raises(UsageError, match=f"got e{GREET}, e01_twice, e{ADD}"):
        load(GREET, exercises)


def test_a_file_is_read_anew_each_time(exercises: Path) -> None:
    """So that whoever writes a check sees it in the kernel that runs."""
    path = exercises / "checks" / f"e{GREET}.py"
    assert load(GREET, exercises).checks[0].title == "greets Ada"
    path.write_text(path.read_text().replace("greets Ada", "greets a lady"))
    assert load(GREET, exercises).checks[0].title == "greets a lady"


def test_checks_may_have_helpers_and_each_course_has_its_own(tmp_path: Path) -> None:
    for town in ("Rome", "Oslo"):
        exercises = small_course.make(tmp_path / town)
        path = exercises / "checks" / f"e{GREET}.py"
        path.write_text(f"from checks.towns import TOWN\n{path.read_text()}exercise.title = TOWN")
        put(exercises / "checks" / "towns.py", f"TOWN = {town!r}")
        assert load(GREET, exercises, hidden=True).title == town
