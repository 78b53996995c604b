"""What a learner gets of each exercise: made from its solution, red in its check cell alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kernels import Kernel, kernel
from nbclient.exceptions import CellExecutionError

from labsupport.authoring.merge import parse
from labsupport.authoring.refresh import write_stub

EXERCISES = Path(__file__).parents[2] / "exercises"
STUBS = sorted(EXERCISES.glob("[0-9][0-9]_*.ipynb"))
SOLUTIONS = sorted(EXERCISES.glob("instructor/solutions/*.ipynb"))


@pytest.fixture(scope="module")
def one() -> Iterator[Kernel]:
    """One kernel for all, since to start one costs more than to run a stub."""
    with kernel(EXERCISES) as made:
        yield made


def test_there_is_a_stub_for_each_solution_and_no_other() -> None:
    assert STUBS
    assert [path.name for path in STUBS] == [path.name for path in SOLUTIONS]


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_a_stub_is_what_refresh_makes_of_the_solution(path: Path) -> None:
    assert not write_stub(path, parse(path.read_text(encoding="utf-8")), check=True)


@pytest.mark.parametrize("path", STUBS, ids=lambda path: path.stem)
def test_a_stub_goes_red_in_its_check_cell_and_nowhere_else(path: Path, one: Kernel) -> None:
    one.run("%reset -f")
    red = {}
    for cell in parse(path.read_text(encoding="utf-8")).cells:
        if cell.cell_type == "code":
            try:
                one.run(cell.source)
            except CellExecutionError as error:
                red[cell.id] = error.ename
    assert red == {"check": "NotYet"}
