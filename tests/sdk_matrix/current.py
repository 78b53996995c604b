"""Run the matrix with other versions of the SDKs, in an environment made for it and thrown away."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

SDKS = ("openai", "anthropic", "google-genai", "ollama", "aiohttp")
"""The last is none: google-genai takes it, where it is, for its async client."""

ROOT = Path(__file__).parents[2]


def installed() -> dict[str, str]:
    """The versions here; those that are not here are left out."""
    found = {}
    for name in SDKS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def specifiers(asked: Iterable[str], *, newest: bool = False) -> list[str]:
    """What to install: what was asked for, the others as they are here or, if `newest`, as new
    as can be.

    >>> specifiers(["openai==2.54.0"], newest=True)
    ['openai==2.54.0', 'anthropic', 'google-genai', 'ollama', 'aiohttp']
    """
    given = {re.split(r"[^\w-]", one, maxsplit=1)[0].lower(): one for one in asked}
    here = {} if newest else {name: f"{name}=={found}" for name, found in installed().items()}
    return [given.get(name) or here.get(name) or name for name in SDKS]


def run_with(specs: list[str], arguments: list[str]) -> dict[str, Any]:
    """The matrix as JSON, run by an interpreter with these packages.

    Raises `subprocess.CalledProcessError` if they cannot be installed.
    """
    with tempfile.TemporaryDirectory(prefix="sdk-matrix-") as folder:
        python = _environment(Path(folder) / "env", [*_needs_of_bench(), *specs])
        command = [str(python), "-m", "tests.sdk_matrix", "--json", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, timeout=300, check=False
        )
        if done.returncode not in (0, 1):
            raise subprocess.CalledProcessError(done.returncode, command)
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def _needs_of_bench() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needs: list[str] = project["project"]["dependencies"]
    return needs


def _environment(where: Path, packages: list[str]) -> Path:
    """A new virtual environment; its interpreter. With uv if that is here, else with pip."""
    python = where / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    uv = [sys.executable, "-m", "uv"] if importlib.util.find_spec("uv") else None
    if uv is None and (command := shutil.which("uv")):
        uv = [command]
    if uv:
        _quietly([*uv, "venv", "--quiet", "--python", sys.executable, str(where)])
        _quietly([*uv, "pip", "install", "--quiet", "--python", str(python), *packages])
    else:
        _quietly([sys.executable, "-m", "venv", str(where)])
        _quietly([str(python), "-m", "pip", "install", "--quiet", *packages])
    return python


def _quietly(command: list[str]) -> None:
    subprocess.run(command, stdout=sys.stderr, check=True, timeout=600)
