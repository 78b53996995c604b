"""Is this machine ready for the course? Each finding says what to do next.

Rule 1: nothing is changed and nothing leaves this machine.
Rule 2: `repr` is the same on every healthy machine; versions and optional tools are details.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from .errors import LabError
from .recorder import record
from .server import serve
from .sse import Event
from .wire import Chunk

__all__ = ["CHECKS", "Checkup", "Finding", "doctor"]

PACKAGES = ("jupyterlab", "ipykernel", "ipywidgets", "nbval", "fastapi", "uvicorn", "httpx")
MARKS = {"fine": "✓", "look": "!", "mend": "✗"}
EVENTS = 3


@dataclass(frozen=True)
class Finding:
    """What one check saw.

    Arguments:
        state: `fine`, `look` (works, but you may be surprised) or `mend` (the course will fail).
        name: what was looked at, in words that do not vary between healthy machines.
        detail: versions, ports and other things that do vary.
        next: what to do; empty if it is fine.
        optional: True for tools that the lessons do not need; left out of `repr` when fine.
    """

    state: str
    name: str
    detail: str = ""
    next: str = ""
    optional: bool = False

    def __str__(self) -> str:
        return f"{MARKS[self.state]} {self.name}" + (f"\n  next: {self.next}" if self.next else "")


@dataclass(frozen=True, repr=False)
class Checkup:
    """All findings. `ready` is False if something must be mended."""

    findings: tuple[Finding, ...]

    @property
    def ready(self) -> bool:
        """True if the course will work here."""
        return all(finding.state != "mend" for finding in self.findings)

    @property
    def details(self) -> str:
        """The findings with versions, ports and optional tools."""
        lines = [f"{f}\n  {f.detail}" if f.detail else str(f) for f in self.findings]
        return "\n".join([*lines, "", self._verdict()])

    def as_dict(self) -> dict[str, Any]:
        """The same for machines: `ready` and a list of findings."""
        return {"ready": self.ready, "findings": [asdict(finding) for finding in self.findings]}

    def _verdict(self) -> str:
        return "Ready for the course." if self.ready else "Not ready: mend what is marked ✗."

    def __repr__(self) -> str:
        shown = [str(finding) for finding in self.findings if not finding.optional]
        return "\n".join([*shown, "", self._verdict()])


def doctor() -> Checkup:
    """Look at this machine and send a real stream over loopback, event by event.

    Returns a `Checkup`. Takes about a second, ten at most. Raises nothing for a sick machine: each
    check that fails is a finding with the next thing to do.
    """
    return Checkup(tuple(check() for check in CHECKS))


def packages() -> Finding:
    """The course's packages are installed."""
    versions, missing = [f"Python {sys.version.split()[0]}"], []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            missing.append(package)
    name = "Python and the course's packages"
    if missing:
        fix = f"Run: {os.path.basename(sys.executable)} -m pip install -r requirements.txt"
        return Finding("mend", name, f"missing: {', '.join(missing)}", fix)
    return Finding("fine", name, ", ".join(versions))


def port() -> Finding:
    """A port on 127.0.0.1 can be opened."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            return Finding("fine", "a port on 127.0.0.1", f"got {server.getsockname()[1]}")
    except OSError as error:
        fix = "Allow this Python to listen on 127.0.0.1 in your firewall or sandbox."
        return Finding("mend", "a port on 127.0.0.1", str(error), fix)


def proxies() -> Finding:
    """No proxy setting would lead a client away from this machine's own servers."""
    names = ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy")
    found = [name for name in names if os.environ.get(name)]
    spared = os.environ.get("NO_PROXY", "") + "," + os.environ.get("no_proxy", "")
    if not found or "127.0.0.1" in spared or "*" in spared.split(","):
        return Finding("fine", "no proxy between you and 127.0.0.1")
    fix = "Set NO_PROXY=127.0.0.1,localhost before you start JupyterLab."
    return Finding("look", f"a proxy is set in {found[0]}", ", ".join(found), fix)


def loop() -> Finding:
    """asyncio is as Python made it."""
    if hasattr(asyncio, "_nest_patched"):
        fix = "Leave out nest_asyncio.apply(); lesson 3 shows what it breaks."
        return Finding("look", "asyncio is patched by nest_asyncio", "", fix)
    return Finding("fine", "asyncio as Python made it")


def stream() -> Finding:
    """A real stream arrives event by event.

    The server sends an event only after the client has seen the one before, so a path that holds
    events back never gets to the second. No clock decides.
    """
    name = "a stream, event by event"
    seen = threading.Semaphore(1)

    async def events() -> AsyncIterator[str]:
        for number in range(EVENTS):
            while not seen.acquire(blocking=False):  # noqa: ASYNC110 - released by another thread
                await asyncio.sleep(0.002)
            yield f"data: {number}\n\n"

    app = FastAPI()
    app.add_api_route("/", lambda: StreamingResponse(events(), media_type="text/event-stream"))

    def note(_: Chunk, events: list[Event]) -> None:
        for _event in events:
            seen.release()

    try:
        with serve(app) as server:
            capture = record(server.url, deadline=8, on_chunk=note)
    except LabError as error:
        return Finding("mend", name, str(error), error.next)
    count = len(capture.events)
    if count == EVENTS and capture.ending == "clean":
        return Finding("fine", name, f"{count} events, {capture.ended_at * 1000:.0f} ms")
    fix = "Something on this machine holds bytes back: look for security software."
    return Finding("mend", name, f"{count} of {EVENTS} events, {capture.ending}", fix)


def tool(command: str, purpose: str) -> Finding:
    """An optional program is there."""
    where = shutil.which(command)
    detail = "found" if where else f"not found, and not needed for the lessons: {purpose}"
    return Finding("fine" if where else "look", command, detail, optional=True)


def chromium() -> Finding:
    """Chromium, for the tests that open a lesson in a browser."""
    return tool("chromium", "makes the browser tests run")


def bubblewrap() -> Finding:
    """bubblewrap, for judging answers in a sandbox."""
    return tool("bwrap", "makes the sandbox tests run (Linux only)")


CHECKS: tuple[Callable[[], Finding], ...] = (
    packages,
    port,
    proxies,
    loop,
    stream,
    chromium,
    bubblewrap,
)
