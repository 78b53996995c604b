"""Lesson 02 as a reader meets it: real JupyterLab, a real browser, every cell run by the menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Lab

LESSON = "02_read_the_wire.ipynb"
EXPLAINED = (
    "chunk size: hex b, so 11 bytes to come",
    "dispatches event 1",
    "field data: ' soup'; one space is taken off, the rest is kept",
    "chunk size 0: that was the last chunk",
)


@pytest.mark.timeout(300)
def test_lesson_02_runs_through_the_interface_and_shows_the_bytes_explained(
    in_jupyterlab: Lab,
) -> None:
    lab = in_jupyterlab
    lab.open(LESSON)
    lab.clear_outputs()
    assert not any(words in lab.text() for words in EXPLAINED), "outputs were not cleared"
    lab.run_all()
    lab.page.wait_for_function(
        "words => document.querySelector('.jp-Notebook').innerText.includes(words)",
        arg=EXPLAINED[-1],
    )
    assert [words for words in EXPLAINED if words not in lab.text()] == []
    assert lab.complaints() == []
