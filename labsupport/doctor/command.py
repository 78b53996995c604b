"""`python -m labsupport doctor`: its option, what is printed and the exit code."""

from __future__ import annotations

import argparse
import json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option of this command."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(wanted: argparse.Namespace) -> int:
    """Look at this machine; 0 if it is ready for the course, else 1."""
    from . import doctor

    checkup = doctor()
    print(json.dumps(checkup.as_dict(), indent=2) if wanted.json else checkup.details)
    return 0 if checkup.ready else 1
