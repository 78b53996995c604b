"""Judge one answer after another, in a process with a loopback of its own.

A job is a line of JSON on standard input: `key`, `exercise` (the notebook's name), `exercises` (the
course's folder), `cells`, `seed`, `hidden`. The result is a line on standard output: `key` and the
`report`. Nothing of an answer runs in this process.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from ..exercise import Exercise, load
from ..judging import judge
from ..sandbox.pen import DEFINE, Pen


def main() -> None:
    """Serve jobs until standard input ends."""
    out = os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)  # nobody else writes results
    known: dict[tuple[str, str, bool], Exercise] = {}
    with Pen(caged=sys.argv[1] == "caged") as pen:
        out.write(b'{"ready":true}\n')
        for line in sys.stdin.buffer:
            job: dict[str, Any] = json.loads(line)
            asked = (job["exercise"], job["exercises"], job["hidden"])
            if asked not in known:
                known[asked] = load(asked[0], Path(asked[1]), hidden=asked[2])
            exercise = known[asked]
            patience = min(DEFINE, exercise.seconds / 3)
            answers = partial(pen.answer, job["cells"], patience=patience)
            report = judge(exercise, answers, seed=job["seed"])
            told = {"key": job["key"], "report": report.json()}
            out.write(json.dumps(told).encode() + b"\n")


if __name__ == "__main__":
    main()
