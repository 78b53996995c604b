"""`python -m labsupport`: the bench from a terminal.

Exit code 0: success. 1: a negative result. 2: wrong use. 130: interrupted.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from typing import Any

from .errors import LabError


@dataclass(frozen=True)
class Command:
    """One command; its `arguments` and `run`, as `module:name`, are loaded when it is asked for.

    So that `--help` loads none of them, and `probe` no judge.
    """

    name: str
    says: str
    arguments: str
    run: str


COMMANDS = (
    Command(
        "doctor",
        "is this machine ready for the course?",
        "doctor.command:arguments",
        "doctor.command:run",
    ),
    Command(
        "probe",
        "does this endpoint stream through its path? if not, what holds it and what to change",
        "probe.command:arguments",
        "probe.command:run",
    ),
    Command(
        "check",
        "what the instructor's run will say of a saved exercise, with the visible checks",
        "grading.arguments:check_arguments",
        "grading.command:check",
    ),
    Command(
        "progress",
        "which exercises pass the visible checks, and the points so far",
        "grading.arguments:progress_arguments",
        "grading.command:run_progress",
    ),
    Command(
        "grade",
        "judge what a class handed in, each answer in a sandbox, and write the grade books",
        "grading.arguments:grade_arguments",
        "grading.command:run_grade",
    ),
    Command(
        "release",
        "copy the course for learners, without what only the instructor may have",
        "grading.arguments:release_arguments",
        "grading.command:run_release",
    ),
    Command(
        "refresh",
        "run notebooks again; keep stored outputs that nbval calls equal",
        "authoring.command:arguments",
        "authoring.command:run",
    ),
)


def _found(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"labsupport.{module}"), name)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m labsupport", description="The bench of the course, from a terminal."
    )
    version = f"labsupport {metadata.version('labsupport')}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    said = sys.argv[1:] if arguments is None else arguments
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.says, description=command.says)
        if command.name in said:
            _found(command.arguments)(sub)
        sub.set_defaults(run=command.run)
    wanted = parser.parse_args(arguments)
    for output in (sys.stdout, sys.stderr):  # a pipe on Windows may have no ✓
        if isinstance(output, io.TextIOWrapper):
            output.reconfigure(errors="replace")
    try:
        code: int = _found(wanted.run)(wanted)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        wanted_files = "files and folders that can be read and written"
        print(f"expected {wanted_files}, got {error}. Next: See to it, and run it again.",
              file=sys.stderr)  # fmt: skip
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
