"""Some workers, each judging one answer at a time; one that dies or hangs is replaced."""

from __future__ import annotations

import json
import os
import queue
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from ...errors import BenchError
from ..sandbox import bubblewrap

READY = 90.0
"""Seconds that a worker may take to come up: it imports, and so does its sandbox."""
TRIES = 2

Job = dict[str, Any]
Done = Callable[[Job, dict[str, Any] | None, str], None]
"""Called with a job, its report as JSON or None, and why there is none."""


class Worker:
    """One worker process.

    Raises `BenchError` if it does not come up.
    """

    def __init__(self, *, caged: bool) -> None:
        name = __name__.rpartition(".")[0] + ".worker"
        command = [sys.executable, "-m", name, "caged" if caged else "free"]
        self._process = subprocess.Popen(
            bubblewrap.outer(command) if caged else command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the one who grades; it then stops the workers
        )
        self._buffer = b""
        self._errors = threading.Thread(target=self._listen, daemon=True)
        self._said: list[bytes] = []
        self._errors.start()
        if not (self.hear(READY) or {}).get("ready"):
            self.stop()
            last = b"".join(self._said).decode("utf-8", "replace").strip().splitlines()
            raise BenchError(
                expected="a worker that judges",
                got=last[-1] if last else "no word from it",
                next="Run `python -m labsupport doctor`, or say --sandbox none aloud.",
            )

    def judge(self, job: Job) -> dict[str, Any] | None:
        """The report on a job; None if the worker has died or hangs."""
        assert self._process.stdin
        try:
            data = memoryview(json.dumps(job).encode() + b"\n")
            while data:
                data = data[self._process.stdin.write(data) :]
        except OSError:
            return None
        told = self.hear(job["seconds"])
        return told["report"] if told else None

    def hear(self, seconds: float) -> dict[str, Any] | None:
        """The next line, read as JSON; None if none comes."""
        assert self._process.stdout
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not selector.select(max(0.0, until - time.monotonic())):
                    return None
                data = os.read(self._process.stdout.fileno(), 1 << 20)
                if not data:
                    return None
                self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        return told

    def stop(self) -> None:
        """End it, and with it its sandbox."""
        self._process.kill()
        self._process.wait()
        self._errors.join(1.0)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def _listen(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            self._said = [*self._said[-20:], line]


def judge_all(jobs: Iterable[Job], done: Done, *, workers: int, caged: bool) -> None:
    """Judge all jobs and call `done` for each, in the order in which they end.

    Raises `BenchError` if not even one worker comes up. Ctrl-C stops the workers and is raised.
    """
    todo: queue.SimpleQueue[Job] = queue.SimpleQueue()
    count = 0
    for job in jobs:
        todo.put(job)
        count += 1
    if not count:
        return
    results: queue.SimpleQueue[Any] = queue.SimpleQueue()
    over = threading.Event()

    def work() -> None:
        worker: Worker | None = None
        try:
            while not over.is_set():
                try:
                    job = todo.get_nowait()
                except queue.Empty:
                    return
                report = None
                for _ in range(TRIES):
                    worker = worker or Worker(caged=caged)
                    if (report := worker.judge(job)) or over.is_set():
                        break
                    worker.stop()
                    worker = None
                results.put((job, report))
        except Exception as error:
            results.put(error)
        finally:
            if worker:
                worker.stop()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, count))]
    for thread in threads:
        thread.start()
    failures = 0
    try:
        while count:
            try:
                got = results.get(timeout=0.5)
            except queue.Empty:
                continue
            if isinstance(got, Exception):
                failures += 1
                if failures == len(threads):
                    raise got
                continue
            job, report = got
            done(job, report, "" if report else "the judging itself failed, twice; grade it again")
            count -= 1
    finally:
        over.set()
        for thread in threads:
            thread.join(20.0)
