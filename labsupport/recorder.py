"""Record what a URL sends, read by read, over a plain socket; one URL, or several in a race.

Rule 1: nothing stands between the socket and the reader: no client library, no proxy settings.
Rule 2: every recording has a deadline and a bound on what it keeps.
Rule 3: Ctrl-C is a way to say "enough": what was seen comes back.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ._leaving import SLICE, Leave, Limits
from ._recording import OnChunk, Recording
from ._request import build
from .errors import UsageError
from .sse import Event
from .wire import Capture, Chunk

__all__ = ["Leave", "OnChunk", "race", "record"]


def record(
    url: str,
    *,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
    json: object = None,
    body: bytes | str | None = None,
    stop_after_events: int | None = None,
    stop_after_chunks: int | None = None,
    stop_after_seconds: float | None = None,
    deadline: float = 30.0,
    max_bytes: int = 16 * 1024 * 1024,
    leave: Leave = "close",
    stay: float | None = None,
    receive_window: int | None = None,
    bytes_per_second: float | None = None,
    on_chunk: OnChunk | None = None,
) -> Capture:
    """Send one request and record what comes back until it ends, or until you have seen enough.

    Blocking; works in any cell, with or without a running loop. Ctrl-C (interrupting the kernel)
    returns what was seen so far. Nothing is retried and no redirect is followed.

    Arguments:
        url: http or https. Proxy settings of the environment are not used.
        method: GET, or POST when there is a body, unless you say otherwise.
        headers: added to `host`, `accept: text/event-stream` and `user-agent`, or in their place.
        json: sent as the body, with its content type.
        body: bytes or text to send as they are.
        stop_after_events, stop_after_chunks: leave after the read that brings the N-th.
        stop_after_seconds: leave so many seconds after the request was sent.
        deadline: seconds for everything, connecting included.
        max_bytes: most bytes of the response that are kept; then the recording stops. (In memory
            each read costs some 150 bytes more.)
        leave: how to go when it is our choice. `close`: FIN. (A system may send RST for it, too,
            if bytes had come that nobody read.) `reset`: RST. `half-close`: FIN, and read on
            until the other side ends (http only). `silent`: stop reading and say nothing, as a
            laptop does that is shut, and let go later by RST. (The system goes on taking in what
            fits into its buffer: it answers for us as long as the machine runs.)
        stay: seconds from leaving to letting go. None: until the other side ends for
            `half-close`, 1 second for `silent`; the deadline bounds both. Else it is not used.
        receive_window: bytes that the system may take in ahead of our reading (SO_RCVBUF, set
            before connecting). Systems round it: Linux doubles it, and 2,304 is its least.
        bytes_per_second: read no faster; one read brings a tenth of it at most. The other side
            feels it once the receive window and its own send buffer are full. Linux grows that
            one to megabytes unless the server limits it (measured: 2.8 MB ahead).
        on_chunk: called as `on_chunk(chunk, events)` for each read that held body bytes, with
            the events it completed. What it raises comes out of `record`.

    Returns a `Capture`. If we left, its ending is STOPPED and its note gives the reason, such as
    "after 2 events". After `half-close` the capture goes on: the ending is what the other side
    did then, and the note begins "half-close after 2 events; ". After `silent` it holds what was
    read before, and `ended_at` is when we let go. Ctrl-C ends a stay.

    Raises `UsageError` for arguments that cannot be sent, `ConnectError` if no connection was
    made, `ProtocolError` if the bytes are not HTTP/1.1, `NotAStream` if events were to be counted
    and the response is not an event stream; the last two carry `.capture`.
    """
    limits = Limits(
        stop_after_events=stop_after_events,
        stop_after_chunks=stop_after_chunks,
        stop_after_seconds=stop_after_seconds,
        deadline=deadline,
        max_bytes=max_bytes,
        leave=leave,
        stay=stay,
        receive_window=receive_window,
        bytes_per_second=bytes_per_second,
    )
    return Recording(build(url, method, headers, json, body), limits, on_chunk).run()


def race(
    lanes: Mapping[str, str | Mapping[str, Any]],
    *,
    on_chunk: Callable[[str, Chunk, list[Event]], object] | None = None,
    **options: Any,
) -> dict[str, Capture]:
    """Make several recordings at once, started together, one thread each.

    Arguments:
        lanes: a name for each lane, and its URL or its own options of `record` with `url`.
        on_chunk: called as `on_chunk(name, chunk, events)` in the calling thread.
        options: options of `record` for every lane; a lane's own come first.

    Returns a capture for each name, in the order of `lanes`. Ctrl-C stops all lanes and returns
    what was seen. What one lane raises is raised when the others have been stopped.
    """
    news: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    recordings = {
        name: _lane(name, {**options, **({"url": lane} if isinstance(lane, str) else lane)}, news)
        for name, lane in lanes.items()
    }
    go = threading.Event()

    def run(name: str, recording: Recording) -> None:
        go.wait()
        try:
            news.put((name, recording.run()))
        except BaseException as error:  # handed to the caller's thread
            news.put((name, error))

    threads = [
        threading.Thread(target=run, args=lane, name=f"labsupport lane {lane[0]}", daemon=True)
        for lane in recordings.items()
    ]
    made: dict[str, Capture] = {}
    try:
        for thread in threads:
            thread.start()
        go.set()
        while len(made) < len(recordings):
            _hear(news, made, on_chunk, SLICE)
    except KeyboardInterrupt:
        pass
    finally:
        for recording in recordings.values():
            recording.stopped.set()
        go.set()
        for thread in threads:
            if thread.ident:
                thread.join()
    while not news.empty():  # after Ctrl-C: what the lanes saw until then
        _hear(news, made, None, 0)
    return {name: made[name] for name in recordings if name in made}


def _lane(
    name: str, options: dict[str, Any], news: queue.SimpleQueue[tuple[str, Any]]
) -> Recording:
    """The recording of one lane, which tells `news` of every chunk."""
    asked = {key: options.pop(key, None) for key in ("url", "method", "headers", "json", "body")}
    try:
        limits = Limits(**options)
    except TypeError as error:
        raise UsageError(
            expected=f"lane {name!r} to have options that record() has",
            got=str(error),
            next="See help(record) for their names.",
        ) from error
    return Recording(build(**asked), limits, lambda *seen: news.put((name, seen)))


def _hear(
    news: queue.SimpleQueue[tuple[str, Any]],
    made: dict[str, Capture],
    on_chunk: Callable[[str, Chunk, list[Event]], object] | None,
    timeout: float,
) -> None:
    """Take one piece of news: a chunk, a lane's capture, or its error, which is raised."""
    try:
        name, thing = news.get(timeout=timeout)
    except queue.Empty:
        return
    if isinstance(thing, Capture):
        made[name] = thing
    elif isinstance(thing, BaseException):
        thing.add_note(f"in lane {name!r}")
        raise thing
    elif on_chunk:
        on_chunk(name, *thing)
