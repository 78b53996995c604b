"""How often `probe` is right: `python -m tests.probe_matrix [--real] [--json] [--only TEXT]`.

For each configuration two or three streams go through it, and each capture is judged twice: beside
a direct one, and alone. Presets stand in for the programs; with `--real` the programs run.

Exit code 0: at least 90 % of the culprits named with a direct capture, and no false alarm.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

from labsupport import LabError, Proxy, presets, serve
from labsupport.probe import Finding, judge
from labsupport.recorder import record
from labsupport.wire import Capture

from .configs import CONFIGS, Config

STREAMS = {  # events, seconds between them, bytes of each; silence in the middle
    "/few": (20, 0.05, 30, 0.0),
    "/many": (200, 0.01, 200, 0.0),
    "/steady": (40, 0.1, 30, 0.0),
    "/silent": (6, 0.05, 30, 4.0),
}
ASK = {"accept-encoding": "gzip"}
SEED, LETTERS = 6, "0123456789abcdefghijklmnopqrstuvwxyz"
AIM = 0.9


async def app(scope: Any, receive: Any, send: Any) -> None:
    """The streams by path. Random text, so that a compressor finds little to shorten."""
    if scope["type"] != "http":
        return
    count, gap, size, silence = STREAMS[scope["path"]]
    letters = random.Random(SEED)
    head = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    for number in range(count):
        text = "".join(letters.choices(LETTERS, k=size - 8))
        body = f"data: {text}\n\n".encode()
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await asyncio.sleep(gap + (silence if number == count // 2 else 0))
    await send({"type": "http.response.body", "body": b""})


@dataclass(frozen=True)
class Row:
    """One capture and what was said of it."""

    config: str
    stream: str
    way: str
    expected: str
    named: str
    verdict: str
    held: bool | None
    first: str

    @classmethod
    def of(cls, config: Config, stream: str, way: str, found: Finding) -> Row:
        first = found.candidates[0].culprit if found.candidates else found.culprit
        expected = config.culprit_of(stream)
        named = (config.name, stream, way, expected, found.culprit)
        return cls(*named, found.verdict, found.held, first)

    @property
    def right(self) -> bool:
        """The culprit by name, or `streamed` where nothing holds."""
        if not self.expected:
            return self.verdict == "streamed"
        return self.held is True and self.named == self.expected

    @property
    def false_alarm(self) -> bool:
        """A stream called held, cut or replayed."""
        return not self.expected and self.held is True


def through(config: Config, upstream: str, real: bool) -> AbstractContextManager[Any]:
    """The configuration, running."""
    if not real:
        return Proxy(upstream, getattr(presets, config.preset)(**config.settings))
    from .real.programs import program

    return program(config.preset, upstream, **config.settings)


def rows_of(config: Config, upstream: str, direct: dict[str, Capture], real: bool) -> list[Row]:
    """Every stream of this configuration, judged both ways."""
    rows = []
    with through(config, upstream, real) as path:
        for stream in config.streams:
            url = path.url.rstrip("/") + stream
            one = record(url, headers=ASK)
            again = record(url, headers=ASK) if config.again else None
            beside = judge(one, direct=direct[stream], again=again)
            rows.append(Row.of(config, stream, "direct", beside))
            rows.append(Row.of(config, stream, "alone", judge(one, again=again)))
    return rows


def table(rows: Sequence[Row]) -> str:
    """A line for each capture, the confusion matrix of each way, and the shares."""
    lines = [
        f"{'ok' if row.right else '--'} {row.way:6} {row.config:34} {row.stream:8} "
        f"{row.expected or 'streamed':22} {row.named or '-':22} {row.verdict}"
        for row in rows
    ]
    for way in ("direct", "alone"):
        mine = [row for row in rows if row.way == way]
        lines += ["", f"{way}: expected, then what was said"]
        pairs = Counter((row.expected or "streamed", said(row)) for row in mine)
        lines += [f"  {a:24} {b:24} {count:4}" for (a, b), count in sorted(pairs.items())]
    return "\n".join([*lines, "", *shares(rows).values()])


def said(row: Row) -> str:
    """The culprit, or the verdict without its number."""
    return row.named or row.verdict


def shares(rows: Sequence[Row]) -> dict[str, str]:
    """The last lines, a key for each."""
    lines = {}
    for way in ("direct", "alone"):
        held = [row for row in rows if row.way == way and row.expected]
        clear = [row for row in rows if row.way == way and not row.expected]
        right = sum(row.right for row in held)
        unsure = [row for row in held if row.held is None]
        likely = sum(row.first == row.expected for row in unsure)
        alarms = sum(row.false_alarm for row in clear)
        streamed = sum(row.right for row in clear)
        share = 100 * right / len(held) if held else 100.0
        lines[way] = (
            f"{way}: culprit named in {right} of {len(held)} held ({share:.0f} %); "
            f"cannot tell: {len(unsure)}, with the right one first in {likely}; "
            f"false alarms: {alarms} of {len(clear)} streamed, {streamed} said streamed"
        )
    return lines


def good(rows: Sequence[Row]) -> bool:
    """The aim is reached."""
    held = [row for row in rows if row.way == "direct" and row.expected]
    named = sum(row.right for row in held) >= AIM * len(held)
    return named and not any(row.false_alarm for row in rows)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.probe_matrix")
    parser.add_argument("--real", action="store_true", help="run the real programs")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", help="configurations whose name has this text")
    wanted = parser.parse_args(arguments)
    rows: list[Row] = []
    with serve(app) as server:
        direct = {path: record(server.url + path, headers=ASK) for path in STREAMS}
        for config in CONFIGS:
            if wanted.only not in config.name:
                continue
            try:
                rows += rows_of(config, server.url, direct, wanted.real)
            except (LabError, ImportError) as error:
                sys.stderr.write(f"{config.name}: not tried: {error}\n")
    if wanted.json:
        sys.stdout.write(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    else:
        sys.stdout.write(table(rows) + "\n")
    return 0 if rows and good(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
