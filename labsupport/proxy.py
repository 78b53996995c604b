"""A reverse proxy that does to a stream what you tell it to: `Proxy(upstream_url, *faults)`.

Rule 1: HTTP/1.1 on both sides; only the answer's body meets the faults.
Rule 2: with no fault, every chunk is handed on the moment it comes.
Rule 3: one connection, one request: the answer says `Connection: close`.

    client  <--  127.0.0.1:port  <--  last fault  <--  ...  <--  first fault  <--  upstream
"""

from __future__ import annotations

import weakref
from types import TracebackType

from .errors import StopError, UsageError
from .faults import Fault
from .presets.plan import Preset
from .relay.exchange import Exchange
from .relay.fields import Target
from .relay.peer import Peer
from .relay.route import Route
from .relay.thread import RelayThread

__all__ = ["Proxy"]


class Proxy:
    """Relay HTTP/1.1 to an upstream, with faults in the way of the answer.

    Use it as a `with` block, or call `start` and `stop`. It listens on a free port of 127.0.0.1,
    in a thread of its own; when it is collected, it stops.

    Arguments:
        upstream_url: http or https; a path in it comes before the path of each request.
        faults: what happens to the body of each answer; the bytes meet them from left to right.
            One of them may be a preset, such as `presets.nginx()`: then it is that program.
        stop_deadline: seconds that `stop` may take.

    What it does besides: headers of one connection are not handed on (RFC 9110, 7.6.1). A
    Content-Length stays if every fault conserves bytes, else the body is chunked (or ended by
    closing, for an HTTP/1.0 client). Trailers are dropped. An upstream that cannot be reached,
    or answers with something else than HTTP, gives a 502 that says so. An upstream that breaks
    off in the middle, by FIN or RST, gives a truncated answer. No timeout cuts a stream.

    Raises `UsageError` for a URL or a fault that cannot work.

    >>> Proxy("http://127.0.0.1:8000", "Buffer(10)")
    Traceback (most recent call last):
    ...
    labsupport.errors.UsageError: expected a fault, such as Split(1), got 'Buffer(10)'. Next: \
Import one from labsupport.faults, or write one.
    """

    def __init__(
        self, upstream_url: str, *faults: Fault | Preset, stop_deadline: float = 1.0
    ) -> None:
        self._target = Target.of(upstream_url)
        Route.of(self._target, faults)  # refuses what cannot work
        self.upstream_url, self.faults = upstream_url, faults
        self._stop_deadline = stop_deadline
        self._relay: RelayThread | None = None
        self._finalizer: weakref.finalize | None = None  # type: ignore[type-arg]
        self._said: list[str] = []

    @property
    def url(self) -> str:
        """Where it answers, such as `http://127.0.0.1:49152`; no slash at the end.

        Raises `UsageError` before it is started.
        """
        if self._relay is None:
            raise UsageError(
                expected="a proxy that runs",
                got=repr(self),
                next="Use it as `with Proxy(...) as proxy:`, or call proxy.start() first.",
            )
        return f"http://127.0.0.1:{self._relay.port}"

    @property
    def running(self) -> bool:
        """True from `start` to `stop`."""
        return self._relay is not None

    @property
    def log(self) -> list[str]:
        """A line for each answer and how it ended, oldest first, and the traceback of a fault
        that failed. The last 200 are kept until the next start.
        """
        return list(self._relay.lines) if self._relay else list(self._said)

    def start(self) -> Proxy:
        """Listen; return when clients can connect. A second call does nothing.

        Raises `StartError` when the system gives no port or file descriptor.
        """
        if self._relay is None:
            route = Route.of(self._target, self.faults)

            async def serve(client: Peer) -> None:
                await Exchange(client, route, relay.lines.append).run()

            self._relay = relay = RelayThread(serve, self._stop_deadline)
            self._finalizer = weakref.finalize(self, relay.leave)
        return self

    def stop(self) -> None:
        """Close every connection and free the port; a second call does nothing.

        An open stream is cut (the client sees it truncated). Raises `StopError` if a fault of
        your own does not let go within the deadline.
        """
        relay, self._relay = self._relay, None
        if relay is not None and self._finalizer is not None:
            self._finalizer.detach()
            try:
                relay.stop()
            finally:
                self._said = list(relay.lines)

    def __enter__(self) -> Proxy:
        return self.start()

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
        faults = "".join(f", {fault!r}" for fault in self.faults)
        where = self.url if self._relay else "stopped"
        return f"Proxy({self.upstream_url!r}{faults}; {where})"
