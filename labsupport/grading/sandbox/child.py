"""Run an answer's cells as a notebook would, then stand by for the judge."""

from __future__ import annotations

import asyncio
import importlib
import socket
import sys
from typing import Any

from ..harness import Harness, told

PRELOADED = (
    "fastapi.sse",
    "httpx",
    "httpx_sse",
    "labsupport",
    "labsupport.grading",
    "labsupport.provider",
    "uvicorn",
)
"""What answers import, made ready before the fork: it costs seconds once and nothing later."""

SLOW = ("openai", "anthropic")
"""Made ready as well, but only once an answer speaks of them: 1.7 and 3.4 s of processor time."""


def prepare() -> Any:
    """IPython's shell, and all that answers import, made before the fork."""
    for name in PRELOADED:
        importlib.import_module(name)
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    asyncio.run(_warm_up())
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "NoColor"
    return InteractiveShell.instance(config=config)


async def _warm_up() -> None:
    """Serve and ask once: much is imported only then, such as uvicorn's protocols."""
    from fastapi import FastAPI
    from httpx import AsyncClient

    from ...server import serve

    app = FastAPI()

    @app.post("/")
    def back(asked: dict[str, str]) -> dict[str, str]:
        return asked

    with serve(app) as server:
        async with AsyncClient(trust_env=False) as client:
            await client.post(server.url, json={"soup": "hot"})


def live(shell: Any, sock: socket.socket) -> None:
    """Run the cells that the judge sends, tell how that went, and obey until it hangs up."""
    # What it prints comes out at once, whatever it is; there is another file behind it now, too.
    sys.stdout = open(1, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sock.sendall(b"here\n")  # with it the judge learns this process's number
    harness = Harness(shell.user_ns, sock)
    raised = None
    for source in (harness.hear() or {"cells": []})["cells"]:
        try:
            result = shell.run_cell(source, store_history=False)
            error = result.error_before_exec or result.error_in_exec
        except Exception as own:  # IPython's, such as for text that no encoding carries
            error = own
        if error:
            raised = raised or told(error)
    harness.say({"raised": raised} if raised else {"value": None})
    harness.run()
