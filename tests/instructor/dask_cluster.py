"""A Dask cluster on this machine, started by Dask's own commands.

The workers have no nanny. One would start a killed worker again, and nobody could tell whether
another had taken its answers.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil


def program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


def until(true: Callable[[], Any], what: str) -> None:
    """Wait until it is true."""
    late = time.monotonic() + 120
    while not true():
        assert time.monotonic() < late, f"never: {what}"
        time.sleep(0.01)


@dataclass
class Cluster:
    """A scheduler's address and the workers' processes."""

    address: str
    workers: list[psutil.Process]

    def judging(self) -> list[psutil.Process]:
        """The processes below the workers that are alive."""
        return [
            below
            for worker in self.workers
            if worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE
            for below in worker.children(recursive=True)
        ]


def address(told: Path) -> str:
    """What the scheduler wrote of itself; empty while it has not, or is still writing."""
    try:
        return str(json.loads(told.read_text(encoding="utf-8"))["address"])
    except (FileNotFoundError, ValueError):
        return ""


@contextmanager
def dask(folder: Path, workers: int) -> Iterator[Cluster]:
    """A cluster as an instructor starts one, by its commands."""
    told = folder / "scheduler.json"
    scheduler = program("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0")
    worker = program("distributed.cli.dask_worker", "--no-nanny", "--nthreads", "1")
    worker += ["--local-directory", str(folder / "workers")]
    more = ["--no-dashboard", "--scheduler-file", str(told)]
    running = [
        subprocess.Popen([*one, *more], cwd=folder, stderr=subprocess.DEVNULL)
        for one in (scheduler, *[worker] * workers)
    ]
    try:
        until(lambda: address(told), "a scheduler")
        yield Cluster(address(told), [psutil.Process(one.pid) for one in running[1:]])
    finally:
        for one in reversed(running):  # asked to end, a worker may wait for its scheduler
            one.kill()
            one.wait()
