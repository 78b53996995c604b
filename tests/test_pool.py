"""The pool of workers: each job is told of once, whatever becomes of the workers."""

from __future__ import annotations

from typing import Any

import pytest

from labsupport.errors import BenchError
from labsupport.grading.batch import pool as pools
from labsupport.grading.batch.pool import Job, judge_all


class Failing:
    """Plays a worker that judges `good` answers, all of its kind together, and then is none."""

    good = 0

    def __init__(self, **_: Any) -> None:
        if Failing.good <= 0:
            raise BenchError(expected="a worker", got="none", next="Look.")

    def judge(self, job: Job) -> dict[str, Any] | None:
        Failing.good -= 1
        return {"key": job["key"]} if Failing.good >= 0 else None

    def stop(self) -> None:
        pass


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("good", [1, 4])
def test_no_job_is_lost_when_no_worker_comes_up_again(
    monkeypatch: pytest.MonkeyPatch, good: int, workers: int
) -> None:
    monkeypatch.setattr(pools, "Worker", Failing)
    monkeypatch.setattr(Failing, "good", good)
    told: dict[str, str] = {}
    jobs = [{"key": str(number)} for number in range(8)]

    def done(job: Job, report: dict[str, Any] | None, trouble: str) -> None:
        assert job["key"] not in told
        told[job["key"]] = "judged" if report else trouble

    judge_all(jobs, done, workers=workers, caged=True)
    assert len(told) == 8
    assert sorted(told.values()).count("judged") == good
    assert {words.partition(":")[0] for words in told.values()} <= {
        "judged",
        "the judging itself failed",
        "the judging itself failed, twice; grade it again",
    }


def test_no_worker_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "Worker", Failing)
    with pytest.raises(BenchError, match="expected a worker, got none"):
        judge_all([{"key": "1"}], lambda *_: None, workers=2, caged=True)
