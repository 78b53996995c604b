"""Exercise 5, the hidden checks: any text, any count, any way to break, and two guests at once."""

from __future__ import annotations

import json
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

from checks.e05_bridge_a_provider import BREAK, CURE, LIBRARIES, LOOK, SIX, counted
from checks.orders import BROKEN, DIALECTS, NOTICE, WHOLE, Reply, bridge

from labsupport import encode
from labsupport.grading import Answer, Checks, expect, fail
from labsupport.provider import Gate
from labsupport.script import (
    Cite,
    Fail,
    HangUp,
    Page,
    Ping,
    Raw,
    Reject,
    Reset,
    StopShort,
    Think,
    ToolCall,
)

checks = Checks()

ODD = '\u2028 \u0085 \x0b [DONE] data: " \\n ß 湯 🍲'.split(" ") + ["\r\n", "\n\n", " "]
"""Characters that some readers of lines, and some writers of JSON, stumble over."""


@checks.check("brings any text whole", points=0.5, needs=("whole",), section=LOOK)
def any_text(answer: Answer, random: Random) -> None:
    said = ["".join(random.choices(ODD, k=3)) for _ in range(8)] + random.sample(ODD, len(ODD))
    with bridge(answer, *said) as here:
        for reply in map(here.order, DIALECTS):
            expect(
                reply.texts,
                said,
                fed=reply.fed,
                next="Only LF, CR and CRLF end a line of an event stream. str.splitlines and "
                "httpx's iter_lines cut at other characters too, such as U+2028.",
                cause="odd characters",
            )


@checks.check("counts as the provider's books do", points=0.5, needs=("usage",), section=LIBRARIES)
def bills(answer: Answer, random: Random) -> None:
    said = [Think("Hm."), *[" soup"] * random.randint(2, 9)]
    question = " ".join(["soup"] * random.randint(5, 20))
    with bridge(answer, *said, cached=random.randint(1, 4)) as here:
        for number, dialect in enumerate(DIALECTS):
            reply = here.order(dialect, question)
            books = here.provider.meter.settle().requests[number]
            counted(reply, books.input, books.generated)
    so_far = {"type": "message_delta", "delta": {"stop_reason": None}}
    so_far["usage"] = {"input_tokens": 3, "output_tokens": 1}
    early = Raw(encode(json.dumps(so_far), event="message_delta"))
    with bridge(answer, "Hot", early, " soup", early, " today") as here:
        reply = here.order("anthropic")
    expect(reply.texts, ["Hot", " soup", " today"], fed=reply.fed, next="Usage ends nothing.")
    counted(reply, 3, 3)


@checks.check(
    "passes over what is not in its words", points=0.5, needs=("one_ending", "usage"), section=SIX
)  # fmt: skip
def passes_over(answer: Answer, random: Random) -> None:
    extra = [Ping(), Cite("Hot"), Raw(b": still here\n\n"), Ping(), Cite("soup")]
    steps: list[Any] = [Think("Hm."), "Hot", *random.sample(extra, 3), " soup"]
    steps += [*random.sample(extra, 3), ToolCall("weather", '{"city": "Paris"}')]
    with bridge(answer, *steps) as here:
        for reply in map(here.order, DIALECTS):
            expect(
                reply.texts,
                ["Hot", " soup"],
                fed=reply.fed,
                next="Not everything in a stream is text for the guest: there are thoughts, "
                "citations, pieces of tool calls, pings. Pass over what you do not know.",
                cause="not text",
            )
            next = "Pass over what you do not relay; it is no reason to fall over."
            reply.fits(WHOLE, "start, the tokens, usage, done", next, "falls over")
            expect(
                reply.of("done").get("reason"),
                "other",
                fed=reply.fed,
                next="Every reason that is neither stop nor length is other.",
                cause="reason",
            )


def told(reply: Reply, cause: str) -> None:
    """Fail unless the guest can see that this did not go well: by `failed`, or a status."""
    if (reply.status or 0) < 400:
        reply.fits(
            BROKEN,
            "failed, or a status that says so",
            "Whatever goes wrong is told: connections break, and what comes may be no stream, or "
            "no JSON. Catch Exception around all of it, and send failed.",
            cause,
        )


@checks.check("tells of every way to break", points=0.5, needs=("reported",), section=BREAK)
def broken(answer: Answer, random: Random) -> None:
    said = [" soup"] * random.randint(0, 5)
    at_once = random.choice([StopShort(), Fail(), HangUp()])
    no_json = Raw(b"event: content_block_delta\ndata: {oops\n\n")
    for steps in (
        [*said, HangUp()],
        [" soup", *said, Reset()],
        [*said, Fail(status=429)],
        [at_once],
        [" soup", no_json, " soup"],
        [Page()],
    ):
        with bridge(answer, *steps) as here:
            for reply in map(here.order, DIALECTS):
                told(reply, type(steps[-1]).__name__)


@checks.check("has statuses of its own", points=0.5, needs=("refused",), section=CURE)
def refusals(answer: Answer, random: Random) -> None:
    for status in (400, 401, 500, 529):
        with bridge(answer, Reject(status, times=math.inf), "Hot") as here:
            reply = here.order(random.choice(DIALECTS))
        expect(
            reply.status,
            502,
            fed=reply.fed,
            next="Only a 429 is the guest's affair. It is your key that is bad at a 401: all else "
            "is a 502, which says that the one you buy from has failed you.",
            cause="status",
        )


@checks.check("keeps the provider's words to itself", points=0.5, needs=("reported",), section=CURE)
def discreet(answer: Answer, random: Random) -> None:
    secret = f"rack {random.randint(10, 99)} of customer {random.randint(1000, 9999)}"
    for steps in (["Hot", Fail(secret)], [Reject(429, secret, times=math.inf), "Hot"]):
        with bridge(answer, *steps) as here:
            for reply in map(here.order, DIALECTS):
                if secret.encode() in reply.capture.body:
                    fail(
                        "a message of your own",
                        "the provider's own words",
                        fed=reply.fed,
                        next="What a provider says in an error belongs into your log. It may name "
                        "machines, customers, limits of your contract.",
                        cause="tells too much",
                    )


@checks.check("serves two guests at once", points=0.5, needs=("at_once", "usage"), section=CURE)
def two_guests(answer: Answer, random: Random) -> None:
    second, question = random.choice(DIALECTS), " ".join(["soup"] * random.randint(5, 20))
    seated, served = threading.Event(), threading.Event()

    def rest(token: int) -> None:
        if token == 2:
            seated.set()
            served.wait(2 * NOTICE)

    with bridge(answer, *"soup!", gate=Gate()) as here, ThreadPoolExecutor(1) as pool:
        resting = pool.submit(here.order, "anthropic", at=rest, deadline=3 * NOTICE)
        try:
            seated.wait(NOTICE)
            other = here.order(second, question, number=1)
        finally:
            served.set()
        both = ((resting.result(), 3), (other, len(question.split())))
    for reply, put_in in both:
        expect(
            reply.texts,
            [*"soup!"],
            fed="two guests; while one rests in the middle, the other one comes and is served",
            next="Keep what belongs to a guest in his own generator, and read the provider with "
            "an asynchronous client, or in a thread: whoever waits must not stop the others.",
            cause="one at a time",
        )
        counted(reply, put_in, 5)
