"""The watch beside an answer: it reads what is printed, and names the limit that was met."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

import pytest

from labsupport import record
from labsupport.grading.answer import Flooded, Gone, Silent
from labsupport.grading.sandbox.cage import Limits
from labsupport.grading.sandbox.pen import Pen
from labsupport.grading.sandbox.watch import Watch

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is Linux's"),
    pytest.mark.timeout(120),
]


@pytest.fixture(scope="module")
def pen() -> Iterator[Pen]:
    with Pen(limits=Limits(output=10_000)) as pen:
        yield pen


def starved(watch: Watch) -> None:
    """A watch whose thread gets no turn until it is over."""
    watch._over.wait()
    os.close(watch._out)


def test_output_is_all_there_also_when_the_watch_had_no_time_to_read(
    pen: Pen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watch, "_look", starved)
    with pen.answer(["print('soup')", "def f():\n    print('is hot')"]) as answer:
        answer.call("f")
        assert answer.output() == "soup\nis hot\n"


def test_too_much_output_ends_it(pen: Pen) -> None:
    with (
        pytest.raises(Flooded, match=r"got more than 10,000 bytes printed\. Next: Print less"),
        pen.answer(["def f():\n    print('x' * 20000)\n    import time; time.sleep(60)"]) as answer,
    ):
        answer.call("f")


def test_cells_without_end_meet_their_deadline(pen: Pen) -> None:
    with (
        pytest.raises(Silent, match=r"an answer within 0\.3 s"),
        pen.answer(["import time; time.sleep(60)"], patience=0.3),
    ):
        raise AssertionError("they came to an end")


def test_a_limit_is_named_also_when_the_watch_had_no_time_to_look(
    pen: Pen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watch, "_look", starved)
    source = """
import threading, time
for _ in range(150):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
time.sleep(60)
"""
    with (
        pytest.raises(Gone, match="more than 100 processes and threads"),
        pen.answer([source], patience=2),
    ):
        raise AssertionError("it came to an end")


def test_what_waits_for_an_answer_comes_back_when_its_time_is_over(pen: Pen) -> None:
    """A check that reads from the answer's server does not ask the line how late it is."""
    source = """
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
import asyncio
app = FastAPI()
@app.get("/")
async def stream():
    async def body():
        while True:
            yield b":"
            await asyncio.sleep(0.01)
    return StreamingResponse(body())
"""
    with pytest.raises((Silent, Gone), match="time"), pen.answer([source]) as answer:
        with answer.served("app") as url:
            answer.line.until = time.monotonic()
            capture = record(url, deadline=60)
            assert capture.ending != "clean"
        answer.has("app")
