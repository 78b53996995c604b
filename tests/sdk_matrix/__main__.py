"""`python -m tests.sdk_matrix`: what the SDKs make of our provider, beside what they should."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from . import current
from .clients import CLIENTS
from .expected import expected
from .run import run
from .scenarios import SCENARIOS


def main() -> int:
    """Print the table; 1 if a row differs from what is expected, 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="python -m tests.sdk_matrix", description=__doc__)
    parser.add_argument("--only", default="", help="situations whose name contains this")
    parser.add_argument("--client", default="", help="clients whose name contains this")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--all", action="store_true", help="print the rows that agree too")
    parser.add_argument("--current", action="store_true", help="with the newest SDKs there are")
    parser.add_argument(
        "--versions", nargs="+", default=[], metavar="SPEC", help='such as "openai==2.54.0"'
    )
    asked = parser.parse_args()
    scenarios = [one for one in SCENARIOS if asked.only in one.name]
    clients = [name for name in CLIENTS if asked.client in name]
    if not scenarios or not clients:
        parser.error(f"no situation or client has {asked.only!r}, {asked.client!r} in its name")
    if asked.current or asked.versions:
        specs = current.specifiers(asked.versions, newest=asked.current)
        arguments = ["--only", asked.only, "--client", asked.client]
        try:
            found = current.run_with(specs, arguments)
        except subprocess.SubprocessError as error:
            print(f"could not run with {', '.join(specs)}: {error}", file=sys.stderr)
            return 2
    else:
        rows = [
            {"scenario": row.scenario, "client": row.client, "got": row.got, "expected": words}
            for row in run(scenarios, clients)
            for words in [expected(row.scenario, row.client)]
        ]
        found = {"versions": current.installed(), "rows": rows}
    differing = [row for row in found["rows"] if row["got"] != row["expected"]]
    if asked.json:
        print(json.dumps(found, indent=1))
    else:
        _table(found, asked.all)
    return 1 if differing else 0


def _table(found: dict[str, Any], everything: bool) -> None:
    """A block for each situation; clients that heard the same share a line."""
    rows = found["rows"]
    for scenario in dict.fromkeys(row["scenario"] for row in rows):
        mine = [row for row in rows if row["scenario"] == scenario]
        good = sum(row["got"] == row["expected"] for row in mine)
        print(f"{scenario}  ({good} of {len(mine)})")
        lines: dict[tuple[str, str], list[str]] = {}
        for row in mine:
            lines.setdefault((row["got"], row["expected"]), []).append(row["client"])
        for (got, expected_), clients in lines.items():
            if got == expected_:
                print(f"    {short(clients):34} {got}")
            else:
                print(f"  ! {short(clients):34} {got}\n{'expected':>38} {expected_}")
    good = sum(row["got"] == row["expected"] for row in rows)
    print(", ".join(f"{name} {version}" for name, version in found["versions"].items()))
    print(f"{good} of {len(rows)} outcomes are as expected")


def short(clients: list[str]) -> str:
    """Names, with one for a pair of sync and async.

    >>> short(["chat sync", "chat async", "gemini async"])
    'chat, gemini async'
    """
    pairs = {name.removesuffix(" sync") for name in clients if name.endswith(" sync")}
    pairs = {name for name in pairs if f"{name} async" in clients}
    names = [
        name if name.rpartition(" ")[0] not in pairs else name.rpartition(" ")[0]
        for name in clients
    ]
    return ", ".join(dict.fromkeys(names))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a client may still sleep, as it was told to, in a thread of its own
