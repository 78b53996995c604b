"""What the provider adds to bare uvicorn; how late its tokens are: python -m tests.bench.provider

Two questions, each asked of the barest ASGI app that says the same bytes and of `Provider`, by
turns in one run. Servers and client are processes of their own.

1. How long from a request to its first token? Median of many, on a connection of its own each.
2. How late are tokens when 200 clients read at once, 50 tokens a second each? A token is due when
   the pauses before it have passed, counted from when its client sent the request; its lateness is
   what the client sees beyond that. Clients come one after another within the first second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import uvicorn

from labsupport import Script, record, serve
from labsupport.provider import Provider
from labsupport.script import Pause

LANES = [(kind, dialect) for dialect in ("plain", "chat") for kind in ("bare uvicorn", "provider")]
TOKEN = " soup"
PATHS = {"plain": "/stream", "chat": "/v1/chat/completions"}
MARKS = {"plain": b"data: " + TOKEN.encode(), "chat": b'"content":"' + TOKEN.encode()}
BODY = b'{"model":"soup-1","messages":[],"stream":true}'
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream; charset=utf-8")],
}


def script(count: int, gap: float) -> Script:
    """So many tokens; before each but the first a pause, and a gap of 0 has no pauses."""
    steps = [step for _ in range(count) for step in (Pause(gap), TOKEN)]
    return Script(*(steps[1:] if gap else [TOKEN] * count))


def bare(blocks: list[bytes], gap: float) -> Any:
    """The barest app that says these blocks; from the first token on a gap before each."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send(START)
        start, tokens = time.perf_counter(), 0
        for block in blocks:
            if TOKEN.encode() in block:
                await asyncio.sleep(max(0.0, start + tokens * gap - time.perf_counter()))
                tokens += 1
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


def server(kind: str, dialect: str, count: int, gap: float) -> None:
    """Serve until killed; print the port."""
    if kind == "provider":
        with serve(Provider(script(count, gap)).app) as running:
            print(running.port, flush=True)
            time.sleep(3600)
    with serve(Provider(script(count, 0)).app) as running:
        said = record(running.url + PATHS[dialect], body=BODY, method="POST").body
    blocks = [block + b"\n\n" for block in said.split(b"\n\n")[:-1]]
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    app = bare(blocks, gap)
    config = uvicorn.Config(app, http="h11", lifespan="off", log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def process(*role: object) -> Iterator[int]:
    """A server in a process of its own; its port."""
    words = [sys.executable, "-m", "tests.bench.provider", *map(str, role)]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        yield int(running.stdout.readline())
    finally:
        running.kill()
        running.communicate()


def request(dialect: str) -> bytes:
    return (
        b"POST %b HTTP/1.1\r\nhost: bench\r\nconnection: close\r\ncontent-length: %d\r\n"
        b"content-type: application/json\r\n\r\n%b"
    ) % (PATHS[dialect].encode(), len(BODY), BODY)


def first_token(port: int, dialect: str) -> float:
    """Milliseconds from sending a request to its first token."""
    got = b""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        start = time.perf_counter()
        connection.sendall(request(dialect))
        while MARKS[dialect] not in got:
            got += connection.recv(65536)
        took = time.perf_counter() - start
        while connection.recv(65536):
            pass
    return 1000 * took


class Reader(asyncio.Protocol):
    """Counts tokens as they come, and how late each is."""

    def __init__(self, dialect: str, gap: float, late: list[float]) -> None:
        self.mark, self.dialect, self.gap, self.late = MARKS[dialect], dialect, gap, late
        self.count, self.tail = 0, b""
        self.over: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.start = time.perf_counter()
        transport.write(request(self.dialect))

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        data = self.tail + data  # a mark may be cut; the tail is too short to hold a whole one
        for _ in range(data.count(self.mark)):
            self.late.append(now - self.start - self.count * self.gap)
            self.count += 1
        self.tail = data[1 - len(self.mark) :]

    def connection_lost(self, error: Exception | None) -> None:
        self.over.set_result(self.count)


async def client(port: int, dialect: str, streams: int, gap: float, within: float) -> None:
    """Read so many streams, begun within so many seconds; print latenesses in microseconds."""
    late: list[float] = []
    loop, readers, begun = asyncio.get_running_loop(), [], time.perf_counter()
    for number in range(streams):
        await asyncio.sleep(max(0.0, begun + number * within / streams - time.perf_counter()))
        made = await loop.create_connection(lambda: Reader(dialect, gap, late), "127.0.0.1", port)
        readers.append(made[1])
    counts = [await reader.over for reader in readers]
    print(json.dumps({"late": [round(one * 1e6) for one in late], "counts": counts}))


def ask(port: int, *role: object) -> tuple[list[float], list[int]]:
    """Milliseconds late, and the tokens of each stream, as a client process saw them."""
    words = [sys.executable, "-m", "tests.bench.provider", "client", str(port), *map(str, role)]
    said = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    assert said["late"], "no token came; does the dialect still write them as in MARKS?"
    return [late / 1000 for late in said["late"]], said["counts"]


def show(milliseconds: list[float]) -> str:
    cuts = statistics.quantiles(milliseconds, n=100)
    return f"median {cuts[49]:6.2f}   p99 {cuts[98]:6.2f}   max {max(milliseconds):6.2f} ms"


def first_tokens(rounds: int) -> None:
    """Print the first table."""
    print(f"request to first token, {rounds} of each, by turns")
    with ExitStack() as stack:
        ports = [stack.enter_context(process("server", *lane, 10, 0)) for lane in LANES]
        took: list[list[float]] = [[] for _ in LANES]
        for _ in range(rounds):
            for place, (_, dialect) in enumerate(LANES):
                took[place].append(first_token(ports[place], dialect))
    for (kind, dialect), found in zip(LANES, took, strict=True):
        print(f"  {dialect:5}  {kind:12}  {show(found)}")
    for place, dialect in enumerate(PATHS):
        base, ours = (statistics.median(one) for one in took[2 * place : 2 * place + 2])
        print(f"  {dialect:5}  the provider adds {ours - base:.2f} ms (less than 5 is asked)")


def lateness(streams: int, rate: float = 50, seconds: float = 6) -> None:
    """Print a table of how late tokens are."""
    print(f"{streams} streams at once, {rate:g} tokens a second each for {seconds:g} s: lateness")
    gap, count = 1 / rate, int(seconds * rate)
    for kind, dialect in LANES:
        with process("server", kind, dialect, count, gap) as port:
            late, counts = ask(port, dialect, streams, gap, streams / 100)
        whole = sum(one == count for one in counts)
        print(f"  {dialect:5}  {kind:12}  {show(late)}   {whole} of {streams} whole", flush=True)


def main(rounds: int = 300, turns: int = 2) -> None:
    """Print all tables."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{os.cpu_count()} processors, load before we began {load:.1f}, Python {sys.version[:6]}")
    first_tokens(rounds)
    for streams in (200, 100) * turns:
        lateness(streams)
    print("  (a p99 of less than 50 ms is asked of 200 streams)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.provider", description=__doc__)
    parser.add_argument("role", nargs="*", help=argparse.SUPPRESS)
    wanted = parser.parse_args().role
    if not wanted:
        main()
    elif wanted[0] == "server":
        server(wanted[1], wanted[2], int(wanted[3]), float(wanted[4]))
    else:
        asyncio.run(client(int(wanted[1]), wanted[2], int(wanted[3]), *map(float, wanted[4:6])))
