"""`python -m labsupport refresh`: its options; apart, so that `--help` does not load notebooks."""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="default: every lesson"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if something would change"
    )


def run(wanted: argparse.Namespace) -> int:
    """Refresh; 0, or 1 if something could not be or, with `--check`, would change."""
    from .refresh import main

    return main(wanted.notebooks, check=wanted.check)
