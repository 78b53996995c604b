"""What the proxy adds to each chunk, and how many streams it holds: python -m tests.bench.proxy

Upstream and client are processes of their own. Each event carries the time at which it was made,
by the clock that all processes of a machine share, so its age on arrival is a difference of two
readings of one clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from labsupport import Proxy, presets

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
PADDING = b"x" * 150


async def upstream(count: int, gap: float) -> None:
    """Serve streams of `count` events of some 200 bytes, one every `gap` seconds."""

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        start = time.perf_counter()
        for number in range(count):
            await asyncio.sleep(max(0, start + number * gap - time.perf_counter()))
            data = b"data: %d %b\n\n" % (time.perf_counter_ns(), PADDING)
            writer.write(b"%x\r\n%b\r\n" % (len(data), data))
        writer.write(b"0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(stream, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def client(port: int, streams: int) -> None:
    """Read so many streams at once; print the ages in microseconds, and how many were whole."""
    ages: list[int] = []

    async def read() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: bench\r\n\r\n")
        whole = b""
        while data := await reader.read(65536):
            now = time.perf_counter_ns()
            ages.extend(
                (now - int(one.split(b" ")[0])) // 1000 for one in data.split(b"data: ")[1:]
            )
            whole = data
        writer.close()
        return whole.endswith(b"0\r\n\r\n")

    ended = await asyncio.gather(*(read() for _ in range(streams)))
    print(json.dumps({"ages": ages, "whole": sum(ended)}))


@contextmanager
def process(*role: object) -> Iterator[int]:
    """An upstream in a process of its own; its port."""
    words = [sys.executable, "-m", "tests.bench.proxy", *map(str, role)]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        yield int(running.stdout.readline())
    finally:
        running.kill()
        running.communicate()


def ask(port: int, streams: int) -> tuple[list[float], int]:
    """Ages in ms, and whole streams, as a client process saw them."""
    words = [sys.executable, "-m", "tests.bench.proxy", "client", str(port), str(streams)]
    said = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    return [age / 1000 for age in said["ages"]], said["whole"]


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def main(rounds: int = 5, streams: int = 500) -> None:
    """Print both tables."""
    print("what the proxy adds to a chunk (100 events, one every 10 ms, by turns)")
    with process("upstream", 100, 0.01) as port:
        url = f"http://127.0.0.1:{port}"
        with Proxy(url) as plain, Proxy(url, presets.nginx()) as nginx:
            lanes = {
                "direct": port,
                "Proxy": port_of(plain.url),
                "Proxy, nginx()": port_of(nginx.url),
            }
            ages: dict[str, list[float]] = {name: [] for name in lanes}
            for _ in range(rounds):
                for name, there in lanes.items():
                    ages[name] += ask(there, 1)[0]
    base = statistics.median(ages["direct"])
    for name, found in ages.items():
        middle = statistics.median(found)
        print(f"  {name:16} median {middle:6.3f} ms, added {middle - base:6.3f} ms")
    print(f"{streams} streams at once, each an event every 500 ms for 10 s")
    with process("upstream", 20, 0.5) as port:
        with Proxy(f"http://127.0.0.1:{port}") as plain:
            for name, there in {"direct": port, "Proxy": port_of(plain.url)}.items():
                found, whole = ask(there, streams)
                cuts = statistics.quantiles(found, n=100)
                said = f"{whole} whole, {len(found)} events, age median {cuts[49]:.1f} ms"
                print(f"  {name:16} {said}, p99 {cuts[98]:.1f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.proxy", description=__doc__)
    parser.add_argument("role", nargs="*", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if not wanted.role:
        main()
    elif wanted.role[0] == "upstream":
        asyncio.run(upstream(int(wanted.role[1]), float(wanted.role[2])))
    else:
        asyncio.run(client(int(wanted.role[1]), int(wanted.role[2])))
