"""The kernel that the notebooks name: this Python, another one, or none."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from labsupport.doctor import kernelspec as module
from labsupport.doctor.kernelspec import kernel
from labsupport.doctor.owner import Owner


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "owner", lambda: None)


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of kernel specs that comes before all others."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    made = tmp_path / "kernels" / "python3"
    made.mkdir(parents=True)
    return made / "kernel.json"


def write(path: Path, command: str) -> None:
    argv = [command, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python", "language": "python"}
    path.write_text(json.dumps(spec), encoding="utf-8")


@pytest.mark.parametrize("command", ["python", "python3", sys.executable])
def test_a_spec_of_this_python_is_fine_and_left_out_of_repr(specs: Path, command: str) -> None:
    write(specs, command)
    found = kernel()
    assert (found.state, found.optional) == ("fine", True)
    assert found.detail == f"runs {command}"


def test_a_spec_of_another_python_says_how_to_make_one_of_this(specs: Path, tmp_path: Path) -> None:
    other = tmp_path / ("python.exe" if os.name == "nt" else "python")
    other.write_text("", encoding="utf-8")
    other.chmod(0o755)
    write(specs, str(other))
    found = kernel()
    assert (found.state, found.name) == ("look", "the kernel python3 runs another Python")
    assert found.detail == f"it runs {other}; this is {sys.executable}" and not found.optional
    assert "python -m ipykernel install --sys-prefix" in found.next


def test_a_spec_of_a_python_that_is_gone_is_pointed_out(specs: Path, tmp_path: Path) -> None:
    write(specs, str(tmp_path / "gone" / "python"))
    assert kernel().name == "the kernel python3 runs another Python"


def test_another_environment_with_the_same_base_is_another_python(
    specs: Path, tmp_path: Path
) -> None:
    base = os.path.realpath(sys.executable)
    link = tmp_path / os.path.basename(base)
    if os.name == "nt":  # where an environment has a copy, and a link needs a right
        shutil.copy(base, link)
    else:
        link.symlink_to(base)
    write(specs, str(link))
    assert kernel().state == "look"


@pytest.mark.parametrize("text", ["{", "{}", '{"argv": []}'])
def test_a_broken_spec_is_no_traceback(specs: Path, text: str) -> None:
    specs.write_text(text, encoding="utf-8")
    found = kernel()
    assert (found.state, found.name) == ("look", "no kernel python3 for this Python")
    assert found.next == "Run: python -m ipykernel install --sys-prefix, then restart JupyterLab."


@pytest.mark.parametrize(
    ("name", "command", "state"),
    [
        ("python3", "", "fine"),  # this very kernel is it
        ("course", sys.executable, "fine"),
        ("course", "python", "look"),  # the server's own, which is not known to be this
        ("course", "", "look"),
    ],
)
def test_in_a_kernel_the_server_says_what_it_would_start(
    name: str, command: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"spec": {"argv": [command]}} if command else None
    monkeypatch.setattr(module, "owner", lambda: Owner("http://127.0.0.1:1/", "", name))
    monkeypatch.setattr(module, "ask", lambda *_: (200, said))
    found = kernel()
    assert found.state == state
    assert state == "fine" or found.next.startswith("Kernel, Change Kernel: course in each lesson")
