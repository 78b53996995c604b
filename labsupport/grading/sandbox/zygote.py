"""Wait, with everything imported, and fork one child for each answer.

To import FastAPI, uvicorn and IPython takes a second; to fork takes some milliseconds. So one
process in the sandbox does the first once, and each answer is a fork of it.

The judge is at the other end of standard input, a Unix socket. A job is a message with two open
sockets: the answer's line to the judge, and where its output goes. When the child and all that it
started are gone, the judge gets `ended`. A message with `imports` asks for more libraries, which
all later children have; the judge gets `imported`.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import socket
import sys
import traceback
from contextlib import suppress
from typing import Any

from . import cage, child


def main() -> None:
    """Serve jobs until the judge hangs up."""
    caged = sys.argv[1] == "caged"
    limits = cage.Limits(**json.loads(sys.argv[2]))
    scratch = sys.argv[3]
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    shell = child.prepare()
    _import([])
    control.send(json.dumps({"ready": True, "trouble": _trouble(limits, scratch, caged)}).encode())
    while True:
        job, sockets, _, _ = socket.recv_fds(control, 1024, 2)
        if not job:
            return
        if names := json.loads(job).get("imports"):
            _import(names)
            control.send(b'{"imported":true}')
            continue
        pid = os.fork()
        if pid == 0:
            control.close()
            _become(shell, sockets, limits, scratch if caged else json.loads(job)["scratch"], caged)
        for one in sockets:
            os.close(one)
        os.waitpid(pid, 0)
        control.send(b'{"ended":true}')


def _import(names: list[str]) -> None:
    """Import what there is of these, and set all objects aside: a child then copies fewer pages."""
    for name in names:
        with suppress(ImportError):  # the answer will meet it itself
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _become(shell: Any, sockets: list[int], limits: cage.Limits, scratch: str, caged: bool) -> None:
    """Be the child that has the answer; does not return."""
    try:
        os.setsid()
        if caged:
            cage.enter(limits, scratch)
        else:
            os.chdir(scratch)
            cage.restrict(limits)
        os.dup2(sockets[1], 1)
        os.dup2(sockets[1], 2)
        os.close(sockets[1])
        os.set_inheritable(sockets[0], False)  # what it starts by exec does not keep the line open
        child.live(shell, socket.socket(fileno=sockets[0]))
    except BaseException:  # ours: an answer's own do not come so far
        traceback.print_exc()
    finally:
        os._exit(0)


def _trouble(limits: cage.Limits, scratch: str, caged: bool) -> str:
    """Why an answer cannot be shut in; empty if it can."""
    if not caged:
        return ""
    ours, theirs = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            cage.enter(limits, scratch)
        except OSError as error:
            os.write(theirs, str(error).encode())
        os._exit(0)
    os.close(theirs)
    os.waitpid(pid, 0)
    with os.fdopen(ours, "rb") as said:
        return said.read().decode()


if __name__ == "__main__":
    main()
