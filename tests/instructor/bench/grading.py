"""What it takes to judge a class: python -m tests.instructor.bench.grading [--class 300]

Without `--class`: exercise 02, so many submissions, on two processes; then nbgrader's own
`autograde` on cells made from the same notebook, and a sample of the same answers, in the same run.
The judge runs hidden checks too, nbgrader only what its check cell has, the visible ones. nbgrader
takes one submission after another; it is also measured as two of them side by side, each with a
course of its own. For each: the start-up, up to the first submission, and what follows.

With `--class N`: N made students hand in all exercises there are, and `grade` judges them.

No two answers are alike, so none is taken from the cache.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from labsupport.grading.batch.grade import names
from labsupport.grading.batch.pool import Worker
from labsupport.grading.exercise import load
from labsupport.grading.sandbox.pen import Pen
from tests.instructor import nbgrader_course
from tests.instructor.bench.answers import EXERCISES, cells, hand_in, job_of, sources, unlike

NAME = "02_decode_a_stream"
KINDS = {"right": 55, "wrong": 30, "stub": 10, "missing": 5}
"""What a made student hands in, in percent."""


@dataclass(frozen=True)
class Took:
    """A run: seconds of start-up, then so many of work on so many submissions."""

    start: float
    work: float
    count: int

    @property
    def each(self) -> float:
        """Seconds a submission, once it is under way."""
        return self.work / self.count

    def whole(self, count: int) -> float:
        """Seconds a submission, start-up and all, for so many of them."""
        return self.start / count + self.each


def main(submissions: int, sample: int, jobs: int) -> None:
    """Exercise 02, ours and nbgrader's, and what ours is made of."""
    pool = sources("right", NAME) + sources("wrong", NAME)
    answers = {f"s{n:04}": unlike(pool[n % len(pool)], n) for n in range(submissions)}
    chosen = dict(list(answers.items())[:: max(1, submissions // sample)][:sample])
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        for student, source in answers.items():
            hand_in(where / "in", student, NAME, source)
        ours, _ = grade(where, jobs)
        show(f"labsupport, {jobs} jobs", ours, submissions)
        for processes in dict.fromkeys((1, jobs)):
            theirs = autograde(where / f"nbgrader{processes}", chosen, processes)
            show(f"nbgrader, {processes} at once", theirs, submissions)
            ratio = theirs.each / ours.each
            whole = theirs.whole(submissions) / ours.whole(submissions)
            print(f"  {'':22} {ratio:7.1f} times ours; {whole:.1f} times with start-up", flush=True)
    parts()


def show(name: str, took: Took, submissions: int) -> None:
    whole = f"with it {took.whole(submissions):.3f} s each of {submissions}"
    said = f"start-up {took.start:.1f} s; {whole}"
    print(f"  {name:22} {took.each:7.3f} s a submission, {took.count} judged; {said}", flush=True)


def parts(rounds: int = 15) -> None:
    """What the start costs, and where an answer's time goes."""
    right = sources("right", NAME)[0]
    workers, job = [], job_of(NAME, right)
    for _ in range(3):
        began = time.perf_counter()
        worker = Worker(caged=True)
        workers.append(time.perf_counter() - began)
        try:
            judged = timed(rounds, lambda worker=worker: worker.judge(job))  # type: ignore[misc]
        finally:
            worker.stop()
    with Pen() as pen:

        def hold(cell: str) -> None:
            with pen.answer([cell]):
                pass

        empty, defined = timed(rounds, lambda: hold("pass")), timed(rounds, lambda: hold(right))
    print("what it is made of, medians:")
    print(f"  start of a worker and its sandbox, once  {statistics.median(workers):7.3f} s")
    print(f"  sandbox of one answer, an empty cell     {empty:7.3f} s")
    print(f"  its cells: imports and definitions       {defined - empty:7.3f} s")
    print(f"  its {len(load(NAME, EXERCISES, hidden=True).checks):2} checks"
          f"                            {judged - defined:7.3f} s")  # fmt: skip
    most = max(("the sandbox", empty), ("the checks", judged - defined), key=lambda one: one[1])
    print(f"  a right answer in all                    {judged:7.3f} s; most of it: {most[0]}")


def whole_class(students: int, sample: int, jobs: int) -> None:
    """N students on all exercises, and what an answer to each one costs."""
    every = [name for name in names(EXERCISES) if sources("right", name)]
    print(f"a class of {students} on {len(every)} exercises: {', '.join(n[:2] for n in every)}")
    print("  each hands in: " + ", ".join(f"{kind} {share} %" for kind, share in KINDS.items()))
    dice, made, kinds = random.Random(20), dict[str, list[str]](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        for number in range(students):
            (where / "in" / f"s{number:04}").mkdir(parents=True)
            for name in every:
                (kind,) = dice.choices(list(KINDS), list(KINDS.values()))
                kinds[kind] += 1
                if kind == "missing":
                    continue
                source = dice.choice(sources(kind, name) or [cells(name)["answer"]])
                made.setdefault(name, []).append(unlike(source, number))
                hand_in(where / "in", f"s{number:04}", name, made[name][-1])
        took, states = grade(where, jobs)
    answers = students * len(every) - kinds["missing"]
    seconds = took.start + took.work
    said = f"{answers} answers, {seconds / answers:.3f} s each, start-up {took.start:.1f} s"
    print(f"  {seconds:.1f} s with {jobs} jobs: {said}")
    print(f"  rows: {', '.join(f'{state} {count}' for state, count in states.most_common())}")
    pace = (took.start + 2400 * took.each) / 60
    print(f"  at this pace 2,400 answers take {pace:.1f} minutes")
    print(f"what an answer costs by itself, mean of {sample} of that class:")
    worker = Worker(caged=True)
    try:
        for name, own in made.items():
            chosen = own[:sample]
            cost = [timed(1, lambda: worker.judge(job_of(name, one))) for one in chosen]  # noqa: B023
            print(f"  {name:28} {statistics.mean(cost):6.3f} s, longest {max(cost):.1f} s",
                  flush=True)  # fmt: skip
    finally:
        worker.stop()


def timed(rounds: int, run: Callable[[], object]) -> float:
    """Median seconds of so many runs."""
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def grade(where: Path, jobs: int) -> tuple[Took, Counter[str]]:
    """The command on `where/in`, up to the last book; and how often each state."""
    count = len(list((where / "in").glob("*/*")))
    print(f"  grading {count} notebooks ...", file=sys.stderr)
    command = [sys.executable, "-m", "labsupport", "grade", str(where / "in")]
    command += ["--out", str(where / "out"), "--jobs", str(jobs)]
    began, journal = time.perf_counter(), where / "out" / "journal.jsonl"
    running = subprocess.Popen(command, cwd=EXERCISES.parent, stdout=subprocess.DEVNULL)
    while running.poll() is None and not judged_in(journal):
        time.sleep(0.02)
    first = time.perf_counter()  # with it as many are judged as there are jobs, or nearly
    assert running.wait() == 0, "grade had a row that it could not judge"
    rows = json.loads((where / "out" / "grades.json").read_text(encoding="utf-8"))
    took = Took(first - began, time.perf_counter() - first, max(1, count - jobs))
    return took, Counter(row["state"] for row in rows)


def judged_in(journal: Path) -> bool:
    """Whether something was judged; what is missing has a row at once."""
    return journal.is_file() and b'"results"' in journal.read_bytes()


def autograde(where: Path, answers: dict[str, str], processes: int) -> Took:
    """`nbgrader autograde`, so many of them at once, each with its share of the answers."""
    courses = [where / str(number) for number in range(processes)]
    for number, course in enumerate(courses):
        nbgrader_course.lay_out(course, NAME)
        (course / "nbgrader_config.py").write_text('get_config().CourseDirectory.course_id = "c"\n')
        print(f"  nbgrader generate_assignment, course {number + 1} ...", file=sys.stderr)
        nbgrader(course, "generate_assignment").communicate()
        own = {student: answers[student] for student in list(answers)[number::processes]}
        nbgrader_course.hand_in(course, NAME, own)
    print(f"  nbgrader autograde of {len(answers)}, {processes} at once ...", file=sys.stderr)
    began = time.perf_counter()
    with ThreadPoolExecutor(processes) as threads:
        spans = list(threads.map(span, [nbgrader(one, "autograde") for one in courses]))
    first, last = min(one[0] for one in spans), max(one[1] for one in spans)
    return Took(first - began, last - first, len(answers))


def span(running: subprocess.Popen[str]) -> tuple[float, float]:
    """When nbgrader took up its first submission, and when it was through."""
    assert running.stderr
    marks = [time.perf_counter() for line in running.stderr if "student with ID" in line]
    assert running.wait() == 0 and marks, "nbgrader has not graded"
    return marks[0], time.perf_counter()


def nbgrader(course: Path, command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "nbgrader", command, NAME],
        cwd=course,
        env=nbgrader_course.environment(course),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.instructor.bench.grading",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--class", type=int, dest="students", metavar="N", help="a made class, all exercises")
    add("--submissions", type=int, default=100, help="of exercise 02 (100)")
    add("--sample", type=int, default=10, help="of these for nbgrader; with --class: timed (10)")
    add("--jobs", type=int, help="processes, ours and nbgrader's (2; a class: two a processor)")
    wanted = parser.parse_args()
    if wanted.students:
        whole_class(wanted.students, wanted.sample, wanted.jobs or 2 * (os.cpu_count() or 1))
    else:
        print(f"exercise 02, {wanted.submissions} submissions, no two alike")
        main(wanted.submissions, wanted.sample, wanted.jobs or 2)
