"""What counts as equal between two runs, and that the sanitize file hides nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_output

from labsupport.authoring.compare import SKIPPED, comparison
from labsupport.errors import UsageError

SANITIZE = Path(__file__).parent / "sanitize.cfg"
LESSON = comparison(SANITIZE)

EQUAL = [
    ("first token   102 ms   total  2043 ms", "first token    98 ms   total 12043 ms"),
    ("took 999 ms", "took 1.00 s"),
    ("at 1,204 ms", "at 998 ms"),
    ("Capture(12 chunks, first at 0.21 s, last at 2.04 s)",
     "Capture(12 chunks, first at 0.3 s, last at 10.04 s)"),
    ("<td>12 ms</td>", "<td>+7 ms</td>"),
    ("'http://127.0.0.1:41234/soup'", "'http://127.0.0.1:5123/soup'"),
    ("Host: localhost:41234", "Host: localhost:51234"),
    ("<object at 0x7f12ab34cd56>", "<object at 0x000001F2AB34CD56>"),
    ("date: Sun, 06 Nov 1994 08:49:37 GMT", "date: Mon, 02 Feb 2026 10:00:00 GMT"),
    ("2026-02-02T10:00:00.123Z", "2026-02-03 11:01:02+01:00"),
]  # fmt: skip

DIFFERENT = [
    pytest.param("Hot soup", "Hot soap", id="word"),
    pytest.param("Event(data='Hot')", "Event(data=' Hot')", id="token"),
    pytest.param("12 ms: Hot", "12 ms: Cold", id="word after a time"),
    pytest.param("12 tokens in 30 ms", "13 tokens in 30 ms", id="count"),
    pytest.param("20 s, 3 chunks", "20 s, 4 chunks", id="count after a time"),
    pytest.param("chunk 3   12 ms", "chunk 4   12 ms", id="count before a time"),
    pytest.param("431 bytes", "432 bytes", id="bytes"),
    pytest.param("2 seconds", "3 seconds", id="seconds in words"),
    pytest.param("status 200", "status 500", id="status"),
    pytest.param("clean", "truncated", id="ending"),
    pytest.param("clean after 1.20 s", "reset after 1.20 s", id="ending before a time"),
    pytest.param("held until 4096 bytes", "held until the end", id="class"),
    pytest.param("reconnect after 2500 ms", "reconnect after 1000 ms", id="retry"),
    pytest.param("retry: 2500", "retry: 1000", id="retry line"),
    pytest.param("127.0.0.1:41234/soup", "127.0.0.1:41234/bread", id="path after a port"),
    pytest.param("10.0.0.1:41234", "10.0.0.2:41234", id="address"),
    pytest.param("0x0d 0x0a", "0x0d 0x0b", id="hexadecimal byte"),
    pytest.param("b\r\n", "c\r\n", id="chunk size"),
    pytest.param("v1.10 2026-02-02", "v1.11 2026-02-02", id="version"),
    pytest.param("in 2026", "in 2027", id="year"),
    pytest.param("1990s", "1980s", id="decade"),
    pytest.param("a  b", "a b", id="spaces"),
    pytest.param("✓ ready", "✗ ready", id="mark"),
    pytest.param("12 ms", "", id="nothing"),
]


def prints(text: str) -> list[Any]:
    return [new_output("stream", text=text)]


def shows(data: dict[str, str], **more: Any) -> list[Any]:
    return [new_output("display_data", data, **more)]


@pytest.mark.parametrize(("old", "new"), EQUAL)
def test_what_is_measured_may_differ(old: str, new: str) -> None:
    assert LESSON.same(prints(old), prints(new))
    assert not comparison(None).same(prints(old), prints(new))


@pytest.mark.parametrize("form", [prints, lambda text: shows({"text/html": f"<p>{text}</p>"})])
@pytest.mark.parametrize(("old", "new"), DIFFERENT)
def test_the_sanitize_file_hides_no_fact(old: str, new: str, form: Any) -> None:
    assert not LESSON.same(form(old), form(new))
    assert LESSON.same(form(old), form(old))


def test_a_missing_or_additional_output_differs() -> None:
    assert not LESSON.same(prints("a"), [])
    assert not LESSON.same([], prints("a"))
    assert not LESSON.same(shows({"text/plain": "a"}), shows({"text/plain": "a", "text/html": "a"}))


def test_the_stream_that_is_written_to_counts() -> None:
    assert not LESSON.same(prints("a"), [new_output("stream", name="stderr", text="a")])


def test_pictures_metadata_and_widget_ids_are_not_compared() -> None:
    view = "application/vnd.jupyter.widget-view+json"
    old = shows({"text/plain": "a", "image/png": "aaaa", view: {"model_id": "1"}})
    new = shows({"text/plain": "a", "image/png": "bbbb", view: {"model_id": "2"}},
                metadata={"image/png": {"alt": "b"}})  # fmt: skip
    assert LESSON.same(old, new)


def test_where_a_stream_was_flushed_does_not_matter_and_nothing_is_joined_in_place() -> None:
    pieces = prints("Hot ") + prints("soup")
    assert LESSON.same(prints("Hot soup"), pieces)
    assert [piece.text for piece in pieces] == ["Hot ", "soup"]


def test_skipped_is_what_nbval_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    import nbval.plugin

    monkeypatch.setattr(nbval.plugin.pytest.File, "__init__", lambda self, *a, **k: None)
    options = SimpleNamespace(nbval_lax=False, nbdime=False)
    file = nbval.plugin.IPyNbFile.__new__(nbval.plugin.IPyNbFile)
    file.parent = SimpleNamespace(config=SimpleNamespace(option=options))
    file.__init__()
    assert file.skip_compare == SKIPPED


def test_every_pattern_of_the_sanitize_file_is_read() -> None:
    lines = SANITIZE.read_text(encoding="utf-8").splitlines()
    wanted = sum(line.startswith("regex:") for line in lines)
    assert wanted == len(LESSON.parent.sanitize_patterns) > 0
    assert repr(LESSON) == f"Comparison({wanted} patterns)"


def test_a_pattern_that_is_no_regular_expression_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.cfg"
    path.write_text("regex: (\nreplace: x\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"expected regular expressions in .*bad\.cfg, got '\('"):
        comparison(path)
