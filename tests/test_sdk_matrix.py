"""The matrix: every SDK in every situation, beside the table of what is known to come out.

The situation in which a client sleeps for minutes runs in a process of its own, as the command
does it: the client's thread ends with that process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import leaks
import pytest

from tests.sdk_matrix.__main__ import main, short
from tests.sdk_matrix.clients import CLIENTS
from tests.sdk_matrix.current import installed, specifiers
from tests.sdk_matrix.expected import TABLE, expected
from tests.sdk_matrix.heard import Heard
from tests.sdk_matrix.run import Row, run, spoken
from tests.sdk_matrix.scenarios import SCENARIOS
from tests.sdk_matrix.vocabulary import OK, Since

ASLEEP = "429 once, retry-after 130"
HERE = [scenario for scenario in SCENARIOS if scenario.name != ASLEEP]

# google-genai, not we, derives from a class of aiohttp at its first async call.
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession")


@pytest.fixture(scope="module")
def child() -> Iterator[subprocess.Popen[str]]:
    """The command with the situation that sleeps, at work beside the others."""
    command = [sys.executable, "-m", "tests.sdk_matrix", "--only", ASLEEP, "--json"]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


@pytest.fixture(scope="module")
def rows(child: subprocess.Popen[str]) -> Iterator[list[Row]]:
    """All cells but those that sleep, run once."""
    with leaks.no_leaks():
        yield run(HERE)


@pytest.mark.parametrize("scenario", [scenario.name for scenario in HERE])
def test_each_sdk_makes_of_a_situation_what_the_table_says(scenario: str, rows: list[Row]) -> None:
    got = {row.client: row.got for row in rows if row.scenario == scenario}
    assert got == {client: expected(scenario, client) for client in got}
    only = next(one.only for one in HERE if one.name == scenario)
    asked = {client for client in CLIENTS if not only or client.partition(" ")[0] in only}
    assert set(got) == asked


def test_openai_refuses_a_retry_after_of_130_seconds_and_anthropic_sleeps_that_long(
    child: subprocess.Popen[str],
) -> None:
    out, _ = child.communicate(timeout=100)
    found = json.loads(out)
    got = {row["client"]: row["got"] for row in found["rows"]}
    assert got == {client: expected(ASLEEP, client) for client in CLIENTS}
    assert got["messages sync"] == got["messages async"] == "sleeps"
    assert got["chat sync"] == "openai.RateLimitError 429/rate_limit_exceeded/tokens"
    assert found["versions"] == installed()
    assert child.returncode == 0


def test_every_sdk_is_here_and_the_provider_speaks_its_dialect() -> None:
    assert set(installed()) == {"openai", "anthropic", "google-genai", "ollama", "aiohttp"}
    dialects = {client.partition(" ")[0] for client in CLIENTS}
    assert dialects == set(OK) <= spoken()
    assert len(CLIENTS) == 16


def test_the_table_has_a_row_for_each_situation_and_no_other() -> None:
    assert list(TABLE) == [scenario.name for scenario in SCENARIOS]
    keys = {key for row in TABLE.values() for key in row}
    known = {"openai", *OK, *CLIENTS, *(name.rpartition(" ")[0] for name in CLIENTS)}
    assert keys <= known


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, list[str]]]:
    """Run the command here: its exit code, and the lines that it printed."""

    def run_it(*arguments: str) -> tuple[int, list[str]]:
        monkeypatch.setattr(sys, "argv", ["sdk_matrix", *arguments])
        code = main()
        return code, capsys.readouterr().out.splitlines()

    return run_it


def test_the_command_prints_a_table_and_its_count(
    command: Callable[..., tuple[int, list[str]]],
) -> None:
    assert command("--only", "id, then", "--client", " sync") == (
        0,
        [
            "id, then a comment  (7 of 7)",
            "    chat sync, chat helper sync, responses sync, responses helper sync "
            '"Hel", json.JSONDecodeError',
            '    messages sync, messages helper sync "Hello", end_turn, 2+2 tokens',
            '    gemini sync                        "Hel", genai.UnknownApiResponseError, '
            "2+1 tokens",
            ", ".join(f"{name} {version}" for name, version in installed().items()),
            "7 of 7 outcomes are as expected",
        ],
    )


def test_a_row_that_differs_is_marked_and_the_command_exits_1(
    monkeypatch: pytest.MonkeyPatch, command: Callable[..., tuple[int, list[str]]]
) -> None:
    monkeypatch.setitem(TABLE, "CRLF", {"chat sync": "silent"})
    code, lines = command("--only", "CRLF", "--client", "chat sync")
    assert code == 1
    assert lines[0] == "CRLF  (0 of 1)"
    assert lines[1] == '  ! chat sync                          "Hello", stop, 2+2 tokens'
    assert lines[2].split() == ["expected", "silent"]
    assert lines[-1] == "0 of 1 outcomes are as expected"


def test_no_such_situation_is_wrong_use(
    command: Callable[..., tuple[int, list[str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as wrong:
        command("--only", "soup")
    assert wrong.value.code == 2
    assert "no situation or client has 'soup', '' in its name" in capsys.readouterr().err


def test_a_pair_of_sync_and_async_has_one_name() -> None:
    assert short(["chat sync", "chat async", "gemini async"]) == "chat, gemini async"


def test_versions_not_asked_for_stay_or_become_the_newest() -> None:
    here = installed()
    assert specifiers(["openai==2.54.0"]) == [
        "openai==2.54.0",
        *(f"{name}=={here[name]}" for name in list(here)[1:]),
    ]
    assert specifiers([], newest=True) == list(here)


def test_other_words_count_from_a_version_on(monkeypatch: pytest.MonkeyPatch) -> None:
    older = Since("openai", (3,), then="newer library", before="older library")
    since = Since("openai", (3, 14), then="wrapped", before=older)
    named = {"2.54.0": "older library", "3.9.1": "newer library", "3.14.0": "wrapped"}
    for version, words in (named | {"10.1": "wrapped", "3.14.0rc1": "wrapped"}).items():
        monkeypatch.setattr("tests.sdk_matrix.vocabulary.version", lambda name, v=version: v)
        assert since.words() == words


def test_words_tell_what_was_heard() -> None:
    assert Heard().words() == "nothing, silent"
    heard = Heard(text="Hel", end="stop", tokens=(2, 1), calls={"f": "{}"}, cited=1, odd=["x"])
    assert heard.words(2) == '"Hel", f({}), 1 cited, odd x, stop, 2+1 tokens, 2 attempts'
    assert Heard(text="a", error=ValueError("no")).words() == '"a", ValueError'
    assert Heard(thought="hm", refusal="no", sleeps=True).words() == "thinks hm, refuses no, sleeps"
