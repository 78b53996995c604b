"""The command line: help, exit codes, and words instead of tracebacks."""

import json
import subprocess
import sys

import pytest

from labsupport import __main__ as cli
from labsupport.doctor import Checkup, Finding
from labsupport.errors import UsageError


def labsupport(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "labsupport", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, encoding="utf-8")


def test_help_names_every_command() -> None:
    done = labsupport("--help")
    assert done.returncode == 0
    assert all(command.name in done.stdout for command in cli.COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "loaded"), [(["--help"], set()), (["probe", "--help"], {"probe"})]
)
def test_a_command_loads_what_it_needs_and_no_other_commands(
    arguments: list[str], loaded: set[str]
) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "labsupport", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    homes = {place.run.partition(".")[0] for place in cli.COMMANDS}
    assert homes == {"doctor", "probe", "grading", "authoring"}
    assert {home for home in homes if f"labsupport.{home}" in done.stderr} == loaded


@pytest.mark.parametrize("command", [command.name for command in cli.COMMANDS])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main([command, "--help"])
    assert stop.value.code == 0 and "usage:" in capsys.readouterr().out


def test_an_unknown_command_is_wrong_use() -> None:
    done = labsupport("cook")
    assert done.returncode == 2 and "invalid choice: 'cook'" in done.stderr


def test_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main([])
    assert stop.value.code == 2


def test_doctor_speaks_json() -> None:
    done = labsupport("doctor", "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 0 and said["ready"] is True
    assert {"state", "name", "detail", "next", "optional"} == set(said["findings"][0])


def test_a_sick_machine_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sick = Checkup((Finding("mend", "a port", "", "Open it."),))
    monkeypatch.setattr("labsupport.doctor.doctor", lambda: sick)
    assert cli.main(["doctor"]) == 1
    assert "Not ready" in capsys.readouterr().out


def test_an_error_of_ours_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise UsageError(expected="a file", got="nothing", next="Name one.")

    monkeypatch.setattr("labsupport.doctor.doctor", fail)
    assert cli.main(["doctor"]) == 1
    assert capsys.readouterr().err == "expected a file, got nothing. Next: Name one.\n"


def test_ctrl_c_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("labsupport.doctor.doctor", interrupt)
    assert cli.main(["doctor"]) == 130
    assert capsys.readouterr().err == "interrupted\n"
