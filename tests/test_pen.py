"""The pen: answers in a sandbox, one after another, each in a world of its own.

Nothing hostile runs here; `tests/instructor/test_attacks.py` does that, each in its sandbox.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from labsupport.errors import BenchError
from labsupport.grading.answer import Feed, Raised
from labsupport.grading.sandbox import bubblewrap, syscalls
from labsupport.grading.sandbox.cage import Limits
from labsupport.grading.sandbox.pen import Pen

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is Linux's"),
    pytest.mark.timeout(120),
]


@pytest.fixture(scope="module")
def pen() -> Iterator[Pen]:
    with Pen() as pen:
        yield pen


def test_cells_run_as_in_a_notebook(pen: Pen) -> None:
    cells = [
        "import asyncio\nx = await asyncio.sleep(0, 5)",
        "%time y = x + 1",
        "def f(): return y",
    ]
    with pen.answer(cells) as answer:
        assert (answer.call("f"), answer.raised) == (6, None)
    assert "Wall time" in answer.output()


def test_what_a_cell_raises_is_kept_and_the_next_ones_run(pen: Pen) -> None:
    with pen.answer(["x = 1\n1 / 0", "def f(): return x", "y = missing"]) as answer:
        assert answer.call("f") == 1
    assert answer.raised is not None
    assert answer.raised.type == "ZeroDivisionError"
    assert answer.raised.where == ("<module>, line 2: 1 / 0",)


@pytest.mark.parametrize(
    ("source", "type", "said", "where"),
    [
        ("def f(:", "SyntaxError", "invalid syntax", "line 1: def f(:"),
        ("raise SystemExit(3)", "SystemExit", "3", "<module>, line 1: raise SystemExit(3)"),
        ("x = '\ud800'", "UnicodeEncodeError", "'utf-8' codec", ""),
    ],
)
def test_a_cell_that_does_not_run_says_why(
    pen: Pen, source: str, type: str, said: str, where: str
) -> None:
    with pen.answer([source]) as answer:
        assert not answer.has("f")
    assert answer.raised is not None
    assert answer.raised.type == type
    assert said in answer.raised.said
    assert where == (answer.raised.where[-1] if answer.raised.where else "")


def test_an_error_of_the_operating_system_is_the_answers_own_word(pen: Pen) -> None:
    source = "def f(chunks):\n    for _ in chunks: raise FileNotFoundError('soup')\n"
    with pen.answer([source]) as answer:
        for _ in range(2):  # and it is there for the next call
            with pytest.raises(Raised, match="FileNotFoundError: soup"):
                answer.call("f", [b"x"])


def test_a_cut_feed_that_the_answer_passes_on_is_its_own_word(pen: Pen) -> None:
    source = "def f(chunks):\n    yield from chunks\n"
    with pen.answer([source]) as answer:
        with answer.talk("f", Feed()) as talk:
            assert talk.give(1) == [1]
            with pytest.raises(Raised, match="ConnectionError: cut"):
                talk.fail("cut")
        assert answer.call("f", [1, 2]) == [1, 2]


def test_a_check_that_fails_in_the_middle_of_a_talk_leaves_the_answer_ready(pen: Pen) -> None:
    with pen.answer(["def f(chunks):\n    return sum(chunks)\n"]) as answer:
        with pytest.raises(ValueError, match="the check's"), answer.talk("f", Feed()) as talk:
            talk.give(1)
            raise ValueError("the check's")
        assert answer.call("f", [1, 2]) == 3


def test_an_answer_too_long_for_a_message_is_told_so_and_may_go_on(pen: Pen) -> None:
    with pen.answer(["def f(n): return 'x' * n\ndef g(n): yield 'x' * n"]) as answer:
        for name in "fg":
            with pytest.raises(Raised, match="Give back less at once; yield it piece by piece"):
                answer.call(name, 5_000_000)
        assert answer.call("f", 3) == "xxx"


def test_output_comes_out_as_it_is_printed(pen: Pen) -> None:
    with pen.answer(["print('caf\\ud800')", "import os; _ = os.write(2, b'\\xff')"]) as answer:
        answer.has("x")
    assert answer.output() == "caf\\ud800\n\ufffd"


def test_nothing_of_one_answer_is_there_for_the_next(pen: Pen) -> None:
    source = "import os\ndef f():\n    open('word', 'w').close()\n    return os.getpid()\n"
    with pen.answer([source]) as answer:
        assert answer.call("f") == 1
    with pen.answer(["import os\ndef f(): return os.listdir('.'), 'os' in globals()"]) as answer:
        assert answer.call("f") == ([], True)


def below() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def test_all_that_it_started_is_gone_when_the_block_ends(pen: Pen) -> None:
    before = below()
    with pen.answer(["import subprocess; subprocess.Popen(['sleep', '60'])"]):
        assert "sleep" in {one.name() for one in below() - before}
    assert below() - before == set()


def test_a_zygote_that_has_died_is_replaced_and_the_last_one_ends_with_the_pen() -> None:
    before = below()
    with Pen() as pen:
        assert pen._zygote is not None
        pen._zygote.kill()
        pen._zygote.wait()
        with pen.answer(["def f(): return 1"]) as answer:
            assert answer.call("f") == 1
    assert below() - before == set()


def test_without_a_cage_the_scratch_folder_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Pen(caged=False) as pen, pen.answer(["import os\ndef f(): return os.getcwd()"]) as answer:
        assert Path(answer.call("f")).parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_without_bubblewrap_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(BenchError, match=r"got no command bwrap\. Next: Install it"), Pen():
        raise AssertionError("it started")
    assert bubblewrap.trouble().startswith("bubblewrap is not installed (Debian, Ubuntu: apt-get")


def test_a_sandbox_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "SYSTEM", ())
    monkeypatch.setattr(sys, "base_prefix", "/usr/lib")
    monkeypatch.setattr(sys, "prefix", "/usr/lib")
    assert bubblewrap.trouble().startswith("bubblewrap does not run: ")
    with pytest.raises(BenchError, match="expected a sandbox that starts, got bwrap:"), Pen():
        raise AssertionError("it started")


def test_the_course_is_hidden_where_the_sandbox_would_see_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = tmp_path / "exercises"
    course.mkdir()
    (course / "solution").touch()
    monkeypatch.setattr(bubblewrap, "COURSE", course)
    monkeypatch.setattr(bubblewrap, "SYSTEM", (*bubblewrap.SYSTEM, str(tmp_path)))
    source = (
        f"import os\ndef f(): return os.listdir({str(tmp_path)!r}), os.listdir({str(course)!r})"
    )
    with Pen() as pen, pen.answer([source]) as answer:
        assert answer.call("f") == ([course.name], [])


def test_a_cage_that_cannot_be_had_is_no_cage(monkeypatch: pytest.MonkeyPatch) -> None:
    assert syscalls.program("x86_64")
    with pytest.raises(BenchError, match="expected a sandbox that starts, got .* mount: "):
        Pen(limits=Limits(disk=-1)).__enter__()
