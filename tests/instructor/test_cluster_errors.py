"""What is said when a Dask cluster is not there, or is lost while it judges."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dask_cluster import dask

from labsupport.errors import BenchError
from labsupport.grading.batch import cluster as clusters
from labsupport.grading.batch.cluster import cluster

ASK = """
import sys
from labsupport.errors import BenchError
from labsupport.grading.batch import cluster
cluster.CONNECT = 1.0
try:
    cluster.cluster(sys.argv[1], caged=True)([{"key": "1"}], lambda *_: sys.exit("judged"))
except BenchError as error:
    sys.exit(str(error))
"""


def refused(address: str) -> str:
    """What is said of this cluster before anything is judged there."""
    command = [sys.executable, "-c", ASK, address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    return done.stderr.strip()


def test_an_address_where_nobody_answers_is_said() -> None:
    assert refused("tcp://127.0.0.1:1") == (
        "expected a Dask scheduler at tcp://127.0.0.1:1, got Timed out trying to connect to "
        "tcp://127.0.0.1:1 after 1 s. Next: Start one with `dask scheduler`, and workers with "
        "`dask worker ADDRESS`."
    )


def test_a_scheduler_without_workers_is_said(tmp_path: Path) -> None:
    with dask(tmp_path, 0) as alone:
        assert refused(alone.address) == (
            f"expected workers of the scheduler at {alone.address}, got none within 1 s. "
            f"Next: Start some with `dask worker {alone.address}`."
        )


class StandIn:
    """Stands in for Dask's package, and knows no address."""

    @staticmethod
    def Client(address: str, **_: Any) -> None:
        raise ValueError(f"missing port number in address {address!r}")


def test_an_address_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", StandIn)
    with pytest.raises(BenchError, match="a Dask scheduler at nowhere, got missing port number"):
        cluster("nowhere", caged=True)([{"key": "1"}], lambda *_: None)


def test_no_answers_need_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", StandIn)
    cluster("nowhere", caged=True)([], lambda *_: pytest.fail("judged"))


def test_without_dask_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BenchError, match=r"expected Dask's package distributed, got none\. Next: "):
        cluster("nowhere", caged=True)


class Future:
    """Stands in for Dask's: each call of `result` takes the next of `told`."""

    def __init__(self, status: str, *told: Any, called: bool = True) -> None:
        self.status, self._told, self._called = status, list(told), called

    def add_done_callback(self, call: Callable[[Future], None]) -> None:
        if self._called:
            call(self)

    def result(self, timeout: float) -> Any:
        if isinstance(told := self._told.pop(0), Exception):
            raise told
        return told

    def exception(self) -> Exception:
        return ValueError("no bubblewrap there")

    def release(self) -> None:
        assert not self._told


class Client:
    """Stands in for Dask's, and has these futures and no worker."""

    status = "running"

    def __init__(self, *futures: Future) -> None:
        self._futures = list(futures)
        self.canceled: list[Future] = []
        self.ran: list[Callable[..., Any]] = []

    def __call__(self, address: str, **_: Any) -> Client:
        return self

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def wait_for_workers(self, count: int, timeout: float) -> None:
        pass

    def submit(self, *_: Any, **__: Any) -> Future:
        return self._futures.pop(0)

    def nthreads(self) -> dict[str, int]:
        return {}

    def cancel(self, futures: list[Future], force: bool) -> None:
        self.canceled += futures

    def run(self, function: Callable[..., Any], *_: Any, **__: Any) -> None:
        self.ran.append(function)


def judged(monkeypatch: pytest.MonkeyPatch, client: Client, count: int) -> list[tuple[Any, str]]:
    """The report and the trouble of each job."""
    stand_in = type("StandIn", (), {"Client": client})
    monkeypatch.setitem(sys.modules, "distributed", stand_in)
    told: dict[str, tuple[Any, str]] = {}

    def done(job: dict[str, Any], report: Any, trouble: str) -> None:
        assert job["key"] not in told, "a row twice"
        told[job["key"]] = report, trouble

    cluster("there", caged=True)([{"key": str(one)} for one in range(count)], done)
    assert client.ran == [clusters.let_go]
    return [told[key] for key in sorted(told)]


def test_a_report_that_was_lost_with_its_worker_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = Future("finished", TimeoutError(), TimeoutError(), {"state": "full"})
    client = Client(lost, Future("finished", {"state": "zero"}))
    assert judged(monkeypatch, client, 2) == [({"state": "full"}, ""), ({"state": "zero"}, "")]


def test_what_cannot_be_judged_has_a_row_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(Future("error"), Future("cancelled"), Future("finished", None))
    assert judged(monkeypatch, client, 3) == [
        (None, "the cluster could not: no bubblewrap there"),
        (None, "the cluster's scheduler was lost; grade it again"),
        (None, "the judging itself failed, twice; grade it again"),
    ]


def test_without_any_worker_it_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "LOST", 0.5)
    client = Client(Future("finished", {"state": "full"}), waits := Future("pending", called=False))
    assert judged(monkeypatch, client, 2) == [
        ({"state": "full"}, ""),
        (None, "no worker of the cluster was left for 0.5 s; grade it again"),
    ]
    assert client.canceled == [waits]
