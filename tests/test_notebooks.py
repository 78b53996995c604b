"""The structure of every lesson, rule by rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebook_rules import RULES
from notebook_text import Notebook

LESSONS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_lesson_keeps_the_rule(rule, path: Path) -> None:  # type: ignore[no-untyped-def]
    assert rule(Notebook(path)) == []


def test_there_are_lessons() -> None:
    assert LESSONS
