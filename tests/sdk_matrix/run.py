"""Run the cells: all scenarios for all clients, many at once."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from labsupport.provider import DIALECTS
from labsupport.server import serve

from .asking import At, Shared
from .clients import CLIENTS, Call
from .kitchen import Cell, Kitchen
from .scenarios import SCENARIOS, Scenario

AT_ONCE, WAITING = 24, 64
"""Cells under way; and those that mostly wait, for a pause, a retry or a timeout."""


WAIT = ("reset", "429 always", "429 once, retry-after 1")


@dataclass(frozen=True)
class Row:
    """What one client made of one situation."""

    scenario: str
    client: str
    got: str

    @property
    def dialect(self) -> str:
        """`chat`, `responses`, `messages`, `gemini`, `ollama`."""
        return self.client.partition(" ")[0]


def spoken() -> set[str]:
    """The dialects that the provider speaks by now."""
    modules = {dialect.__module__.rpartition(".")[2] for dialect in DIALECTS}
    names = {"openai_chat": "chat", "openai_responses": "responses", "anthropic": "messages"}
    return {names.get(module, module) for module in modules}


def wanted(scenarios: Iterable[Scenario], clients: Iterable[str]) -> list[tuple[Scenario, str]]:
    """The cells there are: the slow ones first, so that they do not end last."""
    here = spoken()
    cells = [
        (scenario, client)
        for scenario in sorted(scenarios, key=lambda one: not _slow(one))
        for client in clients
        if (dialect := client.partition(" ")[0]) in here
        and (not scenario.only or dialect in scenario.only)
    ]
    return cells


def _slow(scenario: Scenario) -> bool:
    """It waits more than it works."""
    return scenario.timeout < 20 or scenario.deadline < 60 or scenario.name in WAIT


def run(scenarios: Iterable[Scenario] = SCENARIOS, clients: Iterable[str] = ()) -> list[Row]:
    """All rows, in the order of the scenarios."""
    order = list(scenarios)
    cells = wanted(order, clients or CLIENTS)
    kitchen = Kitchen()
    with serve(kitchen) as server:
        rows = asyncio.run(_all(server.url, kitchen, cells))
    place = {scenario.name: index for index, scenario in enumerate(order)}
    names = list(CLIENTS)
    return sorted(rows, key=lambda row: (place[row.scenario], names.index(row.client)))


async def _all(url: str, kitchen: Kitchen, cells: list[tuple[Scenario, str]]) -> list[Row]:
    shared = Shared()
    limits = {False: asyncio.Semaphore(AT_ONCE), True: asyncio.Semaphore(WAITING)}
    shared.warm_up()

    async def one(scenario: Scenario, client: str) -> Row:
        async with limits[_slow(scenario)]:
            path, cell = kitchen.cell(scenario)
            at = At(shared, url + path, scenario.timeout, scenario.limit)
            await _call(CLIENTS[client], at, scenario.deadline)
            return Row(scenario.name, client, at.heard.words(cell.attempts) + _waited(cell))

    try:
        return await asyncio.gather(*(one(*cell) for cell in cells))
    finally:
        await shared.close()


def _waited(cell: Cell) -> str:
    """Whether it waited as it was told; by itself it would come back after half a second."""
    if not cell.scenario.apart or len(cell.arrivals) < 2:
        return ""
    gap = cell.arrivals[1] - cell.arrivals[0]
    return " a second apart" if gap > 0.95 * cell.scenario.apart else " too soon"


async def _call(call: Call, at: At, deadline: float) -> None:
    """Make the call; what it raises is in `at.heard`, and so is that it did not return."""
    work = call(at) if inspect.iscoroutinefunction(call) else _in_thread(call, at)
    task = asyncio.create_task(work)
    await asyncio.wait({task}, timeout=deadline)
    if not task.done():
        at.heard.sleeps = True
        task.cancel()
        await asyncio.wait({task})
    elif error := task.exception():  # whatever an SDK raises is what we came for
        at.heard.error = error


async def _in_thread(call: Call, at: At) -> None:
    """Await a call in a thread that nobody joins: one that sleeps for minutes is left behind."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if not future.done():
            future.set_exception(error) if error else future.set_result(None)

    def work() -> None:
        error: Exception | None = None
        try:
            call(at)
        except Exception as raised:
            error = raised
        try:
            loop.call_soon_threadsafe(settle, error)
        except RuntimeError:  # the loop is gone, and with it whoever asked
            return

    threading.Thread(target=work, daemon=True, name=f"sdk matrix: {call.__name__}").start()
    await future
