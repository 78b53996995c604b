"""What a learner may read: nothing unseen, no folder of ours, nothing of a hidden check."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from book_rows import BLANK, CUT, CUT_FAILED, ENDS_FAILED, NASTY, report, row

from labsupport.grading.batch.outputs.words import (
    STATES,
    UNSEEN,
    Plain,
    called,
    line,
    oddity,
    of_course,
    plain,
    told,
)
from labsupport.grading.report import State


def test_every_state_has_words() -> None:
    assert set(STATES) == set(get_args(State))
    for words in STATES.values():
        assert words.means.endswith(".")
        assert words.next.endswith(".")


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_plain_text_has_nothing_unseen(text: str) -> None:
    assert not UNSEEN.search(plain(text))
    assert plain(plain(text)) == plain(text)
    assert "\n" not in line(text)
    assert called(text)


def test_plain_text_keeps_what_people_write() -> None:
    text = "Zoë, 漬物,\t🍜 👩\u200d🍳 نرگس می\u200cخواهم\nمرحبا"
    assert plain(text) == text


def test_folders_of_this_machine_are_not_told() -> None:
    shown = Plain(Path("out"))
    for folder in (sys.prefix, os.path.expanduser("~"), tempfile.gettempdir(), os.getcwd()):
        assert shown(f"in {folder}/lib/x.py, line 3") == "in …/x.py, line 3", folder
        assert shown(f"File '{folder}{os.sep}x.py'") == "File '…/x.py'"
        assert shown(f"it is {folder}, or {folder}/") == "it is …, or …"
    assert shown("C:" + r"\Users\ada\x.py") == "…/x.py"
    assert shown(f"[Errno 2] no {Path('out').resolve()}/{'x/' * 5}y") == "[Errno 2] no …/y"


@pytest.mark.parametrize(
    "text",
    [
        "POST /v1/chat/completions, /v1/messages",
        "http://127.0.0.1:8000/home/x",
        "text/event-stream; 1/2 of /",
        r"b'data: a\r', b'\n\r\n'",
        "a/usr/b, /usrlocal, /homework",
    ],
)
def test_routes_and_bytes_are_left_alone(text: str) -> None:
    assert Plain()(text) == text


def test_of_a_hidden_check_a_learner_gets_title_and_advice() -> None:
    seen = told(CUT_FAILED)
    assert "SECRET" not in repr(seen)
    assert (seen.title, seen.next, seen.points) == (CUT.title, "Decode whole lines only.", 3)
    assert told(ENDS_FAILED) == ENDS_FAILED


def test_a_note_on_the_file_is_told_from_the_rest() -> None:
    double = "the cell 'answer' is there more than once; the first one counts"
    failed = report(BLANK, ENDS_FAILED, state="partial")
    assert oddity(row("x", failed, double)) == double
    assert oddity(row("x", failed)) == ""
    assert oddity(row("x", report(BLANK), double)) == double
    raised = report(BLANK, ENDS_FAILED, state="partial", note="a cell of yours raised")
    assert oddity(row("x", raised, double)) == f"{double}; a cell of yours raised"
    assert oddity(row("x", "missing", "nothing")) == "nothing"


def test_what_is_no_exercise_of_the_course_is_told_from_what_is() -> None:
    assert of_course(row("x", "missing"))
    assert not of_course(row("x", "unreadable", exercise="notes.ipynb"))
    assert not of_course(replace(row("x", "missing"), exercise="02_../../x"))
