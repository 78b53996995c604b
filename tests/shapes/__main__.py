"""Judge raw streams: `python -m tests.shapes [FILE --vendor NAME]`.

Without a file, every scenario of the provider in every dialect. Exit code 1 on a finding.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from . import LINTERS, lint
from .scenarios import SCENARIOS, expected, stream


def main(argv: Sequence[str] | None = None) -> int:
    """Print what is found; 0 if nothing is."""
    parser = argparse.ArgumentParser(prog="python -m tests.shapes", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="a body, without HTTP's chunks")
    parser.add_argument("--vendor", choices=LINTERS, help="whose stream it is")
    args = parser.parse_args(argv)
    if args.file:
        if not args.vendor:
            parser.error("whose stream is it? Add --vendor NAME")
        found = lint(args.vendor, args.file.read_bytes())
        print("\n".join(found) or "nothing found")
        return int(bool(found))
    return table([args.vendor] if args.vendor else list(LINTERS))


def table(vendors: Sequence[str]) -> int:
    """One row a scenario, one column a vendor: clean, or how many findings."""
    print(f"{'scenario':20}", *(f"{vendor:>16}" for vendor in vendors))
    told: list[str] = []
    for name, scenario in SCENARIOS.items():
        cells = []
        for vendor in vendors:
            if vendor not in scenario.only:
                cells.append("")
                continue
            found = lint(vendor, stream(name, vendor), **expected(name, vendor))
            cells.append(str(len(found)) if found else "clean")
            told += [f"{name}, {vendor}: {words}" for words in found]
        print(f"{name:20}", *(f"{cell:>16}" for cell in cells))
    print(*told, sep="\n")
    return int(bool(told))


if __name__ == "__main__":
    sys.exit(main())
