"""The linter of raw streams: what the provider sends is clean, in every scenario and dialect."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.shapes import LINTERS, lint
from tests.shapes.__main__ import main
from tests.shapes.scenarios import SCENARIOS, expected, stream

SHAPES = Path(__file__).parent / "shapes"
CASES = [(name, vendor) for name, scenario in SCENARIOS.items() for vendor in scenario.only]


@pytest.mark.parametrize(("name", "vendor"), CASES, ids=[f"{a}-{b}" for a, b in CASES])
@pytest.mark.usefixtures("no_leaks")
def test_what_the_provider_sends_is_clean(name: str, vendor: str) -> None:
    assert lint(vendor, stream(name, vendor), **expected(name, vendor)) == []


def test_no_shape_is_taken_from_the_provider() -> None:
    for vendor in [*LINTERS, "openai_items", "fields", "frames", "__init__"]:
        tree = ast.parse((SHAPES / f"{vendor}.py").read_text(encoding="utf-8"))
        imported = [
            node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        ]
        from_us = [name for name in imported if name.startswith("labsupport")]
        assert from_us in ([], ["labsupport.sse"]), vendor


def test_the_command_judges_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "capture"
    file.write_bytes(b'{"error":"no soup"}\n')
    assert main([str(file), "--vendor", "ollama"]) == 0
    assert capsys.readouterr().out == "nothing found\n"
    file.write_bytes(b'{"mistake":"no soup"}\n')
    assert main([str(file), "--vendor", "ollama"]) == 1
    assert "line 0.mistake is a field that was never recorded\n" in capsys.readouterr().out


def test_the_command_asks_whose_stream_a_file_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["capture"])
    assert "whose stream is it? Add --vendor NAME" in capsys.readouterr().err


def test_the_command_prints_a_table_and_fails_on_a_finding(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.shapes.__main__.SCENARIOS", {"ok": SCENARIOS["ok"]})
    assert main(["--vendor", "gemini"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["ok", "clean"]
    monkeypatch.setattr("tests.shapes.__main__.stream", lambda name, vendor: b"")
    assert main(["--vendor", "gemini"]) == 1
    assert "ok, gemini: the end is in events []" in capsys.readouterr().out
