"""How fast `labsupport.sse.Decoder` is, beside the libraries a reader may know.

    python tests/bench/bench_sse.py [--mb 20] [--runs 7] [--json]

Each decoder goes its library's own way from response bytes to events, in one process. A round
runs every decoder once, in turn, so noise of the machine falls on all of them; the figures are
medians of CPU time over the rounds. `bytes.split(b"\\n")` finds no events: it is the floor.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator

import anthropic._streaming
import httpx
import httpx_sse
import openai._streaming

from labsupport.sse import Decoder

Chunks = list[bytes]
SIZES = (65536, 200)
EVENT_BYTES = 195


def openai_stream(size: int) -> tuple[bytes, int]:
    """About `size` bytes of chat completion chunks, 195 bytes an event, and how many events."""
    events = bytearray()
    count = 0
    while len(events) < size:
        delta = {"content": f" tok{count % 1000}"}
        chunk = {
            "id": "chatcmpl-A1b2C3d4E5f6G7h8",
            "object": "chat.completion.chunk",
            "created": 1700000000,
            "model": "gpt-4o-mini",
            "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
        }
        line = b"data: " + json.dumps(chunk, separators=(",", ":")).encode()
        events += line.ljust(EVENT_BYTES - 2) + b"\n\n"
        count += 1
    return bytes(events), count


def anthropic_stream(size: int) -> tuple[bytes, int]:
    """The same size in named events: `event: x` and one `data:` line."""
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta"}}
    events = bytearray()
    count = 0
    while len(events) < size:
        delta["delta"]["text"] = f" tok{count % 1000}"  # type: ignore[index]
        events += b"event: content_block_delta\ndata: " + json.dumps(delta).encode() + b"\n\n"
        count += 1
    return bytes(events), count


class Stream(httpx.SyncByteStream):
    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.chunks)


def response(chunks: Chunks) -> httpx.Response:
    head = {"content-type": "text/event-stream"}
    return httpx.Response(200, headers=head, stream=Stream(chunks))


def run_split(chunks: Chunks) -> int:
    for chunk in chunks:
        chunk.split(b"\n")
    return -1


def run_labsupport(chunks: Chunks) -> int:
    count = 0
    decoder = Decoder()
    for chunk in chunks:
        for _ in decoder.feed(chunk):
            count += 1
    return count


def run_labsupport_httpx(chunks: Chunks) -> int:
    return run_labsupport(response(chunks).iter_bytes())  # type: ignore[arg-type]


def run_httpx_sse(chunks: Chunks) -> int:
    return sum(1 for _ in httpx_sse.EventSource(response(chunks)).iter_sse())


def run_openai(chunks: Chunks) -> int:
    return sum(1 for _ in openai._streaming.SSEDecoder().iter_bytes(iter(chunks)))


def run_anthropic(chunks: Chunks) -> int:
    return sum(1 for _ in anthropic._streaming.SSEDecoder().iter_bytes(iter(chunks)))


DECODERS: dict[str, Callable[[Chunks], int]] = {
    'bytes.split(b"\\n")': run_split,
    "labsupport": run_labsupport,
    "labsupport over httpx": run_labsupport_httpx,
    "httpx-sse": run_httpx_sse,
    "openai": run_openai,
    "anthropic": run_anthropic,
}


def cut(stream: bytes, size: int) -> Chunks:
    return [stream[start : start + size] for start in range(0, len(stream), size)]


def seconds(run: Callable[[Chunks], int], chunks: Chunks, events: int) -> float:
    """CPU seconds of one run, which must have found every event."""
    gc.collect()
    start = time.process_time()
    found = run(chunks)
    took = time.process_time() - start
    if found not in (events, -1):
        raise AssertionError(f"{run.__name__} found {found} of {events} events")
    return took


def compare(stream: bytes, events: int, size: int, runs: int) -> dict[str, dict[str, float]]:
    """Median, lowest and highest MB/s of each decoder, over interleaved runs."""
    chunks = cut(stream, size)
    took: dict[str, list[float]] = {name: [] for name in DECODERS}
    for _ in range(runs):
        for name, run in DECODERS.items():
            took[name].append(seconds(run, chunks, events))
    table = {}
    for name, times in took.items():
        median = statistics.median(times)
        table[name] = {
            "mb_per_s": len(stream) / median / 1e6,
            "lowest": len(stream) / max(times) / 1e6,
            "highest": len(stream) / min(times) / 1e6,
            "labsupport_is_times": median / statistics.median(took["labsupport"]),
        }
    return table


def one_long_line(megabytes: int, runs: int) -> float:
    """Median CPU seconds for one `data:` line of that length in 200-byte chunks."""
    chunks = cut(b"data: " + b"x" * (megabytes * 1_000_000) + b"\n\n", 200)
    return statistics.median(seconds(run_labsupport, chunks, 1) for _ in range(runs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--mb", type=float, default=20, help="megabytes of stream (20)")
    parser.add_argument("--runs", type=int, default=7, help="rounds; the median counts (7)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()

    report: dict[str, object] = {"python": sys.version.split()[0], "streams": {}, "long_line": {}}
    streams = {"openai-shaped": openai_stream, "anthropic-shaped": anthropic_stream}
    for shape, make in streams.items():
        stream, events = make(int(options.mb * 1e6))
        for size in SIZES:
            table = compare(stream, events, size, options.runs)
            report["streams"][f"{shape}, {size} B chunks"] = table  # type: ignore[index]
            if not options.json:
                print(f"\n{shape}: {events} events, {len(stream) / 1e6:.1f} MB, {size} B chunks")
                print(f"  {'':24}{'MB/s':>6}  {'[lowest-highest]':18}labsupport is")
                for name, row in table.items():
                    spread = f"[{row['lowest']:.0f}-{row['highest']:.0f}]"
                    times = row["labsupport_is_times"]
                    print(f"  {name:24}{row['mb_per_s']:6.0f}  {spread:18}{times:10.2f} x")
    if not options.json:
        print("\none data: line in 200 B chunks")
    for megabytes in (1, 2, 4):
        took = one_long_line(megabytes, options.runs)
        report["long_line"][f"{megabytes} MB"] = took  # type: ignore[index]
        if not options.json:
            print(f"  {megabytes} MB  {took * 1000:6.1f} ms  {took / megabytes * 1000:5.1f} ms/MB")
    if options.json:
        print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
