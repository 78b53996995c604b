"""How long serve() and stop() take: python tests/bench/serve.py"""

from __future__ import annotations

import statistics
import time

from fastapi import FastAPI

from labsupport.server import serve


def main(rounds: int = 200) -> None:
    starts, stops, app = [], [], FastAPI()
    for _ in range(rounds):
        begin = time.perf_counter()
        server = serve(app)
        ready = time.perf_counter()
        server.stop()
        starts.append(ready - begin)
        stops.append(time.perf_counter() - ready)
    for name, times in (("serve()", starts), ("stop()", stops)):
        print(f"{name:8} {show(times)}, {rounds} rounds")


def show(times: list[float]) -> str:
    milliseconds = [1000 * one for one in times]
    return f"median {statistics.median(milliseconds):.1f} ms, max {max(milliseconds):.1f} ms"


if __name__ == "__main__":
    main()
