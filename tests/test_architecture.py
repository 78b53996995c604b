"""The shape of the house: imports point down, few public names, short files."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from notebook_rules import MACHINE_PATH

import labsupport

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "labsupport"
MOST_LINES, MOST_NAMES = 250, 14

# A module imports from its own floor and those below. A package counts as one module.
FLOORS: list[set[str]] = [
    {"errors", "framing", "sse", "wire", "script", "steps", "faults", "clock"}
    | {"_listener", "_reset"},
    {"server", "recorder", "proxy", "relay", "provider", "presets", "realnginx"}
    | {"_connection", "_engine", "_hush", "_leaving", "_recording", "_request", "_wind_up"}
    | {"_keeper", "_program", "_run"},
    {"explain", "explain_html", "anatomy", "anatomy_http", "anatomy_lines", "visible"}
    | {"timeline", "live", "probe", "doctor", "page"},
    {"grading", "authoring"},
    {"__init__", "__main__"},
]


def floor(module: str) -> int:
    """The floor of a module, named as in FLOORS; helpers such as `_timeline` go with `timeline`."""
    plain = module.removeprefix("_").partition("_")[0]
    for number, names in enumerate(FLOORS):
        if module in names or (not module.startswith("__") and plain in names):
            return number
    raise AssertionError(f"labsupport/{module} has no floor; place it in FLOORS of {__file__}")


def module_of(path: Path, house: Path = HOUSE) -> str:
    return path.relative_to(house).parts[0].removesuffix(".py")


def imports(path: Path, house: Path = HOUSE) -> Iterator[str]:
    """The modules of the house that a file imports: at its top, in a function, for types only."""
    package = ["labsupport", *path.relative_to(house).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            if first == "labsupport":
                part = rest.partition(".")[0]
                inside = (house / part).is_dir() or (house / f"{part}.py").is_file()
                yield part if part and inside else "__init__"


SOURCES = sorted(HOUSE.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(HOUSE).as_posix())
def test_imports_point_down(path: Path) -> None:
    here = module_of(path)
    above = {name for name in imports(path) if floor(name) > floor(here)}
    assert not above, f"{here} (floor {floor(here)}) imports {sorted(above)} from above"


def test_a_module_without_a_floor_is_named() -> None:
    with pytest.raises(AssertionError, match=r"labsupport/attic has no floor; place it in FLOORS"):
        floor("attic")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from .errors import LabError", ["errors"]),
        ("from . import errors, sse", ["errors", "sse"]),
        ("from labsupport import record", ["__init__"]),
        ("from labsupport.sse import Event", ["sse"]),
        ("import labsupport.sse", ["sse"]),
        ("def f():\n    from .explain import explain", ["explain"]),
        ("import json\nfrom os import path", []),
    ],
)
def test_every_form_of_import_is_seen(source: str, found: list[str], tmp_path: Path) -> None:
    for name in ["errors", "sse", "explain"]:
        (tmp_path / f"{name}.py").touch()
    path = tmp_path / "new.py"
    path.write_text(source, encoding="utf-8")
    assert list(imports(path, tmp_path)) == found
    inside = tmp_path / "package" / "new.py"
    inside.parent.mkdir()
    inside.write_text(source.replace("from .", "from .."), encoding="utf-8")
    assert list(imports(inside, tmp_path)) == found


def test_the_public_face_has_no_code() -> None:
    body = ast.parse((HOUSE / "__init__.py").read_text(encoding="utf-8")).body
    assert ast.get_docstring(ast.Module(body, []))
    for node in body[1:]:
        is_all = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        assert isinstance(node, ast.ImportFrom) or is_all, f"line {node.lineno} is code"


def test_the_public_face_is_small() -> None:
    count = len(labsupport.__all__)
    assert count <= MOST_NAMES, f"{count} names; move one into a submodule or remove one"
    assert all(hasattr(labsupport, name) for name in labsupport.__all__)


def files() -> list[Path]:
    """What git keeps or would keep; in a copy without git, what is not made by a tool."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "-co", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
        found = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        made = {"__pycache__", "build", "dist"}
        found = [
            path
            for path in ROOT.rglob("*")
            if not any(
                part in made or part.endswith("egg-info") or part.startswith(".")
                for part in path.relative_to(ROOT).parts
            )
        ]
    return sorted(path for path in found if path.is_file())


def test_no_source_is_longer_than_a_few_screens() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in files()
        if path.suffix == ".py"
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = []
    for path in files():
        data = path.read_bytes()
        if b"\0" in data or path.suffix == ".ipynb":
            continue  # binary; lessons have a rule of their own
        for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
            if MACHINE_PATH.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []


@pytest.mark.parametrize("path", ["tmp/x", "work/x", "root", "home/me", "home"])
def test_paths_of_machines_are_known(path: str) -> None:
    assert MACHINE_PATH.search(f"open('/{path}')")
    assert not MACHINE_PATH.search(f"https://example.org/{path}")
    assert not MACHINE_PATH.search(f"notebooks/{path}")
