"""A class of 60 is graded by the command.

`python -m tests.instructor.bench.class_of_60` grades it three times, once of them while every
processor is kept busy; here the other tests do that.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import get_args

import pytest
from class60 import MOST, STUDENTS, expected, lines
from class60_run import Graded, grade

from labsupport.grading.report import State

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is Linux's"),
    pytest.mark.timeout(700),  # the class is graded in the first test
]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return grade(tmp_path_factory.mktemp("class60") / "class")


def test_it_is_a_class_of_60_with_every_state_but_our_own_failure() -> None:
    table = expected()
    assert len({student for student, _ in table}) == STUDENTS
    states = Counter(state for state, _ in table.values())
    assert states.keys() == set(get_args(State)) - {"not graded"}
    ways = Counter(way for _, way, _, _ in lines())
    assert min(ways.values()) >= 2 and len(ways) == 10, ways


def test_the_table_agrees_with_itself() -> None:
    for (student, exercise), (state, points) in expected().items():
        most = MOST.get(exercise[:2], 0)
        right = {"full": points == most, "partial": 0 < points < most}.get(state, points == 0)
        assert right, f"{student}, {exercise}: {state} with {points}"


def test_every_row_is_as_the_table_says(graded: Graded) -> None:
    assert graded.code == 0, graded.said
    assert graded.differ() == []
    assert graded.doubled == []


def test_every_row_has_its_page(graded: Graded) -> None:
    assert graded.pages == len(expected())


def test_no_process_and_no_port_is_left(graded: Graded) -> None:
    assert graded.running == []


def test_no_file_is_left_or_changed(graded: Graded) -> None:
    assert graded.files == []
