"""Grade a made class three times, each all anew: python -m tests.instructor.bench.class_of_60

Twice in a row, and once with every processor kept busy by something else. Exits 1 if any row is
not as the table in `class60.py` says, or anything is left behind.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from class60 import STUDENTS, expected, lines
from class60_run import grade

RUNS = {"first": False, "again": False, "busy processors": True}


def main() -> int:
    """Returns 0, or 1 if a row differs."""
    table, bad = expected(), list[str]()
    rows = len(table)
    handed_in = sum(bool(what) for _, _, what, _ in lines())
    print(f"{STUDENTS} students, {handed_in} answers, {rows} rows")
    print(f"  {'run':18}{'rows as expected':>18}{'pages':>8}{'left':>6}{'seconds':>9}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, busy in RUNS.items():
            graded = grade(Path(folder) / name, busy=busy)
            wrong, left = graded.differ(), [*graded.running, *graded.files]
            right = f"{sum(graded.rows.get(key) == row for key, row in table.items())} of {rows}"
            told = f"{right:>18}{graded.pages:8}{len(left):6}{graded.seconds:9.1f}"
            print(f"  {name:18}{told}", flush=True)
            bad += [f"{name}: {one}" for one in (*wrong, *graded.doubled, *left)]
            if graded.code or graded.pages != rows:
                bad.append(f"{name}: {graded.pages} pages; {graded.said}")
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
