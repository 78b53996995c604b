"""`python -m tests.fidelity`: every preset beside the recordings of the real program."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

from .configs import preset, upstream
from .judge import Recording, lapses, observe
from .recordings import MEASURED, read
from .virtual import run as in_virtual_time
from .world import run

AT_ONCE = 60


async def judge(recordings: list[Recording]) -> list[list[str]]:
    """The lapses of each recording, many at once: they share the simulated time."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(real: Recording) -> list[str]:
        async with free:
            try:
                outcome = await run(preset(real.config), real.s, upstream(real.config))
            except KeyError as error:
                return [f"no preset for {error}"]
            return lapses(real, observe(outcome, real.s))

    return await asyncio.gather(*(one(real) for real in recordings))


def main() -> int:
    """Print the table; exit 1 below the share asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fidelity", description=__doc__)
    parser.add_argument("--records", type=Path, default=MEASURED, help="another file of recordings")
    parser.add_argument("--only", default="", help="configurations that contain this")
    parser.add_argument("--least", type=float, default=97, help="percent; exit 1 below (97)")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    wanted = parser.parse_args()
    real = [one for one in read(wanted.records) if wanted.only in one.name]
    found = in_virtual_time(judge(real))
    same = sum(not lapse for lapse in found)
    if wanted.json:
        rows = [
            {"recording": r.name, "lapses": lapse} for r, lapse in zip(real, found, strict=True)
        ]
        print(json.dumps({"same": same, "of": len(real), "recordings": rows}, indent=1))
    else:
        _table(real, found)
        print(f"{same} of {len(real)} recordings are reproduced: {100 * same / len(real):.1f} %")
    return 0 if same >= wanted.least / 100 * len(real) else 1


def _table(real: list[Recording], found: list[list[str]]) -> None:
    groups = sorted({one.group for one in real})
    programs = list(dict.fromkeys(one.config.partition("/")[0] for one in real))
    all_, good = Counter(), Counter()
    for one, lapse in zip(real, found, strict=True):
        key = one.config.partition("/")[0], one.group
        all_[key] += 1
        good[key] += not lapse
    print(f"{'':12}" + "".join(f"{group:>9}" for group in groups))
    for program in programs:
        cells = (
            f"{good[program, g]}/{all_[program, g]}" if all_[program, g] else "" for g in groups
        )
        print(f"{program:12}" + "".join(f"{cell:>9}" for cell in cells))
    print()
    for one, lapse in zip(real, found, strict=True):
        if lapse:
            print(f"  {one.name:34} {'; '.join(lapse)}")
    print()


if __name__ == "__main__":
    sys.exit(main())
