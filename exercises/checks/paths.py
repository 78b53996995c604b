"""Guests behind paths, who prove with a gate that tokens come through.

The source makes token k+1 only when token k has come out at the far end of the path. An app, or a
path, that holds token k waits for ever, and the guest leaves at its deadline.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

from checks.captures import SSE
from starlette.applications import Starlette
from starlette.routing import Mount

from labsupport import Capture, Decoder, Ending, LabError, Proxy, Script, race, serve
from labsupport.grading import Value, fail
from labsupport.provider import Gate, Provider
from labsupport.wire import Chunk, inflater

DEADLINE, EACH = 3.0, 0.4
"""Seconds for guests, and more for each path."""

MOST = 200_000
"""Bytes that a guest takes."""


class Guest:
    """Reads behind a path, and tells the gate what came out.

    Arguments:
        gate: the source's. beats: how many heartbeats to wait for after each token.
    """

    def __init__(self, gate: Gate, beats: int = 0) -> None:
        self.tokens: list[str] = []
        self.comments = 0
        self._gate, self._beats, self._due = gate, beats, 0
        self._decoder, self._line = Decoder(), b""
        self._inflate: Any = None

    @property
    def in_comment(self) -> bool:
        """The line that has not ended yet is a comment."""
        return self._line.startswith(b":")

    def read(self, chunk: Chunk) -> None:
        """Take in what one read brought. (A path may have compressed it.)"""
        packed = chunk.data[:2] == b"\x1f\x8b"
        self._inflate = self._inflate or inflater("gzip" if packed else "identity")
        text = self._inflate(chunk.data)
        new = [event.data for event in self._decoder.feed(text) if event.event == "token"]
        *lines, self._line = (self._line + text).split(b"\n")
        self.comments += sum(line.startswith(b":") for line in lines)
        if new:
            self.tokens += new
            self._due = self.comments + self._beats
        if self.tokens and self.comments >= self._due:
            self._gate.observed(len(self.tokens))


def through(url: str, tokens: list[str], *paths: Any, beats: int = 0) -> None:
    """Fail unless the app at `url` brings these tokens, one by one, through each of these paths.

    Arguments:
        paths: presets, all of them at the same time; None for no path between.
        beats: how many heartbeats must come between two tokens.
    """
    lanes = {repr(path) if path else "no path between": path for path in paths}
    gates = [Gate() for _ in lanes]
    guests = {name: Guest(gate, beats) for name, gate in zip(lanes, gates, strict=True)}
    makers = [
        Mount(f"/{number}", Provider(Script(*tokens), gate=gate).app)
        for number, gate in enumerate(gates)
    ]
    with ExitStack() as stack:
        source = stack.enter_context(serve(Starlette(routes=makers)))
        urls = {}
        for number, (name, path) in enumerate(lanes.items()):
            door = stack.enter_context(Proxy(url, path)).url if path else url
            beat = 0.02 if beats else 15
            asked = urlencode({"source": f"{source.url}/{number}/stream", "beat": beat})
            urls[name] = f"{door}/stream?{asked}"
        captures = visits(urls, guests)
    for name, capture in captures.items():
        judge(name, capture, guests[name], tokens, beats)


def visits(urls: dict[str, str], guests: dict[str, Guest]) -> dict[str, Capture]:
    """What the guests got. They all ask at once, and take gzip as browsers do."""
    try:
        return race(
            urls,
            headers={"accept-encoding": "gzip"},
            deadline=DEADLINE + EACH * len(urls),
            max_bytes=MOST,
            on_chunk=lambda name, chunk, events: guests[name].read(chunk),
        )
    except LabError as error:
        return fail(
            "an HTTP answer with a body that can be read",
            error.got or str(error),
            fed="GET /stream",
            next="Serve an app that answers at /stream.",
        )


def judge(name: str, capture: Capture, guest: Guest, tokens: list[str], beats: int) -> None:
    """Fail unless this guest got all of it, one by one."""
    come = len(guest.tokens)
    if capture.status and not capture.is_stream:
        fail(
            f"status 200 and Content-Type {SSE}",
            f"{capture.status} and {capture.headers.get('content-type', 'none')}",
            fed=f"GET /stream?source=...&beat=..., {name}",
            next=f'StreamingResponse(..., media_type="{SSE}"): browsers and proxies look at it.',
            cause="content type",
        )
    if guest.tokens != tokens[:come]:
        fail(
            Value(tokens[:come]),
            Value(guest.tokens[: len(tokens) + 2]),
            fed=name,
            next="Each token is one event: encode(token, event='token'). A comment in between "
            "ends with a blank line, or it swallows what follows; and it is no event.",
            cause="lost",
        )
    if come < len(tokens) and beats and not guest.comments:
        fail(
            "a comment at the reader, while the source is silent",
            "nothing: the source waits for it, and so does everybody",
            fed=name,
            next="When nothing has come for `beat` seconds, yield a comment and a blank line.",
            cause="no heartbeat",
        )
    if come < len(tokens) and guest.in_comment:
        fail(
            "a comment that ends, and then an event",
            "a comment without a line end; what followed became part of it",
            fed=name,
            next="A line ends a comment as it ends a field: write b': still cooking\\n\\n'.",
            cause="open comment",
        )
    if come < len(tokens) and guest.comments and capture.ending is Ending.CLEAN:
        fail(
            f"{len(tokens)} tokens and then the end",
            f"the end after {come} tokens: the source was left when it fell silent",
            fed=name,
            next="asyncio.wait_for cancels what it waits for, and a cancelled generator is at its "
            "end. asyncio.wait lets it go on.",
            cause="source cancelled",
        )
    if come < len(tokens):
        fail(
            f"token {come + 1} of {len(tokens)}; it is made when token {come} is at the reader",
            f"{come} tokens and {guest.comments} comments, then nothing",
            fed=name,
            next="nginx holds what its app sends, unless a header says X-Accel-Buffering: no."
            if name.startswith("nginx")
            else "Yield each token when it comes, and go on after a silence.",
            cause="held",
        )
    if capture.ending is not Ending.CLEAN:
        fail(
            "a proper end, after the last token",
            f"{capture.ending}",
            fed=name,
            next="When the source ends, your generator ends.",
            cause="no end",
        )
