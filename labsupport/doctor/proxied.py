"""Does Jupyter's own proxy stream? It is the way to this kernel for a page in a browser.

What jupyter-server-proxy 4.6.0 does, read in its source (handlers.py, `ProxyHandler.proxy`) and
measured with Jupyter Server 2.21: it passes each chunk on at once if the request's Accept header
is exactly `text/event-stream`, and otherwise collects the whole answer first. That header with
more in it, such as `text/event-stream, */*`, is not exact. The rule came with 4.4.0; 4.2 and 4.3
(2024) collect every answer.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import metadata

from fastapi import FastAPI

from ..errors import LabError
from ..recorder import race, record
from ..server import serve
from ..sse import Event
from ..wire import Chunk
from .findings import Finding
from .gate import EVENTS, Gate
from .owner import Owner, owner

DEADLINE = 4.0
"""Seconds for one way through a proxy."""

GOOD = "Jupyter's proxy, event by event"
HELD = "Jupyter's proxy holds events back"
BLIND = "Jupyter's proxy was not tested"
PLAIN = {
    True: "a request without exactly 'Accept: text/event-stream' is held until the end "
    "(EventSource sends that header; tell fetch() and httpx to)",
    False: "a request without 'Accept: text/event-stream' streams too",
    None: "a request without 'Accept: text/event-stream' was not tested",
}


def jupyter() -> Finding:
    """This JupyterLab's or JupyterHub's own proxy passes a stream on, event by event."""
    server = owner()
    if server is None:
        return Finding("fine", "no Jupyter server around this Python", optional=True)
    if server.trouble:
        fix = "To test it, start JupyterLab with a token, as it does by itself."
        said = f"this kernel's server cannot be asked: {server.trouble}"
        return Finding("look", BLIND, said, fix, optional=True)
    try:
        inside = through(server)
    except LabError as error:
        return Finding("look", BLIND, str(error), error.next, optional=True)
    if not inside.streamed:
        return _ill(inside)
    if not os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        return Finding("fine", GOOD, f"{inside}; {PLAIN[inside.plain_held]}", optional=True)
    return _hub(inside, server.token)


@dataclass(frozen=True)
class Passage:
    """What came out of a proxy of the gated stream that went in.

    Arguments:
        seen: how many events came.
        status: of the response; None if none came.
        ending: how the stream ended.
        ms: how long it took.
        plain_held: whether the stream is held until its end if the request does not ask for
            `text/event-stream`; None if not known.
    """

    seen: int
    status: int | None
    ending: str
    ms: float
    is_stream: bool
    plain_held: bool | None = None

    @property
    def streamed(self) -> bool:
        """Whether each event came before the next was sent."""
        return self.seen == EVENTS and self.ending == "clean"

    def __str__(self) -> str:
        answer = f"{self.seen} of {EVENTS} events, {self.ending}"
        return f"{EVENTS} events, {self.ms:.0f} ms" if self.streamed else answer


def through(server: Owner) -> Passage:
    """Serve gated streams here and ask for them at `server`'s `proxy/PORT/`.

    Raises `LabError` if nothing can be served or the server cannot be reached.
    """
    app, gate, plain = FastAPI(), Gate(), Gate()
    beside = Gate(after=plain.begun)
    for path, one in (("/gated", gate), ("/plain", plain), ("/beside", beside)):
        app.add_api_route(path, one.answer)
    with serve(app) as streams:
        base = f"{server.url}proxy/{streams.port}/"
        # No slash at the end: without the proxy, Jupyter would answer that with a redirect.
        got = record(f"{base}gated", headers=server.headers, deadline=DEADLINE, on_chunk=gate.note)
        seen = len(got.events) if got.is_stream else 0
        ms = got.ended_at * 1000
        passage = Passage(seen, got.status, str(got.ending), ms, got.is_stream)
        if not passage.streamed:
            return passage
        held = _plain_is_held(base, server.headers, {"plain": plain, "beside": beside})
        return Passage(seen, got.status, str(got.ending), ms, got.is_stream, held)


def _plain_is_held(base: str, fields: dict[str, str], gates: dict[str, Gate]) -> bool | None:
    """Whether a stream is overtaken because its request accepts anything, as fetch() does.

    The one beside it, which may stream, starts after it and goes through the same proxy event by
    event. If all of that came out first, the plain one was held; then it is let go.
    """
    order: list[str] = []

    def note(name: str, chunk: Chunk, events: list[Event]) -> None:
        gates[name].note(chunk, events)
        if name == "plain":  # perhaps an error, of which our stream knows nothing
            gates["plain"].begun.set()
        order.extend(name for _ in events)
        if order.count("beside") == EVENTS:
            gates["plain"].open()

    lanes = {
        "plain": {"url": base + "plain", "headers": {**fields, "accept": "*/*"}},
        "beside": {"url": base + "beside", "headers": fields},
    }
    try:
        race(lanes, on_chunk=note, deadline=DEADLINE)
    except LabError:
        return None
    if order.count("plain") < EVENTS or order.count("beside") < EVENTS:
        return None
    return order[:EVENTS] == ["beside"] * EVENTS


def _ill(inside: Passage) -> Finding:
    """What keeps a stream from coming through, and what to do."""
    restart = "then restart JupyterLab"
    if inside.status == 404:
        # Our own app has an answer at this path, so the proxy is not there to pass it on.
        try:
            version = metadata.version("jupyter-server-proxy")
        except metadata.PackageNotFoundError:
            fix = f"Run: pip install jupyter-server-proxy, where JupyterLab is, {restart}."
            said = "Jupyter answers 404 at proxy/; lessons still run, pages cannot reach a kernel"
            return Finding("look", "jupyter-server-proxy is not installed", said, fix)
        fix = f"Run: jupyter server extension enable jupyter_server_proxy, {restart}."
        said = f"version {version} is installed here, but Jupyter answers 404 at proxy/"
        return Finding("look", "jupyter-server-proxy is not enabled", said, fix)
    if inside.is_stream or inside.status is None:
        fix = f"Run: pip install --upgrade jupyter-server-proxy (4.4 or newer), {restart}."
        return Finding("look", HELD, str(inside), fix)
    fix = "Look into Jupyter's log; the kernel may run on another machine than Jupyter."
    said = f"it answers {inside.status}"
    return Finding("look", "Jupyter's proxy does not reach this Python", said, fix)


def _hub(inside: Passage, token: str) -> Finding:
    """The same through the address that people use, if the hub tells it.

    JupyterHub 5 and newer says it in JUPYTERHUB_PUBLIC_URL if its `public_url` or a domain for
    each user is set; older ones say the domain alone, in JUPYTERHUB_HOST.
    """
    within = f"inside the hub: {inside}; {PLAIN[inside.plain_held]}"
    env = os.environ.get
    host, prefix = env("JUPYTERHUB_HOST"), env("JUPYTERHUB_SERVICE_PREFIX", "")
    public = env("JUPYTERHUB_PUBLIC_URL") or (host + prefix if host else "")
    if not public:
        said = "not tested: the hub's own front, for it does not tell its public address"
        return Finding("fine", GOOD, f"{within}; {said}", optional=True)
    try:
        front = through(Owner(public.rstrip("/") + "/", token))
    except LabError as error:
        said = f"not tested: the hub's public address: expected {error.expected}, got {error.got}"
        return Finding("fine", GOOD, f"{within}; {said}", optional=True)
    if front.streamed:
        return Finding("fine", GOOD, f"{within}; at the public address: {front}", optional=True)
    if front.is_stream or front.status is None:
        fix = (
            "Ask who runs the hub to turn response buffering off in the proxies before it "
            "(nginx: proxy_buffering off), then run: python -m labsupport probe URL."
        )
        name = "JupyterHub's public address holds events back"
        return Finding("look", name, f"{within}; at the public address: {front}", fix)
    said = f"not tested: the public address, which answers {front.status}"
    return Finding("fine", GOOD, f"{within}; {said}", optional=True)
