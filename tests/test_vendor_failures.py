"""Vendor: what goes wrong at the vendor becomes a failure here, never a silent end."""

from __future__ import annotations

import asyncio
from typing import Any

import apps
import pytest
from gate_clock import GENEROUS
from vendor_said import delta, replying, said

from labsupport.provider.asked import Asked
from labsupport.provider.vendor import Vendor
from labsupport.script import Fail, HangUp, Page, Pause, Reject, Reset, Script, Step, StopShort
from labsupport.server import serve

pytestmark = pytest.mark.usefixtures("no_leaks")

CUT = "the stream was cut after 1 pieces: "


@pytest.mark.parametrize(
    ("end", "words", "status"),
    [
        (StopShort(), "the stream ended after 1 pieces, and nothing said so", 502),
        (HangUp(), CUT, 502),
        (Reset(), CUT, 502),
        (Fail("too busy", 529), "too busy", 502),
        (Pause(60), "nothing came for 2 s after 1 pieces", 504),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_end_that_is_none_is_a_failure(end: Any, words: str, status: int) -> None:
    deadline = 2 if isinstance(end, Pause) else GENEROUS
    first, last = said(Script("a", end), deadline=deadline)
    assert first == "a"
    assert isinstance(last, Fail)
    assert (last.message[: len(words)], last.status) == (words, status)


@pytest.mark.parametrize("status", [401, 429, 500, 529])
def test_an_error_before_the_stream_keeps_its_status_and_words(status: int) -> None:
    assert said(Script(Reject(status, "no soup"), "a")) == [Fail("no soup", status)]


def test_an_error_that_is_no_json_keeps_its_words() -> None:
    assert said(Script(Page("<p>Bad gateway", status=503), "a")) == [Fail("<p>Bad gateway", 503)]


def test_a_page_in_place_of_a_stream_is_a_failure() -> None:
    (fail,) = said(Script(Page(), "a"))
    assert fail == Fail(
        "expected text/event-stream from the vendor, got text/html; charset=utf-8", 502
    )


def test_what_is_not_json_is_a_failure() -> None:
    assert said(replying(b"data: soup\n\n", delta(content="a"))) == [
        Fail("the vendor sent what is not JSON: 'soup'", 502)
    ]


def test_nobody_at_the_address_is_a_failure() -> None:
    with serve(apps.hello) as server:
        url = server.url

    async def ask() -> list[Step]:
        return [step async for step in Vendor(url, model="soup-1").steps(Asked())]

    (fail,) = asyncio.run(ask())
    assert isinstance(fail, Fail)
    assert fail.message.startswith(f"no connection to {url}: ")
    assert fail.status == 502
