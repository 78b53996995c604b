"""`python -m labsupport`: the bench from a terminal.

Exit code 0: success. 1: a negative result. 2: wrong use. 130: interrupted.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from .errors import LabError


class Doctor:
    """is this machine ready for the course?"""

    @staticmethod
    def arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    @staticmethod
    def run(wanted: argparse.Namespace) -> int:
        from .doctor import doctor

        checkup = doctor()
        print(json.dumps(checkup.as_dict(), indent=2) if wanted.json else checkup.details)
        return 0 if checkup.ready else 1


class Probe:
    """does this endpoint stream through its path? if not, what holds it and what to change"""

    @staticmethod
    def arguments(parser: argparse.ArgumentParser) -> None:
        from .probe.command import arguments

        arguments(parser)

    @staticmethod
    def run(wanted: argparse.Namespace) -> int:
        from .probe.command import run

        return run(wanted)


class Check:
    """what the instructor's run will say of a saved exercise, with the visible checks"""

    @staticmethod
    def arguments(parser: argparse.ArgumentParser) -> None:
        from .grading.arguments import check_arguments

        check_arguments(parser)

    @staticmethod
    def run(wanted: argparse.Namespace) -> int:
        from .grading.command import check

        return check(wanted)


class Grade:
    """judge what a class handed in, each answer in a sandbox, and write the grade books"""

    @staticmethod
    def arguments(parser: argparse.ArgumentParser) -> None:
        from .grading.arguments import grade_arguments

        grade_arguments(parser)

    @staticmethod
    def run(wanted: argparse.Namespace) -> int:
        from .grading.command import run_grade

        return run_grade(wanted)


class Release:
    """copy the course for learners, without what only the instructor may have"""

    @staticmethod
    def arguments(parser: argparse.ArgumentParser) -> None:
        from .grading.arguments import release_arguments

        release_arguments(parser)

    @staticmethod
    def run(wanted: argparse.Namespace) -> int:
        from .grading.command import run_release

        return run_release(wanted)


class Progress:
    """which exercises pass the visible checks, and the points so far"""

    @staticmethod
    def arguments(parser: argparse.ArgumentParser) -> None:
        from .grading.arguments import progress_arguments

        progress_arguments(parser)

    @staticmethod
    def run(wanted: argparse.Namespace) -> int:
        from .grading.command import run_progress

        return run_progress(wanted)


class Refresh:
    """run notebooks again; keep stored outputs that nbval calls equal"""

    @staticmethod
    def arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="default: every lesson"
        )
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit 1 if something would change"
        )

    @staticmethod
    def run(wanted: argparse.Namespace) -> int:
        from .authoring.refresh import main

        return main(wanted.notebooks, check=wanted.check)


COMMANDS = (Doctor, Probe, Check, Progress, Grade, Release, Refresh)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m labsupport", description="The bench of the course, from a terminal."
    )
    version = f"labsupport {metadata.version('labsupport')}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        says = command.__doc__ or ""
        sub = commands.add_parser(command.__name__.lower(), help=says, description=says)
        command.arguments(sub)
        sub.set_defaults(run=command.run)
    wanted = parser.parse_args(arguments)
    for output in (sys.stdout, sys.stderr):  # a pipe on Windows may have no ✓
        if isinstance(output, io.TextIOWrapper):
            output.reconfigure(errors="replace")
    try:
        code: int = wanted.run(wanted)
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
