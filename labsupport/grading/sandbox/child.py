"""Run an answer's cells as a notebook would, then stand by for the judge."""

from __future__ import annotations

import socket
from typing import Any

from ..harness import Harness, told


def prepare() -> Any:
    """IPython's shell, and all that answers import, made before the fork."""
    import anthropic  # noqa: F401
    import fastapi.sse  # noqa: F401
    import httpx  # noqa: F401
    import httpx_sse  # noqa: F401
    import openai  # noqa: F401
    import uvicorn  # noqa: F401
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    import labsupport  # noqa: F401

    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "NoColor"
    return InteractiveShell.instance(config=config)


def live(shell: Any, sock: socket.socket) -> None:
    """Run the cells that the judge sends, tell how that went, and obey until it hangs up."""
    sock.sendall(b"here\n")  # with it the judge learns this process's number
    harness = Harness(shell.user_ns, sock)
    raised = None
    for number, source in enumerate((harness.hear() or {"cells": []})["cells"]):
        result = shell.run_cell(source, store_history=False)
        if error := result.error_before_exec or result.error_in_exec:
            raised = raised or {**told(error), "cell": number}
    harness.say({"defined": True, "raised": raised})
    harness.run()
