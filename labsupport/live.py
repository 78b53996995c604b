"""Lanes that fill while a race runs, so that you see the wait and not only its length.

Built on ipywidgets: a widget's messages change the page at once, and nbval leaves them alone.
Rule: what comes over the network is text here, never markup.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from .errors import UsageError
from .sse import Event
from .wire import Capture, Chunk

__all__ = ["Lanes"]

_BOX = (
    '<div style="margin:2px 0 10px 0;max-width:46em"><b>{name}</b> '
    '<span style="opacity:.7">{state}</span>'
    '<div role="log" aria-live="polite" style="border:1px solid;border-color:'
    "var(--jp-border-color1,#999);border-left-width:5px;padding:6px 10px;min-height:3.2em;"
    'line-height:1.5">{text}</div></div>'
)
BOM = b"\xef\xbb\xbf"
_STREAM = (b":", b"data", b"event", b"id", b"retry", b"\r", b"\n")


class Lanes:
    """One box a lane, filled as its text arrives. Display it before the race starts.

    Arguments:
        names: the lanes' names, top to bottom, as given to `race`.
        deaf_to: names of events that are not shown, such as `done`.

    Give `on_chunk` to `race` and its result to `done`. Raises `UsageError` without names.
    """

    def __init__(self, *names: str, deaf_to: tuple[str, ...] = ("done",)) -> None:
        import ipywidgets

        if not names:
            raise UsageError(
                expected="at least one name",
                got="none",
                next='Write Lanes("as JSON", "as a stream").',
            )
        self.text = dict.fromkeys(names, "")
        self._deaf_to = deaf_to
        self._body = dict.fromkeys(names, b"")
        self._streams = set[str]()
        self._boxes = {name: ipywidgets.HTML() for name in names}
        self.widget = ipywidgets.VBox(list(self._boxes.values()))

    def on_chunk(self, name: str, chunk: Chunk, events: list[Event]) -> None:
        """Add what a read brought; `race` calls this."""
        if name not in self.text:
            raise UsageError(
                expected=f"one of the lanes {', '.join(self.text)}",
                got=repr(name),
                next="Give Lanes the same names as race.",
            )
        if events:
            if name not in self._streams:  # what it showed until now was no text of its own
                self.text[name] = ""
                self._streams.add(name)
            shown = [event.data for event in events if event.event not in self._deaf_to]
            # Words that were sent without their spaces are put apart, so that they can be read.
            bare = self.text[name] and not self.text[name].endswith(" ")
            for piece in shown:
                apart = " " if bare and not piece.startswith(" ") else ""
                self.text[name] += apart + piece
                bare = True
        elif name not in self._streams:
            self._body[name] += chunk.data
            if not _may_be_stream(self._body[name]):
                self.text[name] = _words(self._body[name])
        now = f"{chunk.at * 1000:.0f} ms"
        for lane, text in self.text.items():
            if lane == name:
                self._show(lane, f"after {now}")
            elif not text:
                self._show(lane, f"waiting, {now}")

    def done(self, captures: Mapping[str, Capture]) -> None:
        """Say how each lane ended."""
        for name, capture in captures.items():
            self._show(name, f"{capture.ending} at {capture.ended_at * 1000:.0f} ms")

    def _show(self, name: str, state: str) -> None:
        text = escape(self.text[name])
        self._boxes[name].value = _BOX.format(name=escape(name), state=escape(state), text=text)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        for name in self._boxes:
            if not self.text[name]:
                self._show(name, "waiting")
        return self.widget._repr_mimebundle_(**options)

    def __repr__(self) -> str:
        return f"Lanes({', '.join(map(repr, self.text))})"


def _may_be_stream(body: bytes) -> bool:
    """Whether a body without an event so far starts as an event stream would."""
    start = body.removeprefix(BOM)[:5]
    begun = any(start.startswith(field) or field.startswith(start) for field in _STREAM)
    return begun or BOM.startswith(body)


def _words(body: bytes) -> str:
    """The text of a JSON answer; the answer as it is if it has none."""
    try:
        found = json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
    return str(found["text"]) if isinstance(found, dict) and "text" in found else str(found)
