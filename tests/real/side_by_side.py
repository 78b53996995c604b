"""A real program and its preset, the same settings, the same streams, at the same time.

Unlike the recordings this runs in real time, on the machine at hand: what is compared is what
does not hang on how busy it is.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from labsupport import Proxy, presets
from labsupport.presets import Preset
from tests.fidelity.client import ask
from tests.fidelity.judge import Observed, family, observe
from tests.fidelity.scenario import Scenario
from tests.fidelity.upstream import Upstream
from tests.fidelity.world import Outcome

from .programs import program

SMALL = Scenario(n=10, gap=40)
LARGE = Scenario(n=60, gap=8, size=200)
LEAVES = Scenario(n=30, gap=45, leave="fin", leave_after=5, leave_ms=382, settle=1.2)
"""A token at 180 and one at 225 ms, half-way between them HAProxy's cork opens, at 204. Were it
close to a token, chance would tell whether that one is held when the client's FIN arrives, and by
that whether HAProxy wastes one token or seven: with a token each 40 ms both were seen of it."""
DIES = Scenario(n=10, gap=40, die_after=5, die="fin")
SILENT = Scenario(n=6, gap=40, silent_after=3, silent_s=2.0)

STREAMS: dict[str, Scenario] = {
    "small": SMALL,
    "large": LARGE,
    "X-Accel-Buffering: no": replace(SMALL, xab=True),
    "with a length": replace(LARGE, clen=True),
    "until close": replace(SMALL, close=True),
    "client closes": LEAVES,
    "client resets": replace(LEAVES, leave="rst"),
    "client half-closes": replace(LEAVES, leave="half"),
    "upstream closes": DIES,
    "upstream resets": replace(DIES, die="rst"),
}
QUIET = {"silence": SILENT, "silence with heartbeats": replace(SILENT, hb=True)}
ZIPPED = {
    "gzip": replace(SMALL, gzip=True),
    "gzip, no-transform": replace(SMALL, gzip=True, cc="no-transform"),
}

ROWS: tuple[tuple[Preset, dict[str, Scenario]], ...] = (
    (presets.nginx(version="1.22"), STREAMS),
    (presets.nginx(), STREAMS),
    (presets.nginx(proxy_http_version="1.0", proxy_buffers="8 16k"), STREAMS),
    (presets.nginx(proxy_buffering="off", proxy_http_version="1.0"), STREAMS),
    (presets.nginx(proxy_ignore_client_abort="on"), STREAMS),
    (presets.nginx(gzip="on", gzip_types="text/event-stream"), ZIPPED),
    (presets.nginx(proxy_read_timeout="1s"), QUIET),
    (presets.haproxy(), STREAMS),
    (presets.haproxy(http_no_delay="on"), STREAMS),
    (presets.haproxy(abortonclose="on", http_no_delay="on"), STREAMS),
    (presets.haproxy(timeout_server="1s"), QUIET),
    (presets.caddy(), STREAMS),
    (presets.caddy(response_buffers=4096), STREAMS),
    (presets.caddy(response_buffers="unlimited"), STREAMS),
    (presets.caddy(encode="gzip"), ZIPPED),
    (presets.traefik(), STREAMS),
    (presets.traefik(buffering=True), STREAMS),
    (presets.traefik(compress=True), ZIPPED),
    (presets.envoy(timeout="0s"), STREAMS),
    (presets.envoy(timeout="0s", file_system_buffer=True), STREAMS),
    (presets.envoy(timeout="0s", stream_idle_timeout="1s"), QUIET),
    (presets.apache(), STREAMS),
    (presets.apache(proxy_timeout="1s"), QUIET),
    (presets.varnish(), STREAMS),
    (presets.varnish(mode="pass"), STREAMS),
    (presets.varnish(do_stream=False), STREAMS),
    (presets.squid(), STREAMS),
)

DEADLINE = 60.0
"""Seconds for all streams of a row; they take 2 to 15."""

Pair = tuple[Observed, Observed]


class Kitchen:
    """All the streams of one table, each at its own path, with a count for each that asks."""

    def __init__(self) -> None:
        self.plates: dict[bytes, Upstream] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            asked = await reader.readuntil(b"\r\n\r\n")
            # Traefik and others look whether anybody is there; such a visitor has no plate.
            plate = self.plates.get(asked.split(b" ", 2)[1])
            if plate:
                await plate.serve(reader, writer, asked)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()


async def compare(preset: Preset, streams: dict[str, Scenario]) -> dict[str, Pair]:
    """What the real program and the preset did to each stream: (there, here)."""
    kitchen, tasks = Kitchen(), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        with suppress(asyncio.CancelledError):
            await kitchen.serve(reader, writer)
        tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    real, ours = program(preset, url), Proxy(url, preset)
    try:
        await asyncio.to_thread(real.start)
        ours.start()
        # HAProxy's cork depends on what its other streams do at the same time.
        corked = isinstance(preset, presets.Haproxy) and not preset.http_no_delay
        free = asyncio.Semaphore(1 if corked else 20)
        pairs = [_pair(kitchen, real.url, ours.url, name, s, free) for name, s in streams.items()]
        async with asyncio.timeout(DEADLINE):
            return dict(zip(streams, await asyncio.gather(*pairs), strict=True))
    finally:
        ours.stop()
        await asyncio.to_thread(real.stop)
        server.close()
        for task in tuple(tasks):
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


async def _pair(
    kitchen: Kitchen, real: str, ours: str, name: str, s: Scenario, free: asyncio.Semaphore
) -> Pair:
    async with free:
        there, here = await asyncio.gather(
            _one(kitchen, real, f"/there/{name.replace(' ', '-')}", s),
            _one(kitchen, ours, f"/here/{name.replace(' ', '-')}", s),
        )
    return there, here


async def _one(kitchen: Kitchen, url: str, path: str, s: Scenario) -> Observed:
    upstream = kitchen.plates[path.encode()] = Upstream(s, "h11")
    began = asyncio.get_running_loop().time()
    seen = await ask(int(url.rpartition(":")[2]), s, path)
    wasted = None
    if s.leave:
        left = seen.left or began + s.leave_ms / 1000
        await asyncio.sleep(max(0.0, left + s.settle - asyncio.get_running_loop().time()))
        wasted = sum(at > left for at in upstream.sent[0]) if upstream.sent else 0
    return observe(Outcome(seen, wasted), s)


def differences(there: Observed, here: Observed, s: Scenario) -> list[str]:
    """What the preset did otherwise, in words."""
    found = []

    def check(what: str, real: object, ours: object) -> None:
        if real != ours:
            found.append(f"{what}: {real} there, {ours} here")

    if not s.leave:  # else there are too few tokens to tell; the other streams do
        check("class", family(there.kind), family(here.kind))
    check("ending", there.end, here.end)
    check("status", there.status, here.status)
    check("framing", there.framing, here.framing)
    held = there.kind == here.kind and there.kind.startswith("held-until")
    if held and there.status == 200 and not s.leave:
        check("bursts", there.sizes, here.sizes)
    # By the time at which a client leaves, one token may or may not have come.
    slack = 1 if s.leave else 0
    if abs(there.received - here.received) > slack * (5 if "200ms" in there.kind else 1):
        check("tokens received", there.received, here.received)
    if there.wasted is not None and here.wasted is not None:
        nobody_noticed = min(there.wasted, here.wasted) > s.n / 2  # one may have begun later
        if abs(there.wasted - here.wasted) > 1 and not nobody_noticed:
            check("tokens wasted", there.wasted, here.wasted)
    return found
