"""The judge's hold on an answer: call it, feed it item by item, serve its app.

The same for an answer in this kernel and for one in a sandboxed child: only the socket differs.
Everything waits with a deadline, and nothing that comes back is trusted, run or unpickled.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ..errors import LabError
from .harness import Harness
from .values import MOST, Feed, WireError, dump, load, pack, unpack

PATIENCE = 5.0
"""Seconds that one request to an answer may take."""


class AnswerError(LabError):
    """The answer did not do what was asked of it."""


class Raised(AnswerError):
    """The answer raised: `type`, `said` and `where` (lines of its cells) are its own words."""

    def __init__(self, type: str, said: str, where: tuple[str, ...] = ()) -> None:
        self.type, self.said, self.where = type, said, where
        super().__init__(
            expected="no exception",
            got=f"{type}: {said}" if said else type,
            next=f"It came from {where[-1]}." if where else "Run the cell and read it whole.",
        )


class Silent(AnswerError):
    """The answer did not come back in time."""


class Gone(AnswerError):
    """The answer's process has ended, or does not speak any more."""


class Flooded(Gone):
    """The answer printed more than it may, and was stopped."""


@dataclass
class Talk:
    """One call under way, of an answer that is fed or that yields.

    Attributes:
        outs: what it has yielded so far. value: what it returned. over: True at its end.
    """

    answer: Answer
    outs: list[Any] = field(default_factory=list)
    value: Any = None
    over: bool = False
    wants: int | None = None

    def give(self, item: Any, *, feed: int = 0) -> list[Any]:
        """Hand over the next item, and return what came out until it asks for more, or ends.

        If the answer does not ask for it (it has ended, say), the item is not handed over.
        """
        return self._reply({"item": pack(item)}, feed)

    def fail(self, said: str, *, feed: int = 0) -> list[Any]:
        """Raise `ConnectionError(said)` in the feed, where the answer reads it."""
        return self._reply({"fail": said}, feed)

    def end(self, *, feed: int = 0) -> list[Any]:
        """Say that there is no more, and return what came out after that."""
        return self._reply({"end": True}, feed)

    def close(self) -> None:
        """Stop reading what it yields; it gets no more than it asked for."""
        while not self.over:
            if self.wants is not None:
                self.end(feed=self.wants)
            else:
                self._step(stop=True)

    def _reply(self, message: dict[str, Any], feed: int) -> list[Any]:
        if self.over or self.wants != feed:
            return []
        before, self.wants = len(self.outs), None
        self.answer._say(message)
        self._run()
        return self.outs[before:]

    def _run(self) -> None:
        until = time.monotonic() + self.answer.patience
        while not self.over and self.wants is None:
            self._step(until=until)

    def _step(self, *, until: float | None = None, stop: bool = False) -> None:
        message = self.answer._hear(until)
        if "want" in message:
            self.wants = message["want"] if isinstance(message["want"], int) else 0
        elif "out" in message:
            self.outs.append(unpack(message["out"]))
            done = stop or len(self.outs) >= self.answer.most
            self.answer._say({"close" if done else "go": True})
        else:
            self.over = True
            self.value = self.answer._final(message)


class Answer:
    """An answer behind a connected socket, on which a `Harness` listens.

    Arguments:
        sock: the socket.
        patience: seconds that one request may take.
        most: the most items that are taken from one call that yields.

    Attributes:
        why: makes a better error of `Gone`, where somebody watches the process.
        output: gives what the answer has printed.

    Every method raises `Raised` with the answer's own exception, `Silent` after `patience`, and
    `Gone` when the process has ended.
    """

    def __init__(self, sock: socket.socket, *, patience: float = PATIENCE, most: int = 10_000):
        self.patience, self.most = patience, most
        self._sock, self._buffer, self._dead = sock, bytearray(), False
        self.why: Callable[[Gone], Gone] = lambda gone: gone
        self.output: Callable[[], str] = str

    def define(self, cells: Sequence[str]) -> None:
        """Run these cells in the child; what the first that fails raised is raised here."""
        self._say({"cells": list(cells)})
        message = self._hear()
        if message.get("raised"):
            self._final({"raised": message["raised"]})

    def has(self, *names: str) -> bool:
        """Whether the answer defines all of these names."""
        self._say({"do": "names", "args": list(names)})
        found = self._final(self._hear())
        return isinstance(found, list) and set(names) <= set(map(str, found))

    def call(self, name: str, *args: Any) -> Any:
        """What `name(*args)` returns; a list, if it yields. Of what is no function, its value."""
        with self.talk(name, *args) as talk:
            while talk.wants is not None:
                talk.end(feed=talk.wants)
        return talk.outs if isinstance(talk.value, dict) and "yielded" in talk.value else talk.value

    @contextmanager
    def talk(self, name: str, *args: Any) -> Iterator[Talk]:
        """Begin `name(*args)`, to be fed in between: give `Feed()` for an iterable argument."""
        self._say({"do": "call", "name": name, "args": [pack(one) for one in args]})
        talk = Talk(self)
        talk._run()
        yield talk
        if not self._dead:
            talk.close()

    @contextmanager
    def served(self, name: str, *args: Any, make: bool = False) -> Iterator[str]:
        """Serve the app `name`, or the one that `name(*args)` makes; gives its URL."""
        asked = {"do": "serve", "name": name, "args": [pack(one) for one in args]}
        self._say({**asked, "make": make or bool(args)})
        url = self._final(self._hear())
        if not isinstance(url, str) or not url.startswith("http://127.0.0.1:"):
            raise Gone(expected="the address of its server", got=repr(url), next="Serve an app.")
        yield url
        if not self._dead:
            self._say({"do": "unserve", "args": [url]})
            self._final(self._hear())

    def close(self) -> None:
        """Hang up; the harness then ends."""
        self._sock.close()

    def _final(self, message: dict[str, Any]) -> Any:
        if "raised" not in message:
            return unpack(message.get("value"))
        told = message["raised"]
        if not isinstance(told, dict):
            told = {}
        where = told.get("where")
        lines = tuple(map(str, where)) if isinstance(where, list) else ()
        raise Raised(str(told.get("type", "Exception")), str(unpack(told.get("said"))), lines)

    def _say(self, message: dict[str, Any]) -> None:
        try:
            self._sock.settimeout(self.patience)
            self._sock.sendall(dump(message))
        except OSError as error:
            self._gone(error)

    def _hear(self, until: float | None = None) -> dict[str, Any]:
        until = time.monotonic() + self.patience if until is None else until
        while (end := self._buffer.find(b"\n")) < 0:
            left = until - time.monotonic()
            if left <= 0:
                self._dead = True
                raise Silent(
                    expected=f"an answer within {self.patience:g} s",
                    got="none",
                    next="Look for a loop that never ends, or a wait that nothing ends.",
                )
            try:
                self._sock.settimeout(left)
                data = self._sock.recv(65536)
            except TimeoutError:
                continue
            except OSError as error:
                self._gone(error)
            if not data or len(self._buffer) + len(data) > MOST:
                self._gone(None)
            self._buffer += data
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        try:
            return load(line)
        except WireError as error:
            self._gone(error)

    def _gone(self, error: Exception | None) -> NoReturn:
        self._dead = True
        gone = Gone(
            expected="the answer's process to go on",
            got=f"it is gone ({error})" if error else "it is gone",
            next="Look for sys.exit, os._exit, or too much memory.",
        )
        raise self.why(gone) from error


@contextmanager
def here(names: MutableMapping[str, Any], *, patience: float = PATIENCE) -> Iterator[Answer]:
    """The answer in this process: `names` maps what it defines. A thread plays the child."""
    ours, theirs = socket.socketpair()
    harness = Harness(names, theirs)
    thread = threading.Thread(target=harness.run, name="labsupport answer", daemon=True)
    thread.start()
    answer = Answer(ours, patience=patience)
    try:
        yield answer
    finally:
        answer.close()
        theirs.shutdown(socket.SHUT_RDWR)
        thread.join(1.0)
        theirs.close()


__all__ = ["Answer", "AnswerError", "Feed", "Flooded", "Gone", "Raised", "Silent", "Talk", "here"]
