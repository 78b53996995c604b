"""Wrong answers as an author writes them: a change on a right answer, or a whole program."""

from __future__ import annotations

from pathlib import Path

import pytest

from labsupport.authoring.wrong_answers import WrongAnswer, wrong_answers
from labsupport.errors import BenchError

NAME = "77_add"
RIGHT = '''"""By hand."""


def add(a, b):
    total = 0
    total += a
    total += b
    return total


def sub(a, b):
    return a - b
'''
HEAD = "Takes away.\n\nfails: sums\nfrom: by_hand\n\n"
CHANGE = "@@\n     total += a\n-    total += b\n+    total -= b\n     return total\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for kind in ("right", "wrong"):
        (tmp_path / "instructor" / kind / NAME).mkdir(parents=True)
    (tmp_path / "instructor" / "right" / NAME / "by_hand.py").write_text(RIGHT)
    return tmp_path


def write(course: Path, text: str, name: str = "takes_away.diff") -> Path:
    path = course / "instructor" / "wrong" / NAME / name
    path.write_text(text)
    return path


def test_a_change_is_made_in_the_right_answer(course: Path) -> None:
    write(course, HEAD + CHANGE)
    source = RIGHT.replace("total += b", "total -= b")
    expected = WrongAnswer(NAME, "takes_away", "Takes away.", "sums", source)
    assert wrong_answers(course, NAME) == [expected]


def test_a_change_is_found_by_its_lines_wherever_they_are(course: Path) -> None:
    write(course, HEAD + CHANGE)
    right = course / "instructor" / "right" / NAME / "by_hand.py"
    right.write_text("# one line more\n" + RIGHT)
    source = wrong_answers(course, NAME)[0].source
    assert source == "# one line more\n" + RIGHT.replace("total += b", "total -= b")


def test_several_hunks_lines_out_lines_in_and_both_ends(course: Path) -> None:
    hunks = '@@\n-"""By hand."""\n\n\n def add(a, b):\n' + CHANGE
    hunks += "@@ in sub\n def sub(a, b):\n-    return a - b\n+    c = a - b\n+\n+    return c\n"
    write(course, HEAD + hunks)
    made = RIGHT.replace('"""By hand."""\n', "").replace("+= b", "-= b")
    made = made.replace("    return a - b\n", "    c = a - b\n\n    return c\n")
    assert wrong_answers(course, NAME)[0].source == made


def test_a_whole_program_says_the_same_in_its_docstring(course: Path) -> None:
    text = '"""Adds nothing,\nand says so.\n\nfails: sums\n"""\n\nadd = None\n'
    write(course, text, "adds_nothing.py")
    expected = WrongAnswer(NAME, "adds_nothing", "Adds nothing, and says so.", "sums", text)
    assert wrong_answers(course, NAME) == [expected]


def test_both_kinds_come_by_name_and_nothing_else_does(course: Path) -> None:
    write(course, HEAD + CHANGE, "b.diff")
    write(course, '"""C.\n\nfails: sums\n"""\n', "c.py")
    write(course, '"""A.\n\nfails: sums\n"""\n', "a.py")
    write(course, "no wrong answer", "notes.txt")
    assert [one.name for one in wrong_answers(course, NAME)] == ["a", "b", "c"]
    assert wrong_answers(course, "78_none") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + CHANGE.replace("total += a", "total = a"), "once in by_hand.py:.*got 0 times"),
        (HEAD + "@@\n def \n", "got 0 times"),
        (HEAD + "@@\n\n+x = 1\n", "got 4 times"),
        (HEAD + "@@\ntotal += a\n", "begin with a space, - or \\+, got 'total \\+= a'"),
        (HEAD.replace("by_hand", "by_foot") + CHANGE, "by_foot.py among the right answers"),
        (HEAD.replace("fails: sums\n", "") + CHANGE, "one line `fails: ...` at the top .* got 0"),
        (HEAD.replace("from: by_hand\n", "") + CHANGE, "one line `from: ...` at the top .* got 0"),
        (HEAD.replace("fails: sums\n", "fails: a\nfails: b\n") + CHANGE, "got 2"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_to_do(course: Path, text: str, said: str) -> None:
    write(course, text)
    with pytest.raises(BenchError, match=f"(?s){said}") as raised:
        wrong_answers(course, NAME)
    assert "takes_away.diff" in str(raised.value)


def test_a_program_that_is_no_python_is_told_by_its_line(course: Path) -> None:
    write(course, '"""Adds."""\ndef add(:\n', "adds.py")
    with pytest.raises(BenchError, match=r"expected Python in adds\.py, got line 2: .*Next: Mend"):
        wrong_answers(course, NAME)
