"""Exercise 7, the hidden checks: guests who leave at any moment, and what stays behind."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from random import Random

from checks.e07_ring_the_cancel_bell import FOUR, HEAR, PROVIDER, leaves_none
from checks.guests import NOTICE, PLATES, asked, kitchen, raw_guest, wait

from labsupport import encode, record
from labsupport.grading import Answer, Checks, expect, fail
from labsupport.script import Pause

checks = Checks()

GUESTS = 6
OPEN = 2
"""Connections to the provider that an app may keep for its next guests."""


@checks.check(
    "wastes at most a token, whoever leaves when and how", points=1.5,
    needs=("closes", "cleans_up"),
    section=FOUR,
)  # fmt: skip
def any_moment(answer: Answer, random: Random) -> None:
    ways = ["close", "reset", "half-close", "stays"]
    ways = random.sample([*ways, *random.choices(ways, k=GUESTS - 4)], GUESTS)
    stops = [None if way == "stays" else random.randint(1, len(PLATES) - 2) for way in ways]
    seated = [threading.Event() for _ in ways]
    everybody = threading.Barrier(GUESTS)

    def first(number: int, token: int) -> None:
        if token == 1:
            seated[number].set()
            everybody.wait(GUESTS * NOTICE)

    with kitchen(answer) as here, ThreadPoolExecutor(GUESTS) as pool:
        visits = []
        for number, (way, stop) in enumerate(zip(ways, stops, strict=True)):
            visit = partial(here.visit, stop=stop, number=number, at=partial(first, number))
            way = "close" if stop is None else way
            visits.append(pool.submit(visit, leave=way, deadline=GUESTS * NOTICE))
            if not seated[number].wait(NOTICE):  # or its number would be another's
                everybody.abort()
                fail("a first token", "none", fed=f"guest {number + 1}", next="Serve several.")
        captures = [visit.result() for visit in visits]
        for number, (way, stop) in enumerate(zip(ways, stops, strict=True)):
            if stop is not None:
                here.hung_up(way, seen=stop, number=number)
            else:
                come = sum(event.event == "token" for event in captures[number].events)
                expect(come, len(PLATES), next="Who stays gets all tokens.", cause="shared")
        leaves_none(here, "guests who left, and some who stayed")


@checks.check(
    "hears the bell before the first token", points=1, needs=("cleans_up",), section=PROVIDER
)  # fmt: skip
def before_the_first(answer: Answer, random: Random) -> None:
    with kitchen(answer, Pause(60), *PLATES) as here:
        with raw_guest(here.url):
            wait(lambda: here.begun > 0, NOTICE)
        here.hung_up("close", seen=0)
        leaves_none(here, "a guest who left while the model was thinking")


class Answering(socketserver.StreamRequestHandler):
    """Answers each request on a connection with the same small stream."""

    BODY = b"".join(encode(plate, event="token") for plate in PLATES[:3])
    HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n"

    def handle(self) -> None:
        """Serve one connection."""
        self.server.held.append(self)  # type: ignore[attr-defined]
        try:
            while line := self.rfile.readline():
                if line == b"\r\n":
                    self.wfile.write(self.HEAD % len(self.BODY) + self.BODY)
        except OSError:
            pass
        finally:
            self.server.held.remove(self)  # type: ignore[attr-defined]


class Counting(socketserver.ThreadingTCPServer):
    """A provider that knows how many connections to it are open."""

    daemon_threads, block_on_close = True, False

    def __init__(self) -> None:
        self.held: list[Answering] = []
        super().__init__(("127.0.0.1", 0), Answering)


@contextmanager
def counting() -> Iterator[Counting]:
    """Such a provider, listening."""
    with Counting() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@checks.check(
    "leaves no connection behind", points=1, needs=("closes",), section=HEAR
)  # fmt: skip
def no_sockets(answer: Answer, random: Random) -> None:
    with counting() as provider:
        far_away = f"http://127.0.0.1:{provider.server_address[1]}"
        with answer.served("create_app", far_away) as url:
            for _ in range(GUESTS):
                asked(lambda: record(url + "/stream", deadline=NOTICE))
            few(provider, OPEN, f"{GUESTS} guests, one after the other, each to the end")
        few(provider, 0, "the app has been stopped")


def few(provider: Counting, most: int, fed: str) -> None:
    """Fail unless soon no more than so many connections to the provider are open."""
    if not wait(lambda: len(provider.held) <= most, NOTICE):
        fail(
            f"at most {most} open connections to the provider",
            f"{len(provider.held)}",
            fed=fed,
            next="Who opens a client closes it: `async with`, or one client in the app's lifespan.",
            cause="sockets",
        )
