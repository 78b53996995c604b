"""Fixtures for the tests of what only the instructor has."""

from __future__ import annotations

from pathlib import Path

import pytest
import scratch_course
from scratch_course import RIGHT, hand_in


@pytest.fixture
def course(tmp_path: Path) -> Path:
    exercises = scratch_course.make(tmp_path)
    for path in exercises.rglob("*52_*"):
        path.unlink()
    return exercises


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    folder = tmp_path / "submissions"
    for number in range(6):
        hand_in(folder, f"s{number}", f"# {number}\n{RIGHT}")
    return folder
