"""A thousand streams through proxies, their clients leaving anywhere, in any way, leave nothing."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import threading
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

from leaks import no_leaks
from sockets import CHUNKED, GENEROUS, framed

from labsupport._reset import reset_when_closed
from labsupport.faults import Buffer, Cut, Delay, Fault, Merge, Split, Stall
from labsupport.proxy import Proxy
from labsupport.wire import ResponseParser

STREAMS, AT_ONCE, SEED = 1000, 100, 20
EVENT = b"data: token\n\n"
WHOLE = 20
"""Events in a stream that ends; the others go on for as long as somebody listens."""

PATHS: dict[tuple[Fault, ...], int | None] = {
    (): WHOLE * len(EVENT),
    (Split(5),): WHOLE * len(EVENT),
    (Buffer(64), Delay(0.005, jitter=0.01, seed=1)): WHOLE * len(EVENT),
    (Cut(90),): 90,
    (Merge(0.01), Stall(120)): None,
}
"""Faults, and how many bytes reach a client that stays; None if it would stay for ever."""

WAYS = "close", "reset", "half-close", "stay"
POINTS = "connected", "in the request", "asked", "in the head", "in the body"


class Upstream:
    """Streams events: `/whole` so many, `/endless` until nobody listens; counts both ends."""

    def __init__(self) -> None:
        self.opened = self.ended = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            asked = await reader.readuntil(b"\r\n\r\n")
            writer.write(CHUNKED)
            for number in itertools.count():
                if reader.at_eof() or (number == WHOLE and b"/whole" in asked):
                    break
                writer.write(framed(EVENT))
                await writer.drain()
                await asyncio.sleep(0.002)
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the proxy has left
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            self.ended += 1

    async def rest(self) -> None:
        """Return when every stream has ended and only the caller's task is left."""
        async with asyncio.timeout(GENEROUS):
            # No event tells of both.
            while self.ended < self.opened or len(asyncio.all_tasks()) > 1:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@dataclass
class Visit:
    """One client: where and how it leaves, and the body bytes it got."""

    way: str
    point: str
    most: int
    body: bytes = b""
    parser: ResponseParser = field(default_factory=lambda: ResponseParser("GET"))

    async def run(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            with suppress(ConnectionError):  # the proxy may be first to leave
                await self._talk(reader, writer)
            if self.way == "half-close":
                with suppress(OSError):
                    writer.write_eof()
                    await self._read(reader, math.inf)  # until the proxy ends it, too
        finally:
            with suppress(OSError):
                if self.way == "reset":
                    reset_when_closed(writer.get_extra_info("socket"))
                writer.close()
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = b"/whole" if self.way == "stay" else b"/endless"
        request = b"GET %s HTTP/1.1\r\nhost: h\r\n\r\n" % path
        if self.way == "stay":
            writer.write(request)
            await self._read(reader, math.inf)
            return
        size = {"connected": 0, "in the request": 12}.get(self.point, len(request))
        writer.write(request[:size])
        await writer.drain()
        if self.point == "in the head":
            self._take(await reader.read(20))
        elif self.point == "in the body":
            await self._read(reader, self.most)

    async def _read(self, reader: asyncio.StreamReader, most: float) -> None:
        while len(self.body) < most and (data := await reader.read(65536)):
            self._take(data)

    def _take(self, data: bytes) -> None:
        self.body += b"".join(s.data for s in self.parser.feed(data) if s.kind == "body")


def visits(chance: random.Random) -> list[tuple[Visit, tuple[Fault, ...]]]:
    """A thousand of them, over all paths."""
    made = []
    for number in range(STREAMS):
        faults = list(PATHS)[number % len(PATHS)]
        way = chance.choice(WAYS if PATHS[faults] else WAYS[:3])
        made.append((Visit(way, chance.choice(POINTS), chance.randint(1, 85)), faults))
    return made


async def all_of_them(
    made: list[tuple[Visit, tuple[Fault, ...]]], ports: dict[tuple[Fault, ...], int]
) -> int:
    """Run them, so many at a time; the most threads there were."""
    room, threads = asyncio.Semaphore(AT_ONCE), 0

    async def one(visit: Visit, port: int) -> None:
        nonlocal threads
        async with room:
            await asyncio.wait_for(visit.run(port), GENEROUS)
            threads = max(threads, threading.active_count())

    await asyncio.gather(*(one(visit, ports[faults]) for visit, faults in made))
    return threads


def test_a_thousand_streams_with_clients_leaving_anywhere_leave_nothing() -> None:
    upstream, made = Upstream(), visits(random.Random(SEED))

    async def main() -> None:
        server = await asyncio.start_server(upstream, "127.0.0.1", 0, backlog=2 * AT_ONCE)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with ExitStack() as stack:
            proxies = {faults: stack.enter_context(Proxy(url, *faults)) for faults in PATHS}
            ports = {faults: int(p.url.rpartition(":")[2]) for faults, p in proxies.items()}
            # Inside: what a proxy still holds while it runs, its `stop` would clear away.
            with no_leaks():
                threads = threading.active_count()
                assert await all_of_them(made, ports) == threads, "a thread for a stream"
                await upstream.rest()
            await upstream.rest()
        server.close()
        await server.wait_closed()

    with no_leaks():
        asyncio.run(main())
    streamed = [one for one, _ in made if one.way == "stay" or one.point.startswith("in the b")]
    assert upstream.opened >= len(streamed)
    for visit, faults in made:
        if visit.parser.status == 200:
            assert (EVENT * (len(visit.body) // 5)).startswith(visit.body), visit
        if visit.way == "stay":
            assert len(visit.body) == PATHS[faults], visit


def test_the_thousand_have_every_way_of_leaving_at_every_point_of_every_path() -> None:
    made = visits(random.Random(SEED))
    count = Counter((visit.way, visit.point, faults) for visit, faults in made)
    leaving = [(way, point, path) for way in WAYS[:3] for point in POINTS for path in PATHS]
    assert [one for one in leaving if not count[one]] == []
    assert sum(count.values()) == STREAMS
