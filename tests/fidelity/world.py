"""One scenario through one path, in simulated time: upstream, proxy and client in one loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import h11

from labsupport.presets import Preset
from labsupport.relay.exchange import Exchange
from labsupport.relay.fields import Target
from labsupport.relay.peer import Peer
from labsupport.relay.route import Route

from .client import Seen, ask
from .scenario import Scenario
from .upstream import Upstream


@dataclass(frozen=True)
class Outcome:
    """What the first client saw, and how many tokens were made after it had left."""

    seen: Seen
    wasted: int | None
    log: tuple[str, ...] = ()


async def run(preset: Preset | None, s: Scenario, kind: str) -> Outcome:
    """Run a scenario.

    Arguments:
        preset: what stands between; None for nothing.
        s: the scenario.
        kind: the upstream's kind.
    """
    upstream = Upstream(s, kind)
    tasks: set[asyncio.Task[None]] = set()
    log: list[str] = []

    async def serve_upstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _kept(upstream.serve(reader, writer))

    async def _kept(work) -> None:  # type: ignore[no-untyped-def]
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        with suppress(asyncio.CancelledError):
            await work
        tasks.discard(task)

    behind = await asyncio.start_server(serve_upstream, "127.0.0.1", 0)
    port = behind.sockets[0].getsockname()[1]
    servers = [behind]
    if preset is not None:
        route = Route.of(Target.of(f"http://127.0.0.1:{port}"), [preset])
        route.used[0] = True  # the recordings' later rounds found a connection used before

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                peer = Peer(h11.SERVER, reader, writer)
                await _kept(Exchange(peer, route, log.append).run())
            finally:
                writer.transport.abort()

        front = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = front.sockets[0].getsockname()[1]
        servers.append(front)
    began = asyncio.get_running_loop().time()
    seen = (await asyncio.gather(*(ask(port, s) for _ in range(s.clients))))[0]
    wasted = None
    if s.leave:
        left = began + s.leave_ms / 1000
        await asyncio.sleep(max(0.0, left + s.settle - asyncio.get_running_loop().time()))
        wasted = sum(at > left for at in upstream.sent[0]) if upstream.sent else 0
    for server in servers:
        server.close()
    for task in tuple(tasks):
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
    for _ in range(5):
        await asyncio.sleep(0)  # an aborted connection closes its socket a turn later
    return Outcome(seen, wasted, tuple(log))
