"""`python -m labsupport probe`: options, progress, what is printed and the exit code.

Rule: a wrong use or a refused connection is one sentence and never a traceback.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

from rich.console import Console

from ..errors import UsageError
from ..timeline import timeline
from .asking import probe
from .finding import Finding

__all__ = ["EXITS", "arguments", "run"]

EXITS = (
    "Exit code 0: streamed, proven. 1: not proven streamed: held, cut, replayed, no stream, "
    "nobody answered, or cannot tell (the verdict says which; --json has it as held: null). "
    "2: wrong use."
)
PICTURES = (".png", ".svg", ".pdf")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    parser.epilog = EXITS
    add("url", metavar="URL", help="http or https; may hold {pace}")
    add("-X", "--method", "--request", help="default: GET, or POST with a body")
    add("-H", "--header", action="append", default=[], metavar="'NAME: VALUE'", help="repeat it")
    add("-d", "--json-body", "--data", metavar="JSON|@FILE|-",
        help="a JSON body: as text, from a file, or - for standard input")  # fmt: skip
    add("--bearer-env", metavar="NAME",
        help="send the token in this environment variable; it is never shown or saved")  # fmt: skip
    add("--direct", metavar="URL", help="the app without the path: the surest comparison")
    add("--paces", metavar="A,B", help="two values for {pace}, such as 20,80 (ms between tokens)")
    add("--pace-url", metavar="URL", help="the same with a slower generator")
    add("--again", action="store_true", help="ask twice: does a cache replay the answer?")
    add("--deadline", type=float, default=30.0, metavar="S", help="seconds for each recording")
    add("--max-bytes", type=int, default=16 * 1024 * 1024, metavar="N", help="most bytes kept")
    add("--json", action="store_true", help="print the finding as JSON")
    add("--save", type=Path, metavar="FILE",
        help="a picture (.png, .svg, .pdf) or the captures (.json)")  # fmt: skip


def run(wanted: argparse.Namespace, *, environment: Mapping[str, str] | None = None) -> int:
    """Probe, print, save. Returns the exit code.

    Arguments:
        wanted: what `arguments` parsed.
        environment: where `--bearer-env` looks; the process's own by default.
    """
    try:
        return _run(wanted, os.environ if environment is None else environment)
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _run(wanted: argparse.Namespace, environment: Mapping[str, str]) -> int:
    target: Path | None = wanted.save
    if target and target.suffix not in (*PICTURES, ".json"):
        raise UsageError(
            expected=f"--save with a name that ends in {', '.join(PICTURES)} or .json",
            got=repr(target.name),
            next="Write --save probe.png, or --save probe.json.",
        )
    if target and not target.parent.is_dir():
        raise UsageError(
            expected="--save in a folder that is there",
            got=repr(str(target)),
            next=f"Make {target.parent} first.",
        )
    paces = wanted.paces.split(",") if wanted.paces else None
    console = Console(stderr=True)
    waiting = console.status("asking") if console.is_terminal else None
    with waiting or nullcontext():
        found = probe(
            wanted.url,
            method=wanted.method,
            headers=_headers(wanted.header),
            json=_body(wanted.json_body),
            bearer=_token(wanted.bearer_env, environment),
            direct=wanted.direct,
            paces=[json.loads(p) if p.strip().isdigit() else p for p in paces] if paces else None,
            pace_url=wanted.pace_url,
            again=wanted.again,
            deadline=wanted.deadline,
            max_bytes=wanted.max_bytes,
            tell=waiting.update if waiting else None,
        )
    _say(sys.stdout, json.dumps(found.as_dict(), indent=2) if wanted.json else found.details)
    if target:
        _save(found, target)
    return 0 if found.streamed else 1


def _say(where: TextIO, text: str) -> None:
    where.write(text + "\n")


def _headers(lines: list[str]) -> dict[str, str]:
    found = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise UsageError(
                expected="-H 'Name: value'",
                got="a header without a colon (not shown: it may be a secret)",
                next="Write -H 'Accept-Encoding: identity'.",
            )
        found[name.strip()] = value.strip()
    return found


def _body(given: str | None) -> object:
    if given is None:
        return None
    try:
        if given == "-":
            given = sys.stdin.read()
        elif given.startswith("@"):
            given = Path(given[1:]).read_text(encoding="utf-8")
        return json.loads(given)
    except (OSError, ValueError) as error:
        raise UsageError(
            expected="a JSON body, @FILE or -",
            got=f"something else ({error})",
            next="""Write -d '{"stream": true}', with double quotes inside.""",
        ) from error


def _token(name: str | None, environment: Mapping[str, str]) -> str | None:
    if name is None:
        return None
    token = environment.get(name, "").strip()
    if not token:
        raise UsageError(
            expected=f"a token in the environment variable {name}",
            got="nothing",
            next=f"Set it in the shell that runs this: export {name}=...",
        )
    return token


def _save(found: Finding, target: Path) -> None:
    lanes = {"path": found.captures[0]}
    if found.direct:
        lanes = {"direct": found.direct, **lanes}
    if len(found.captures) > 1:
        lanes["slower"] = found.captures[1]
    if found.again:
        lanes["again"] = found.again
    try:
        if target.suffix in PICTURES:
            timeline(lanes, title=found.verdict).save(target)
            return
        for name, capture in lanes.items():
            capture.save(_beside(target, name))
    except OSError as error:
        raise UsageError(
            expected="a file that can be written", got=f"{target} ({error})", next="Name another."
        ) from error


def _beside(target: Path, name: str) -> Path:
    """`run.json` for the path's own capture, `run.direct.json` for what it was compared with."""
    return target if name == "path" else target.with_suffix(f".{name}.json")
