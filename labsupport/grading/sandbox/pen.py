"""The judge's side of the sandbox: keep a zygote, and take answers out of it one after another.

with Pen() as pen, pen.answer(["def f(): return 1"]) as answer:
    answer.call("f")
"""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from types import TracebackType
from typing import Any

from ...errors import BenchError
from ..answer import Answer
from . import bubblewrap
from .cage import Limits
from .child import SLOW
from .watch import Watch

START, DEFINE, END = 60.0, 10.0, 20.0
"""Seconds for the zygote's imports, for an answer's cells, and for a child to be gone."""


class Pen:
    """A zygote, and room for one answer at a time.

    Arguments:
        caged: in bubblewrap; False runs answers with limits and nothing else around them.
        limits: what one answer may use.

    Raises `BenchError` where the sandbox cannot be had, saying what to do.
    """

    def __init__(self, *, caged: bool = True, limits: Limits | None = None) -> None:
        self.caged, self.limits = caged, limits or Limits()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket
        self._imported: set[str] = set()

    def __enter__(self) -> Pen:
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    @contextmanager
    def answer(self, cells: Sequence[str], *, patience: float = DEFINE) -> Iterator[Answer]:
        """The answer that these cells define, each run as a notebook runs it.

        Arguments:
            cells: their sources. `answer.raised` keeps what the first that failed raised.
            patience: seconds that they may take.

        Raises `Silent` or `Gone` if they do not come to an end. When the block ends, all that the
        answer started is gone.
        """
        if self._zygote is None or self._zygote.poll() is not None:
            self._start()
        self._import(name for name in SLOW if any(name in cell for cell in cells))
        scratch = "" if self.caged else tempfile.mkdtemp(prefix="answer-")
        ours, theirs = socket.socketpair()
        out, into = os.pipe()
        passes = getattr(socket, "SO_PASSCRED", None)
        if passes is not None:
            ours.setsockopt(socket.SOL_SOCKET, passes, 1)
        job = json.dumps({"scratch": scratch}).encode()
        socket.send_fds(self._control, [job], [theirs.fileno(), into])
        theirs.close()
        os.close(into)
        pid = _peer(ours)
        if self.caged and not pid:  # nobody could look after it
            said = os.read(out, 2000) if select.select([out], [], [], 0)[0] else b""
            os.close(out)
            ours.close()
            self._stop()
            raise BenchError(
                expected=f"a child of the sandbox within {END:g} s",
                got=said.decode("utf-8", "replace").strip().rpartition("\n")[2] or "none",
                next="Grade again with fewer --jobs.",
            )
        watch = Watch(pid, self.limits, out)
        answer = Answer(ours, patience=patience)
        answer.line.why, answer.output = watch.verdict, lambda: watch.output
        watch.until = lambda: answer.line.until
        try:
            answer.define(cells)
            yield answer
        finally:
            answer.close()
            watch.kill()
            self._gone()
            watch.stop()
            if scratch:
                shutil.rmtree(scratch, ignore_errors=True)

    def _import(self, names: Iterable[str]) -> None:
        """Have the zygote import these once, and not each answer for itself."""
        if new := sorted(set(names) - self._imported):
            self._control.send(json.dumps({"imports": new}).encode())
            if not select.select([self._control], [], [], START)[0] or not self._control.recv(100):
                self._start()  # without them: the answer's own import is then all there is
            self._imported |= set(new)

    def _gone(self) -> None:
        """Wait until the zygote says that the child has ended."""
        if not select.select([self._control], [], [], END)[0] or not self._control.recv(100):
            self._stop()  # something holds on: away with the whole sandbox

    def _start(self) -> None:
        self._stop()
        self._imported = set()
        limits, scratch = json.dumps(asdict(self.limits)), bubblewrap.SCRATCH
        kind = "caged" if self.caged else "free"
        command = [sys.executable, "-m", __name__.rpartition(".")[0] + ".zygote"]
        command += [kind, limits, scratch]
        command = bubblewrap.inner(command) if self.caged else command
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._zygote = subprocess.Popen(
            command,
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        theirs.close()
        said: dict[str, Any] = {}
        if select.select([self._control], [], [], START)[0]:
            with suppress(ValueError):
                said = json.loads(self._control.recv(10_000) or b"{}")
        if not said.get("ready") or said.get("trouble"):
            self._zygote.kill()
            _, words = self._zygote.communicate()
            lines = words.decode("utf-8", "replace").strip().splitlines()
            self._stop()
            raise BenchError(
                expected="a sandbox that starts",
                got=said.get("trouble") or (lines[-1] if lines else "no word from it"),
                next="Allow unprivileged user namespaces, or say --sandbox none aloud.",
            )

    def _stop(self) -> None:
        if self._zygote is None:
            return
        self._control.close()  # its end: it then returns, and all that it started dies with it
        try:
            self._zygote.wait(1.0)
        except subprocess.TimeoutExpired:
            self._zygote.kill()
            self._zygote.wait()
        if self._zygote.stderr:
            self._zygote.stderr.close()
        self._zygote = None


def _peer(sock: socket.socket) -> int:
    """The process number, on our side, of the child that says `here`; 0 if it never does."""
    if not select.select([sock], [], [], END)[0]:
        return 0
    if not hasattr(socket, "SCM_CREDENTIALS"):
        sock.recv(5)
        return 0
    data, notes, _, _ = sock.recvmsg(5, socket.CMSG_SPACE(12))  # "here" and its line end
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
    for _, kind, value in notes:
        if kind == socket.SCM_CREDENTIALS and data:
            return int(struct.unpack("iII", value[:12])[0])
    return 0
