"""Exercise 7: a relay that leaves its provider when its guest leaves, in whatever way."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

from checks.guests import NOTICE, PLATES, Kitchen, kitchen, raw_guest, wait

from labsupport import Ending
from labsupport._reset import reset_when_closed
from labsupport.grading import Answer, Exercise, Value, expect, fail
from labsupport.script import HangUp

exercise = Exercise(
    7,
    "Ring the cancel bell",
    answers=("create_app",),
    lesson="07_ring_the_cancel_bell.ipynb",
)

HEAR, PROVIDER = "Hear the bell, and lose it", "Hang up on the provider"
FOUR, BACKED_UP = "Leave the table in four ways", "Catch the library off guard"
PRODUCTION = "In production"
"""Headings of the lesson."""

LARGE, MANY = 65_536, 480
"""Bytes of a large token, and how many: more than all buffers between provider and guest hold."""


@exercise.check("relays each token when it comes, and the end", points=0.5, section=PROVIDER)
def relays(answer: Answer, random: Random) -> None:
    with kitchen(answer, "Hot", " soup", " today") as here:
        capture = here.visit()
    if not capture.is_stream:
        fail(
            "status 200 and Content-Type text/event-stream",
            f"{capture.status} and {capture.headers.get('content-type', 'none')}",
            fed="GET /stream",
            next="Return StreamingResponse(..., media_type='text/event-stream') from /stream.",
            cause="content type",
        )
    expect(
        [event.data for event in capture.events if event.event == "token"],
        ["Hot", " soup", " today"],
        fed="three tokens; the provider makes each when the guest has the one before",
        next="Send on what the provider sends, piece by piece: response.aiter_bytes().",
        cause="collects",
    )
    whole = capture.ending is Ending.CLEAN and any(one.event == "done" for one in capture.events)
    if not whole:
        fail(
            "the provider's done event, and a proper end",
            f"{[event.event for event in capture.events]}, {capture.ending}",
            next="Relay every event, and end when the provider has ended.",
            cause="no end",
        )


@exercise.check(
    "leaves the provider when a guest closes, is reset, or half-closes", points=2.5,
    needs=("relays",),
    section=PROVIDER,
)  # fmt: skip
def closes(answer: Answer, random: Random) -> None:
    with kitchen(answer) as here:
        for number, way in enumerate(("close", "reset", "half-close")):
            here.visit(stop=3, leave=way, number=number)
            here.hung_up(way, seen=3, number=number)


@exercise.check("cleans up after every guest", points=1, needs=("closes",), section=HEAR)
def cleans_up(answer: Answer, random: Random) -> None:
    with kitchen(answer) as here:
        counts: list[object] = []
        here.visit(stop=2, at=lambda token: counts.append(here.guests()))
        expect(
            counts[-1:],
            [1],
            fed="GET /guests, while one guest reads",
            next="Count a guest in before you ask the provider.",
            cause="guests",
        )
        leaves_none(here, "one guest came and closed the connection")
        here.gate.open()
        here.visit(number=1)
        leaves_none(here, "one guest stayed to the end")


def leaves_none(here: Kitchen, fed: str) -> None:
    """Fail unless the app soon says that nobody is there."""
    if not wait(lambda: here.guests() == 0, NOTICE):
        fail(
            "0 at /guests",
            Value(here.guests()),
            fed=fed,
            next="Count a guest out in `finally`, as the first thing there: what stands after an "
            "await or a yield in `finally` is not reached when the bell rings.",
            cause="cleanup",
        )


@exercise.check(
    "takes no more than a guest who stops reading", points=1, needs=("cleans_up",),
    section=BACKED_UP,
)  # fmt: skip
def silent(answer: Answer, random: Random) -> None:
    tokens = ["x" * LARGE] * MANY
    with kitchen(answer, *tokens, gated=False) as here:
        with raw_guest(here.url, window=65_536) as guest:
            guest.recv(1000)
            stalled(here)
            # RST is what is left of a machine that went away.
            reset_when_closed(guest)
        usage = here.usage()
        if usage.ended == "client left" and usage.generated < MANY:
            return leaves_none(here, "a guest who stopped reading, and was reset")
    fail(
        "the provider to wait while the guest does not read, and to be left when he is gone",
        f"{usage.generated} of {MANY} tokens generated, in its books: {usage.ended}",
        fed=f"{MANY} tokens of {LARGE} bytes, and a guest who reads 1000",
        next="Ask the provider for more only when what you have is sent. A queue needs a "
        "size, such as asyncio.Queue(1).",
        cause="reads ahead",
    )


def stalled(here: Kitchen) -> None:
    """Return when the provider makes no more tokens, or none are left."""
    before, same = -1, 0
    for _ in range(500):
        made = here.provider.meter.generated
        same = same + 1 if made == before else 0
        if same >= 10 and made or made == MANY:
            return
        before = made
        wait(lambda: False, 0.02)


@exercise.check(
    "lets the other guests eat in peace", points=1, needs=("closes",), section=PROVIDER
)  # fmt: skip
def in_peace(answer: Answer, random: Random) -> None:
    arrived, gone = threading.Event(), threading.Event()

    def third(token: int) -> None:
        if token == 3:
            arrived.set()
            gone.wait(2 * NOTICE)

    with kitchen(answer) as here, ThreadPoolExecutor() as pool:
        staying = pool.submit(here.visit, at=third, deadline=3 * NOTICE)
        try:
            arrived.wait(NOTICE)
            here.visit(stop=2, number=1)
            here.usage(1)
        finally:
            gone.set()
        capture = staying.result()
    expect(
        len([event for event in capture.events if event.event == "token"]),
        len(PLATES),
        fed="two guests; one closes after 2 tokens, the other one stays; his tokens",
        next="Close the guest's own response. The client, and whatever else guests share, lives "
        "as long as the app.",
        cause="shared",
    )


@exercise.check(
    "does not pass a broken answer off as a whole one", points=0.5, needs=("relays",),
    section=PRODUCTION,
)  # fmt: skip
def broken(answer: Answer, random: Random) -> None:
    with kitchen(answer, "Hot", " soup", HangUp()) as here:
        capture = here.visit()
        begun = here.begun
    names = [event.event for event in capture.events]
    silent_end = capture.ending is Ending.CLEAN and not {"failed", "error"} & set(names)
    if "done" in names or silent_end or begun > 1:
        fail(
            "an end that shows: the connection cut, or an event called failed",
            f"{names}, {capture.ending}, {begun} requests to the provider",
            fed="a provider that breaks off after two tokens",
            next="Let httpx's exception pass: the server then cuts the connection, and the guest "
            "knows. (fastapi.sse may end cleanly all the same: yield an event called failed.)",
            cause="swallowed",
        )
