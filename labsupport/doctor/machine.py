"""What the course needs of this machine: packages, a port, a loop, a path over loopback."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from importlib import metadata

from fastapi import FastAPI

from ..errors import LabError
from ..recorder import record
from ..server import serve
from .findings import Finding
from .gate import EVENTS, Gate

PACKAGES = ("jupyterlab", "ipykernel", "ipywidgets", "nbval", "fastapi", "uvicorn", "httpx")


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
    """A real stream arrives event by event: a path that holds events never gets to the second."""
    name, gate, app = "a stream, event by event", Gate(), FastAPI()
    app.add_api_route("/", gate.answer)
    try:
        with serve(app) as server:
            capture = record(server.url, deadline=8, on_chunk=gate.note)
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
