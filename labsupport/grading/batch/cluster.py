"""Judge on a Dask cluster: the same jobs, the same reports, on many machines.

Each of its machines needs the course at the same path, and bubblewrap. Rule 1: each thread of a
Dask worker has a judging process of its own, for one run: the next run may have other checks.
Rule 2: who is lost takes nothing along; his answers go to another. Rule 3: nothing is waited for
that cannot come.
"""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from ...errors import BenchError
from .grade import Run
from .pool import SLICE, TRIES, Job, Worker

CONNECT = 10.0
"""Seconds to reach the scheduler, and then for a first worker to be there."""

LOST = 60.0
"""Seconds without any worker after which the run ends: a nanny starts a new one in a few."""


def cluster(address: str, *, caged: bool) -> Run:
    """Judge on the cluster whose scheduler has this address, such as `tcp://10.0.0.1:8786`.

    Raises `BenchError` if Dask is not installed; the run does, if nobody answers at the address
    or no worker is there. What is lost later gives rows that say so, `not graded`.
    """
    try:
        dask: Any = import_module("distributed")
    except ImportError as error:
        raise BenchError(
            expected="Dask's package distributed",
            got="none",
            next="pip install distributed, here and on each of the cluster's machines.",
        ) from error

    def run(jobs: Sequence[Job], done: Callable[..., None]) -> None:
        if jobs:
            with _connected(dask, address) as client:
                _judge_all(client, jobs, done, caged=caged)

    return run


@contextmanager
def _connected(dask: Any, address: str) -> Iterator[Any]:
    try:
        client = dask.Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise BenchError(
            expected=f"a Dask scheduler at {address}",
            got=str(error).splitlines()[0],
            next="Start one with `dask scheduler`, and workers with `dask worker ADDRESS`.",
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT)
        except TimeoutError as error:
            raise BenchError(
                expected=f"workers of the scheduler at {address}",
                got=f"none within {CONNECT:g} s",
                next=f"Start some with `dask worker {address}`.",
            ) from error
        yield client


def _judge_all(client: Any, jobs: Sequence[Job], done: Callable[..., None], *, caged: bool) -> None:
    """Judge all jobs and call `done` once for each, in the order in which they end."""
    run = uuid.uuid4().hex
    over: queue.SimpleQueue[Any] = queue.SimpleQueue()
    waiting: dict[Any, Job] = {}
    try:
        for job in jobs:
            # Dask takes the same key for the same work, also of another run: so it is ours alone.
            key = f"judge-{run}-{job['key']}"
            future = client.submit(judge_here, job, run, caged, key=key, retries=TRIES)
            waiting[future] = job
        for future in waiting:
            future.add_done_callback(over.put)
        seen = time.monotonic()
        while waiting:
            try:
                future = over.get(timeout=SLICE)
            except queue.Empty:
                if client.status != "running" or client.nthreads():
                    seen = time.monotonic()  # a scheduler that is lost ends every future itself
                elif time.monotonic() - seen > LOST:
                    break
                continue
            try:
                told, trouble = _outcome(future)
            except TimeoutError:  # its worker was lost with the report: it is judged once more
                future.add_done_callback(over.put)
                continue
            done(waiting.pop(future), told, trouble)
            future.release()  # or the loss of its worker would have it judged again
        for job in waiting.values():
            done(job, None, f"no worker of the cluster was left for {LOST:g} s; grade it again")
    finally:
        if client.status == "running":
            client.cancel(list(waiting), force=True)
            client.run(let_go, run, on_error="ignore")


def _outcome(future: Any) -> tuple[dict[str, Any] | None, str]:
    """The report, or why there is none. Raises TimeoutError if it has to be made again."""
    if future.status == "error":
        return None, f"the cluster could not: {future.exception()}"
    if future.status == "cancelled":
        return None, "the cluster's scheduler was lost; grade it again"
    if told := future.result(timeout=SLICE):
        return told, ""
    return None, "the judging itself failed, twice; grade it again"


@dataclass(frozen=True)
class _Held:
    """A judging process that waits for its thread's next answer."""

    run: str
    worker: Worker
    busy: threading.Lock = field(default_factory=threading.Lock)


_held: dict[int, _Held] = {}
_over: dict[str, threading.Event] = {}
"""What a machine of the cluster has: by thread, and by run."""


def judge_here(job: Job, run: str, caged: bool) -> dict[str, Any] | None:
    """Judge one answer in this thread's own judging process; what the cluster's machines do."""
    thread, over = threading.get_ident(), _over.setdefault(run, threading.Event())
    for _ in range(TRIES):
        held = _held.get(thread)
        if held and held.run != run:  # left by somebody who was killed, or of a run beside ours
            _drop(thread, held)
            held = None
        if not held:
            held = _held[thread] = _Held(run, Worker(caged=caged, over=over))
        with held.busy:
            report = held.worker.judge(job)
        if report or over.is_set():
            return report
        _drop(thread, held)
    return None


def let_go(run: str) -> None:
    """End this machine's judging processes for a run that is over."""
    _over.setdefault(run, threading.Event()).set()
    for thread, held in list(_held.items()):
        if held.run == run:
            _drop(thread, held)


def _drop(thread: int, held: _Held) -> None:
    with held.busy:
        if _held.get(thread) is held:
            del _held[thread]
            held.worker.stop()
