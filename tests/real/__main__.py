"""`python -m tests.real`: each real program beside its preset, live."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from labsupport.errors import LabError

from .side_by_side import ROWS, compare, differences


def main() -> int:
    """Print the table; exit 1 if a preset did something else."""
    parser = argparse.ArgumentParser(prog="python -m tests.real", description=__doc__)
    parser.add_argument("--only", default="", help="presets whose repr contains this")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    wanted = parser.parse_args()
    rows, wrong = [], 0
    for preset, streams in ROWS:
        if wanted.only not in repr(preset):
            continue
        try:
            pairs = asyncio.run(compare(preset, streams))
        except LabError as error:
            print(f"{preset!r}: not compared. {error}", file=sys.stderr)
            wrong += 1
            continue
        if not wanted.json:
            print(preset)
        for name, (there, here) in pairs.items():
            found = differences(there, here, streams[name])
            wrong += bool(found)
            rows.append({"preset": repr(preset), "stream": name, "differs": found})
            waste = "" if there.wasted is None else f", wasted {there.wasted} and {here.wasted}"
            mark = "✗" if found else "✓"
            if not wanted.json:
                print(f"  {mark} {name:24} {there.kind}, {there.end}{waste}")
                for line in found:
                    print(f"      {line}")
    if wanted.json:
        print(json.dumps(rows, indent=1))
    else:
        print(f"{sum(not row['differs'] for row in rows)} of {len(rows)} agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
