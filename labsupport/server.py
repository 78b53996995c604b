"""Serve an ASGI app from a notebook cell, a test or a script, and be able to stop it.

Rule 1: when `serve` returns, requests are answered; when `stop` returns, nothing of it is left.
Rule 2: a cell that runs again replaces the servers it started before.
Rule 3: everything has a deadline, and every failure says what to do next.
"""

from __future__ import annotations

import inspect
import socket
import sys
import weakref
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

from ._engine import Engine
from ._listener import listen
from .errors import BenchError, StartError, StopError, UsageError

__all__ = ["Server", "serve"]

_running: weakref.WeakSet[Server] = weakref.WeakSet()


class Server:
    """A running server; `serve` makes it. Use it as a `with` block, or call `stop`.

    It serves for as long as you keep it in a name: when it is collected, it stops.

    Attributes:
        app: the app it serves.
        port: its port on 127.0.0.1.
    """

    def __init__(self, app: Any, engine: Engine, cell: tuple[str, int] | None = None) -> None:
        self.app, self.port = app, engine.port
        self._engine, self._cell = engine, cell
        self._finalizer = weakref.finalize(self, engine.leave)

    @property
    def url(self) -> str:
        """Where it answers, such as `http://127.0.0.1:49152`; no slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """True from `serve` to `stop`."""
        return self._engine.thread.is_alive()

    @property
    def log(self) -> list[str]:
        """What the server had to say, oldest first: one line a request, and each exception that
        an endpoint raised, with its traceback. The last 200 entries are kept.
        """
        return list(self._engine.lines)

    def stop(self) -> None:
        """Cancel what runs, close every connection, free the port; a second call does nothing.

        A stream that is open is cut: its generator gets `asyncio.CancelledError` and its
        `finally` runs. Raises `StopError` if something ignores that until the deadline.
        """
        _running.discard(self)
        self._finalizer.detach()
        self._engine.stop()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        except StopError:
            if error is None:  # the block's own error is the better news
                raise

    def __repr__(self) -> str:
        return f"Server({self.url}, {'running' if self.running else 'stopped'})"


def serve(
    app: Any,
    *,
    port: int = 0,
    access_log: bool = False,
    start_deadline: float = 10.0,
    stop_deadline: float = 1.0,
) -> Server:
    """Serve `app` with uvicorn on 127.0.0.1, in a thread of its own; return when it answers.

    Works in a cell, with or without a running event loop and nest-asyncio. In a notebook, the
    cell that runs again first stops the servers that its earlier run started.

    Arguments:
        app: an ASGI app, such as a `FastAPI()`.
        port: 0 takes a free one.
        access_log: True writes a line for each request to stderr; `Server.log` has them anyway.
        start_deadline: seconds for the app's startup (lifespan).
        stop_deadline: seconds that `Server.stop` may take.

    Raises `UsageError` for an app or a number that cannot work, `StartError` when the port is
    taken or the app's startup fails; the app's own error is its `__cause__`.

    >>> async def app(scope, receive, send): ...
    >>> with serve(app) as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """
    _check(app, port, start_deadline, stop_deadline)
    cell = _current_cell(sys._getframe(1))
    for other in list(_running):
        if cell and other._cell and other._cell[0] == cell[0] and other._cell[1] != cell[1]:
            with suppress(StopError):  # it is off its port, and the new one matters more
                other.stop()
    listener = _listen(port)
    try:
        engine = Engine(app, listener, echo=access_log, stop_deadline=stop_deadline)
    except OSError as error:  # a loop needs file descriptors too
        listener.close()
        raise _no_start(f"{type(error).__name__}: {error}") from error
    engine.start(start_deadline)
    server = Server(app, engine, cell)
    _running.add(server)
    return server


def _check(app: Any, port: int, *deadlines: float) -> None:
    """Raise `UsageError` for what can be seen to be wrong without starting anything."""
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= 65535:
        raise UsageError(
            expected="a port from 1 to 65535, or 0 for a free one",
            got=repr(port),
            next="Leave port out; .url tells which one it became.",
        )
    for deadline in deadlines:
        if not 0 < deadline < float("inf"):
            raise UsageError(
                expected="a deadline in seconds, more than 0",
                got=repr(deadline),
                next="Leave it out, or give seconds such as 5.0.",
            )
    try:
        inspect.signature(app).bind(1, 2, 3)  # (scope, receive, send)
    except (TypeError, ValueError) as error:
        hint = "Pass the app itself: serve(app), where app = FastAPI()."
        if isinstance(app, str):
            hint = "Import the app and pass the object; a name such as 'main:app' is not looked up."
        elif inspect.isclass(app) or callable(app) and not inspect.signature(app).parameters:
            hint = "Call it first: serve(make_app())."
        raise UsageError(
            expected="an ASGI app, called with (scope, receive, send)",
            got=f"{app!r} ({error})",
            next=hint,
        ) from error


def _listen(port: int) -> socket.socket:
    """A socket listening on loopback. Raises `StartError` when the port cannot be had."""
    try:
        return listen(port)
    except OSError as error:
        ours = next((repr(one) for one in _running if one.port == port and one.running), "")
        got = ours and f"{ours}, started here earlier"
        raise _no_start(got or f"{error.strerror or error}", port) from error


def _no_start(got: str, port: int = 0) -> BenchError:
    if port:
        return StartError(
            expected=f"port {port} of 127.0.0.1 to be free and allowed",
            got=got,
            next="Leave port out to get a free one, or stop what holds it.",
        )
    return StartError(
        expected="a free port and file descriptors for a server",
        got=got,
        next="Stop servers and connections that are no longer needed.",
    )


def _current_cell(frame: FrameType | None) -> tuple[str, int] | None:
    """Which notebook cell is running in this thread, and the number of this run of it.

    A front end that gives its cells ids (JupyterLab does) keeps the id when the text is edited;
    else ipykernel's file name stands for the cell: it is made from the text.
    """
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython else None
    if shell is None:
        return None
    name = ""
    while frame is not None:  # the outermost cell wins: a helper may come from another one
        top = frame.f_code.co_name.startswith(("<module", "<cell"))
        if top and frame.f_globals is shell.user_global_ns:
            name = frame.f_code.co_filename
        frame = frame.f_back
    if not name:
        return None
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return (parent.get("metadata") or {}).get("cellId") or name, shell.execution_count
