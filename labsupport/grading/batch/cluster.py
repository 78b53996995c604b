"""Judge on a Dask cluster: the same jobs, the same reports, on many machines.

Each of its machines needs the course at the same path, and bubblewrap. A worker that is lost
takes nothing with it: its answers go to another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from ...errors import BenchError
from .grade import Run
from .pool import TRIES, Job, Worker

CONNECT = 10.0
"""Seconds to reach the scheduler."""

_lock = threading.Lock()
_workers: dict[bool, Worker] = {}


def cluster(address: str, *, caged: bool) -> Run:
    """Judge on the cluster whose scheduler has this address.

    Raises `BenchError` if Dask is not installed, nobody answers, or no worker is there.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise BenchError(
            expected="Dask's package distributed",
            got="none",
            next="pip install distributed, here and on each of the cluster's machines.",
        ) from error

    def run(jobs: Sequence[Job], done: Callable[..., None]) -> None:
        try:
            client = Client(address, timeout=CONNECT)
        except OSError as error:
            raise BenchError(
                expected=f"a Dask scheduler at {address}",
                got=str(error).splitlines()[0],
                next="Start one with `dask scheduler`, and workers with `dask worker ADDRESS`.",
            ) from error
        with client:
            options = {"pure": False, "retries": TRIES}
            futures = {
                client.submit(judge_here, job, caged, key=job["key"], **options): job
                for job in jobs
            }
            for future in as_completed(list(futures)):
                told = future.result() if future.status == "finished" else None
                trouble = "" if told else f"the cluster could not: {future.exception()}"
                done(futures[future], told, trouble)

    return run


def judge_here(job: Job, caged: bool) -> dict[str, Any] | None:
    """Judge one answer in this process's own worker; what a machine of the cluster does."""
    with _lock:
        for _ in range(TRIES):
            if caged not in _workers:
                _workers[caged] = Worker(caged=caged)
            if report := _workers[caged].judge(job):
                return report
            _workers.pop(caged).stop()
        return None
