"""uvicorn in a thread of its own, with deadlines.

Rule 1: the loop is made here and run only in this thread, so it does not matter whether the
    caller has a running loop or whether nest-asyncio has replaced `asyncio.run`.
Rule 2: what uvicorn says in this thread goes to `lines` and never to stderr by itself.
Rule 3: an engine knows nothing of the `Server` that owns it: a forgotten `Server` can be collected.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ._hush import Hush
from ._wind_up import wind_up
from .errors import StartError, StopError, UsageError

LOG_LINES = 200
"""How many entries a server's log keeps."""

_abandoned: list[asyncio.Task[Any]] = []
"""Tasks that ignored being cancelled. Kept, because to collect one is to resume it: Python would
throw GeneratorExit into it, in whatever thread that happens.
"""


class Engine:
    """One ASGI app served by uvicorn on `listener`, from `start` to `stop`.

    Arguments:
        app: the ASGI app.
        listener: a bound and listening socket; the engine closes it.
        echo: True writes a line for each request to stderr.
        stop_deadline: seconds that `stop` may take.
    """

    def __init__(
        self, app: Any, listener: socket.socket, *, echo: bool, stop_deadline: float
    ) -> None:
        self.app, self.listener, self.stop_deadline = app, listener, stop_deadline
        self.lines: deque[str] = deque(maxlen=LOG_LINES)
        self.port: int = listener.getsockname()[1]
        self.started = False
        self._hush = Hush(self.lines, echo)
        self._pid = os.getpid()
        self._failure: BaseException | None = None
        self._stuck = 0
        self._settled = threading.Event()  # started, or never will be
        self._wake = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._note)
        self._task: asyncio.Task[None] | None = None
        name = f"labsupport server :{self.port}"
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self, deadline: float) -> None:
        """Serve; return when requests are answered. Raises `StartError` after `deadline` s."""
        self.thread.start()
        try:
            until = time.monotonic() + deadline
            while not self._settled.wait(min(0.2, deadline)):  # Windows can't interrupt a long one
                if time.monotonic() > until:
                    break
        except BaseException:
            self.request_stop()
            raise
        if self.started:
            return
        late, where = not self._settled.is_set(), self._where()
        with suppress(StopError):
            self.stop()
        failure, self._failure = self._failure, None
        if isinstance(failure, UsageError):
            raise failure
        if late:
            raise StartError(
                expected=f"the app's startup (lifespan) to finish within {deadline:g} s",
                got=f"one that is still running{where}",
                next="Look for what it waits for, or give serve() a longer start_deadline.",
            )
        said = f"{type(failure).__name__}: {failure}" if failure else "\n".join(self.lines)
        raise StartError(
            expected="the app's startup (lifespan) to finish",
            got=said or "a startup that ended without a word",
            next="Read the error above this one; it was raised by the app.",
        ) from failure

    def request_stop(self) -> None:
        """Ask the thread to end, and return at once; safe from any thread."""
        if os.getpid() == self._pid:  # a forked child has the object, not the thread
            with suppress(RuntimeError):  # the loop is closed: it ended already
                self._loop.call_soon_threadsafe(self._stop_here)

    def leave(self) -> None:
        """For an owner that is gone. Waits for the thread only while the interpreter exits."""
        self.request_stop()
        # The main thread counts as dead from the moment exit handlers run.
        if not threading.main_thread().is_alive() and os.getpid() == self._pid:
            self.thread.join(self.stop_deadline)

    def stop(self) -> None:
        """End requests by cancelling them, then the loop, then the thread.

        Raises `StopError` when that takes longer than the deadline; the port is free even then.
        """
        self.request_stop()
        if threading.current_thread() is self.thread or os.getpid() != self._pid:
            return
        self.thread.join(self.stop_deadline)
        if self.thread.is_alive():
            self.listener.close()
            raise StopError(
                expected=f"the server's thread to end within {self.stop_deadline:g} s",
                got=f"a thread that is still busy{self._where()}",
                next="Give the loop a chance: `await asyncio.sleep(...)` in place of time.sleep, "
                "or a plain `def` endpoint for work that blocks.",
            )
        stuck, self._stuck = self._stuck, 0
        if stuck:
            raise StopError(
                expected=f"every task to end within {self.stop_deadline:g} s of being cancelled",
                got=f"{stuck} still running, now abandoned",
                next="Let asyncio.CancelledError pass: catch Exception, not BaseException, and "
                "keep a plain `def` generator from blocking for long.",
            )

    def _where(self) -> str:
        """Where the thread is, for a reader who must find what blocks."""
        frame = sys._current_frames().get(self.thread.ident or 0)
        if frame is None or frame.f_code.co_name in ("select", "_poll"):  # idle, not blocked
            return ""
        code = frame.f_code
        return f" in {code.co_name}(), {os.path.basename(code.co_filename)}:{frame.f_lineno}"

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What asyncio would print on stderr."""
        error = context.get("exception")
        self.lines.append(f"{context['message']}{f': {error!r}' if error else ''}")

    def _run(self) -> None:
        self._hush.begin()
        try:
            self._task = self._loop.create_task(self._main())
            self._loop.run_until_complete(self._task)
        except BaseException as error:  # uvicorn's way to say "no start" is SystemExit
            if not isinstance(error, SystemExit | asyncio.CancelledError):
                self._failure = error
        finally:
            self.listener.close()
            self._abandon()
            self._loop.close()
            self._hush.end()
            self._task = None
            self._settled.set()

    def _abandon(self) -> None:
        _abandoned.extend(asyncio.all_tasks(self._loop))

    def _stop_here(self) -> None:
        self._wake.set()
        if not self.started and self._task:
            self._task.cancel()

    async def _main(self) -> None:
        config = uvicorn.Config(
            self._app,
            http=self._protocol,  # type: ignore[arg-type]
            interface="asgi3",
            log_config=None,
            # False would take the handlers off the logger that all servers share.
            access_log=True,
            workers=1,
            # Both would be read from environment variables.
            proxy_headers=False,
            forwarded_allow_ips="127.0.0.1",
        )
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        try:
            await server.startup(sockets=[self.listener])
            if isinstance(self._failure, UsageError):
                return
            await server.on_tick(0)
            self.started, self._failure = True, None
            self._settled.set()
            while not self._wake.is_set():
                await server.on_tick(0)  # renews the Date header
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), 1)
        finally:
            self._stuck = await wind_up(server, self.stop_deadline, self.started)

    async def _app(
        self,
        scope: Any,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """The app; its startup error is kept, since uvicorn only logs it."""
        try:
            answer = self.app(scope, receive, send)
            if not inspect.isawaitable(answer):
                raise UsageError(
                    expected="an ASGI app: an awaitable from app(scope, receive, send)",
                    got=f"{type(answer).__name__} from {self.app!r}",
                    next="Pass a FastAPI(), or write `async def app(scope, receive, send)`.",
                )
            await answer
        except BaseException as error:
            if scope["type"] == "lifespan" and not self.started:
                self._failure = error
            raise

    def _protocol(self, *args: Any, **kwargs: Any) -> asyncio.Protocol:
        """uvicorn's pure Python protocol, so that every machine sends the same bytes."""
        made = H11Protocol(*args, **kwargs)
        made.access_logger, made.access_log = self._hush.access, True
        return made
