"""Release token k+1 only when somebody says that token k was observed.

That is how streaming is proved without a clock: whoever holds tokens back never gets the second.
"""

from __future__ import annotations

import asyncio
import threading

from ..errors import BenchError
from ..wire import plural


class Gate:
    """Hold back each token of a provider until the one before was observed.

    Give it to one `Provider`. Tokens are counted from 1 in each request, and the first is free.
    All methods may be called from any thread.

    >>> gate = Gate()
    >>> gate.observed(1)   # now token 2 may be made
    >>> gate
    Gate(2 tokens free)
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._free: dict[int | None, float] = {}
        self._wanted: dict[int, int] = {}
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def observed(self, token: int, *, request: int | None = None) -> None:
        """Token number `token` was seen to come out. Of every request, or of this one (from 0)."""
        self._set(request, token + 1)

    def open(self) -> None:
        """Hold nothing back any more, in all requests."""
        self._set(None, float("inf"))

    def wait_wanted(self, token: int, *, request: int = 0, deadline: float = 10.0) -> None:
        """Return when the provider stands ready to make this token.

        Raises `BenchError` if it does not within `deadline` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._wanted.get(request, 0) >= token, deadline):
                raise BenchError(
                    expected=f"the provider to come to token {token} within {deadline:g} s",
                    got=f"it is at token {self._wanted.get(request, 0)} of request {request}",
                    next="See that somebody asks, and that token k is reported with observed(k).",
                )

    async def pass_(self, token: int, request: int) -> None:
        """Wait until this token may be made; the provider calls it."""
        while True:
            pulse = (asyncio.get_running_loop(), asyncio.Event())
            with self._changed:
                self._wanted[request] = token
                self._changed.notify_all()
                free = max(1, self._free.get(None, 1), self._free.get(request, 1))
                if token <= free:
                    return
                self._waiting.add(pulse)
            try:
                await pulse[1].wait()
            finally:
                with self._changed:
                    self._waiting.discard(pulse)

    def _set(self, request: int | None, free: float) -> None:
        with self._changed:
            self._free[request] = max(self._free.get(request, 1), free)
            waiting = list(self._waiting)
        for loop, event in waiting:
            try:
                loop.call_soon_threadsafe(event.set)
            except RuntimeError:  # that server has stopped meanwhile
                continue

    def __repr__(self) -> str:
        free = max(1, *self._free.values()) if self._free else 1
        return f"Gate({'all tokens' if free == float('inf') else plural(int(free), 'token')} free)"
