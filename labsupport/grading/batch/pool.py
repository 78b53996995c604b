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
SLICE = 0.2
"""Seconds of waiting after which a thread looks whether the run is over."""

Job = dict[str, Any]
Done = Callable[[Job, dict[str, Any] | None, str], None]
"""Called with a job, its report as JSON or None, and why there is none."""


class Worker:
    """One worker process.

    Arguments:
        caged: in bubblewrap. over: when set, nothing is waited for any more.

    Raises `BenchError` if it does not come up.
    """

    def __init__(self, *, caged: bool, over: threading.Event | None = None) -> None:
        self._over = over or threading.Event()
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
                left = until - time.monotonic()
                if left <= 0 or self._over.is_set():
                    return None
                if not selector.select(min(left, SLICE)):
                    continue
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
    left = {number: job for number, job in enumerate(jobs)}
    count = len(left)
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in left:
        todo.put(number)
    results: queue.SimpleQueue[tuple[int, dict[str, Any] | None]] = queue.SimpleQueue()
    failures: list[Exception] = []
    over = threading.Event()

    def work() -> None:
        worker: Worker | None = None
        try:
            while not over.is_set():
                number = todo.get_nowait()
                report = None
                for _ in range(TRIES):
                    worker = worker or Worker(caged=caged, over=over)
                    if (report := worker.judge(left[number])) or over.is_set():
                        break
                    worker.stop()
                    worker = None
                results.put((number, report))
        except queue.Empty:
            return
        except Exception as error:
            failures.append(error)
        finally:
            if worker:
                worker.stop()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(left)))]
    for thread in threads:
        thread.start()
    try:
        while left:
            working = any(thread.is_alive() for thread in threads)
            try:
                number, report = results.get(timeout=SLICE if working else 0)
            except queue.Empty:
                if working:
                    continue
                break
            trouble = "" if report else "the judging itself failed, twice; grade it again"
            done(left.pop(number), report, trouble)
    finally:
        over.set()
        for thread in threads:
            thread.join(20.0)
    if failures and len(left) == count:
        raise failures[0]
    for job in left.values():  # whose worker did not come up again
        done(job, None, f"the judging itself failed: {failures[0] if failures else 'no worker'}")
