"""The README's code runs and says what it promises; its commands are the ones CI runs."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

from labsupport.__main__ import COMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_runs_and_explains_every_byte() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.S)
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        capture_output=True, text=True, timeout=60, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == ""
    assert "chunk size: hex b, so 11 bytes to come" in done.stdout
    assert "187 bytes, 2 events." in done.stdout and "Ending: clean" in done.stdout


def test_both_commands_make_an_environment_and_install() -> None:
    commands = dict(re.findall(r"<!-- command: (\w+) -->\n```bash\n(.*)\n```", README))
    assert set(commands) == {"open", "test"}
    for command in commands.values():
        assert command.startswith("python3 -m venv .venv && .venv/bin/python -m pip install -q -r ")
    assert commands["open"].endswith("notebooks/00_meet_the_kitchen.ipynb")
    assert commands["test"].endswith("-m pytest")


def test_ci_takes_the_test_command_from_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "<!-- command: test -->" in script and "-m pytest" not in script


def test_every_call_in_the_table_of_the_bench_exists() -> None:
    called = re.findall(r"^\| `([\w.]+)\(", README, flags=re.M)
    assert len(called) >= 8
    for name in called:
        module, _, call = name.rpartition(".")
        home = importlib.import_module("labsupport" + (f".{module}" if module else ""))
        assert hasattr(home, call), name


def test_every_command_in_the_readme_has_a_module() -> None:
    for name in set(re.findall(r"-m (tests[\w.]*)", README)):
        assert importlib.util.find_spec(name), name
    commands = re.findall(r"^python -m labsupport (\w+)", README, flags=re.M)
    assert commands == [command.name for command in COMMANDS]
