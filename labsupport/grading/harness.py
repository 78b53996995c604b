"""Stand beside the answer and do what the judge asks over a socket: call it, feed it, serve it.

The same harness runs in the sandboxed child and, for a learner's own check cell, in a thread of
the kernel. It decides nothing: in a child the answer could have replaced any of it, so all that
it says is taken as the answer's own word.

The judge asks with one message (`call`, `serve`, `unserve`, `names`) and gets one last message
(`value`, `raised`). In between, for an answer that is fed or that yields: `want` asks for the next
item of a feed and gets `item`, `end` or `fail`; `out` brings what was yielded and gets `go` or
`close`.
"""

from __future__ import annotations

import asyncio
import inspect
import socket
import sys
import traceback
from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

from ..server import Server, serve
from .values import Feed, WireError, dump, load, pack, unpack


class Left(BaseException):
    """The judge has hung up. No `except Exception` of an answer's takes it for its own."""


class Harness:
    """Serve the judge's requests about `names` over `sock`, until it hangs up.

    Arguments:
        names: the answer's namespace.
        sock: a connected stream socket.
    """

    def __init__(self, names: MutableMapping[str, Any], sock: socket.socket) -> None:
        self._names, self._sock = names, sock
        self._lines = sock.makefile("rb")
        self._servers: dict[str, Server] = {}

    def run(self) -> None:
        """Answer until the judge is gone. Leaves no server behind."""
        try:
            while message := self.hear():
                reply = self._obey(message)
                try:
                    self.say(reply)
                except WireError as error:
                    self.say({"raised": told(error)})
        except Left:
            return
        finally:
            self._lines.close()
            for server in self._servers.values():
                server.stop()

    def _obey(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            args = unpack(message.get("args", []), self._feed)
            match message["do"]:
                case "names":
                    return {"value": [name for name in args if name in self._names]}
                case "unserve":
                    self._servers.pop(args[0]).stop()
                    return {"value": None}
                case "serve":
                    target = self._names[message["name"]]
                    server = serve(target(*args) if message["make"] else target)
                    self._servers[server.url] = server
                    return {"value": server.url}
                case _:
                    return {"value": pack(self._call(message["name"], args))}
        except Left:
            raise
        except BaseException as error:  # SystemExit and KeyboardInterrupt too are its own word
            return {"raised": told(error)}

    def _call(self, name: str, args: list[Any]) -> Any:
        made = self._names[name]
        made = made(*args) if callable(made) else made
        if inspect.isawaitable(made) or hasattr(made, "__aiter__"):
            return asyncio.run(self._await(made))
        if isinstance(made, Iterator):
            return self._pull(made)
        return made

    async def _await(self, made: Any) -> Any:
        if inspect.isawaitable(made):
            made = await made
        if not hasattr(made, "__aiter__"):
            return made
        count = 0
        async for one in made:
            count += 1
            if not await asyncio.to_thread(self._out, one):
                if close := getattr(made, "aclose", None):
                    await close()
                break
        return {"yielded": count}

    def _pull(self, made: Iterator[Any]) -> Any:
        count = 0
        for one in made:
            count += 1
            if not self._out(one):
                if close := getattr(made, "close", None):
                    close()
                break
        return {"yielded": count}

    def _out(self, value: Any) -> bool:
        self.say({"out": pack(value)})
        return "go" in self._hear_surely()

    def _feed(self, feed: Feed) -> Iterator[Any] | AsyncIterator[Any]:
        return self._feed_async(feed) if feed.is_async else self._feed_sync(feed)

    def _feed_sync(self, feed: Feed) -> Iterator[Any]:
        while (item := self._want(feed)) is not END:
            yield item

    async def _feed_async(self, feed: Feed) -> AsyncIterator[Any]:
        while (item := await asyncio.to_thread(self._want, feed)) is not END:
            yield item

    def _want(self, feed: Feed) -> Any:
        self.say({"want": feed.number})
        message = self._hear_surely()
        if "fail" in message:
            raise ConnectionError(message["fail"])
        return unpack(message["item"]) if "item" in message else END

    def say(self, message: dict[str, Any]) -> None:
        """Send one message. Raises `WireError` if it is too long."""
        data = dump(message)
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise Left from error

    def hear(self) -> dict[str, Any] | None:
        """The next message; None when the judge has hung up."""
        try:
            line = self._lines.readline()
        except (OSError, ValueError):  # ValueError: closed
            return None
        return load(line) if line else None

    def _hear_surely(self) -> dict[str, Any]:
        message = self.hear()
        if message is None:
            raise Left
        return message


END = object()


def told(error: BaseException) -> dict[str, Any]:
    """An exception in words: type, message, and the lines of the answer's own cells."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _of_a_library(frame.filename)]
    shown = [f"{frame.name}, {_line(frame.lineno, frame.line)}" for frame in own[-6:]]
    try:
        said = str(error)[:2000]
        if isinstance(error, SyntaxError):
            said = str(error.msg)
            shown.append(_line(error.lineno, error.text))
    except Exception:
        said = ""
    return {"type": type(error).__name__, "said": pack(said), "where": [pack(s) for s in shown]}


def _line(number: int | None, text: str | None) -> str:
    return f"line {number}" + (f": {text.strip()}" if text and text.strip() else "")


def _of_a_library(file: str) -> bool:
    return "labsupport" in file or file.startswith((sys.prefix, sys.base_prefix))
