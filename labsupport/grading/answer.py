"""The judge's hold on an answer: call it, feed it item by item, serve its app.

The same for an answer in this kernel and for one in a sandboxed child: only the socket differs.
Everything waits with a deadline, and nothing that comes back is trusted, run or unpickled.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from .harness import Harness
from .line import PATIENCE, AnswerError, Flooded, Gone, Line, Raised, Silent
from .values import Feed, pack

MOST_ITEMS = 2_000
"""The most items that are taken from one call that yields."""
PORT = re.compile(r"http://127\.0\.0\.1:([1-9]\d{0,4})", re.ASCII)


@dataclass
class Talk:
    """One call under way, of an answer that is fed or that yields.

    Attributes:
        outs: what it has yielded so far. value: what it returned. over: True at its end.
    """

    line: Line
    most: int = MOST_ITEMS
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

    def finish(self, *, stop: bool = False) -> None:
        """Say that there is no more, as often as it asks, until it ends. One request for all.

        With `stop` it gets no more than it asked for: what it yields then is the last.
        """
        until = self.line.deadline()
        while not self.over:
            if self.wants is not None:
                self.wants = None
                self.line.say({"end": True})
            self._step(until, stop=stop)

    def begin(self) -> None:
        """Run until it asks for something, or ends."""
        until = self.line.deadline()
        while not self.over and self.wants is None:
            self._step(until)

    def _reply(self, message: dict[str, Any], feed: int) -> list[Any]:
        if self.over or self.wants != feed:
            return []
        before, self.wants = len(self.outs), None
        self.line.ask(message)
        self.begin()
        return self.outs[before:]

    def _step(self, until: float, *, stop: bool = False) -> None:
        message = self.line.hear(until)
        if "want" in message:
            self.wants = message["want"] if isinstance(message["want"], int) else 0
        elif "out" in message:
            if len(self.outs) < self.most:
                self.outs.append(self.line.value(message["out"]))
            done = stop or len(self.outs) >= self.most
            self.line.say({"close" if done else "go": True})
        else:
            self.over = True
            self.value = self.line.final(message)


class Answer:
    """An answer behind a connected socket, on which a `Harness` listens.

    Arguments:
        sock: the socket.
        patience: seconds that one request may take; may be set anew before each.
        most: the most items that are taken from one call that yields.

    Attributes:
        line: the judge's end; `line.until` is when all must be over.
        raised: what the first of its cells that failed has raised, if one did.
        output: gives what the answer has printed.

    Every method raises `Raised` with the answer's own exception, `Silent` after `patience`, and
    `Gone` when the process has ended.
    """

    def __init__(
        self, sock: socket.socket, *, patience: float = PATIENCE, most: int = MOST_ITEMS
    ) -> None:
        self.line, self.most = Line(sock, patience), most
        self.raised: Raised | None = None
        self.output: Callable[[], str] = str

    @property
    def patience(self) -> float:
        """Seconds that one request may take."""
        return self.line.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self.line.patience = seconds

    def define(self, cells: Sequence[str]) -> None:
        """Run these cells in the child; what the first that fails raised is kept in `raised`."""
        try:
            self._request({"cells": list(cells)})
        except Raised as raised:
            self.raised = raised

    def has(self, *names: str) -> bool:
        """Whether the answer defines all of these names."""
        found = self._request({"do": "names", "args": list(names)})
        return isinstance(found, list) and set(names) <= set(map(str, found))

    def call(self, name: str, *args: Any) -> Any:
        """What `name(*args)` returns; a list, if it yields. Of what is no function, its value."""
        with self.talk(name, *args) as talk:
            talk.finish()
        return talk.outs if isinstance(talk.value, dict) and "yielded" in talk.value else talk.value

    @contextmanager
    def talk(self, name: str, *args: Any) -> Iterator[Talk]:
        """Begin `name(*args)`, to be fed in between: give `Feed()` for an iterable argument."""
        self.line.ask({"do": "call", "name": name, "args": [pack(one) for one in args]})
        talk = Talk(self.line, self.most)
        talk.begin()
        try:
            yield talk
        except BaseException:
            with suppress(AnswerError):  # it must be ready for the next request, or be dead
                talk.finish(stop=True)
            raise
        if not self.line.dead:
            talk.finish(stop=True)

    @contextmanager
    def served(self, name: str, *args: Any, make: bool = False) -> Iterator[str]:
        """Serve the app `name`, or the one that `name(*args)` makes; gives its URL."""
        asked = {"do": "serve", "name": name, "args": [pack(one) for one in args]}
        url = self._request({**asked, "make": make or bool(args)})
        port = PORT.fullmatch(url) if isinstance(url, str) else None
        if port is None or int(port[1]) > 65535:
            raise Gone(expected="the address of its server", got=repr(url), next="Serve an app.")
        try:
            yield url
        except BaseException:
            with suppress(AnswerError):
                self._request({"do": "unserve", "args": [url]})
            raise
        if not self.line.dead:
            self._request({"do": "unserve", "args": [url]})

    def close(self) -> None:
        """Hang up; the harness then ends."""
        self.line.close()

    def _request(self, message: dict[str, Any]) -> Any:
        until = self.line.deadline()
        self.line.ask(message)
        return self.line.final(self.line.hear(until))


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
