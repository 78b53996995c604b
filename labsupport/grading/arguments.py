"""The arguments of the judge's commands; apart, so that `--help` does not load the judge."""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def check_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `check`."""
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK", help="NN_topic.ipynb, saved")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def grade_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `grade`."""
    add = parser.add_argument
    add(
        "submissions",
        type=Path,
        metavar="SUBMISSIONS",
        help="a folder or zip: <student>/NN_topic.ipynb, or a bulk download of Canvas or Moodle",
    )
    add("--out", type=Path, required=True, metavar="OUT", help="where the books go")
    add(
        "--jobs",
        type=int,
        default=2 * (os.cpu_count() or 1),
        metavar="N",
        help="answers at a time; two a processor if not given: judging waits much of its time",
    )
    add("--scheduler", metavar="ADDRESS", help="a Dask scheduler, such as tcp://10.0.0.1:8786")
    add(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="a student or an exercise (02, 02_decode_a_stream); may be given again",
    )
    add(
        "--sandbox",
        choices=("bwrap", "none"),
        default="bwrap",
        help="none runs strangers' code on this machine as you; say it only for your own",
    )
    add("--seed", type=int, default=0, help="of what the hidden checks draw (0)")
    add("--fresh", action="store_true", help="judge again what the journal in OUT knows")
    add("--exercises", type=Path, metavar="FOLDER", help="the course's exercises/ folder")


def release_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `release`."""
    parser.add_argument("dest", type=Path, metavar="DEST", help="a folder that is not there yet")


def progress_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `progress`."""
    parser.add_argument("--json", action="store_true", help="print the standings as JSON")
