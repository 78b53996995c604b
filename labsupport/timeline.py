"""Captures drawn over time: one lane each, one figure, and one line of text that says the same.

Rule 1: what the picture shows, the text says; nbval compares the text.
Rule 2: a class is decided by shares of the time, never by a number of milliseconds.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import UsageError
from .wire import Capture, Ending, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Pace", "Timeline", "pace", "timeline"]

LATE = 0.5  # a burst that begins after this share of the time was held until the end
SPREAD = 0.25  # events spread over at least this share of the time were streamed
TOGETHER = 4  # so many events with each read, on average, came in bursts
LABELS = 8  # most events of a lane that are drawn with their data
FINER = 2  # drawn so many times as fine as it is shown, for sharp screens
INK, QUIET, BLUE, SAND, RED = "#222222", "#6b6b6b", "#0072b2", "#f3ead7", "#b3401c"
SIGNS = {  # a shape for each ending, beside its word
    Ending.CLEAN: ("s", INK),
    Ending.TRUNCATED: ("X", RED),
    Ending.RESET: ("P", RED),
    Ending.TIMED_OUT: ("d", RED),
    Ending.STOPPED: ("<", QUIET),
}


@dataclass(frozen=True)
class Pace:
    """How a response arrived, as a class and the figures behind it.

    Arguments:
        word: `streamed`, `in bursts`, `held until the end`, `all at once`, `one event`,
            `no event`, `one body` (not an event stream), `no body` or `no response`.
        first: seconds from the request to the first event, or first body byte; None without one.
        end: seconds from the request to the ending.
    """

    word: str
    first: float | None
    end: float


def pace(capture: Capture) -> Pace:
    """Classify how the events of a capture arrived.

    With T the time from request to ending: `streamed` if first and last event lie at least
    0.25 T apart, or `in bursts` if four or more came with each read, on average. Else they came
    as one burst, which is `held until the end` if it began after 0.5 T, and `all at once` if it
    came early and the connection then stayed open. A source that does not pause between events
    is one burst over any path, so probe with one that does.
    """
    chunks, end = capture.chunks, _end(capture)
    if capture.status is None:
        return Pace("no response", None, end)
    if not chunks:
        return Pace("no body", None, end)
    if not capture.is_stream:
        return Pace("one body", chunks[0].at, end)
    times = [at for at, _ in capture.arrivals]
    if not times:
        return Pace("no event", chunks[0].at, end)
    if len(times) == 1:
        return Pace("one event", times[0], end)
    if times[-1] - times[0] >= SPREAD * end:
        several = len(times) >= TOGETHER * len(set(times))
        return Pace("in bursts" if several else "streamed", times[0], end)
    late = times[0] > LATE * end
    return Pace("held until the end" if late else "all at once", times[0], end)


def _end(capture: Capture) -> float:
    """Seconds to the ending; to the last read in a capture by hand, whose end nobody timed."""
    return capture.ended_at or max((read.at for read in capture.reads), default=0.0)


@dataclass(frozen=True, repr=False)
class Timeline:
    """One figure for one or several captures; made by `timeline`. `str()` is its text form."""

    lanes: tuple[tuple[str, Capture], ...]
    title: str = ""

    @property
    def text(self) -> str:
        """A line for each lane: the class, the first event, the total, the count, the ending."""
        wide = max(len(name) for name, _ in self.lanes)
        return "\n".join(f"{name:{wide}}  {_line(capture)}".strip() for name, capture in self.lanes)

    @property
    def figure(self) -> Figure:
        """The picture, as a new matplotlib figure that belongs to no window."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8.2, 0.75 + 0.95 * len(self.lanes)), dpi=100, layout="tight")
        axes = figure.add_subplot()
        longest = max([_end(capture) for _, capture in self.lanes] + [1e-3]) * 1000
        for row, (name, capture) in enumerate(self.lanes):
            _draw_lane(axes, -row, name, capture, longest)
        axes.set_ylim(-len(self.lanes) + 0.42, 0.62)
        axes.set_xlim(-0.01 * longest, 1.16 * longest)
        axes.set_yticks([])
        axes.set_xlabel("milliseconds since the request", color=QUIET, fontsize=9)
        axes.tick_params(colors=QUIET, labelsize=9)
        axes.spines[["left", "right", "top"]].set_visible(False)
        axes.spines["bottom"].set_color("#bbbbbb")
        if self.title:
            axes.set_title(_drawable(self.title, 80), loc="left", fontsize=11, color=INK)
        return figure

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture; the ending of the name says how (`.png`, `.svg`, `.pdf`)."""
        target = Path(path)
        if target.suffix not in (".png", ".svg", ".pdf"):
            raise UsageError(
                expected="a name that ends in .png, .svg or .pdf",
                got=repr(target.name),
                next="Save it as timeline.png.",
            )
        beside = target.with_name(target.name + ".part")
        beside.write_bytes(self._render(target.suffix[1:]))
        beside.replace(target)

    def _render(self, kind: str) -> bytes:
        made = BytesIO()
        self.figure.savefig(made, format=kind, dpi=100 * FINER)
        if kind != "png":
            return made.getvalue()
        from PIL import Image  # matplotlib writes its PNGs with it

        small = BytesIO()  # 64 colours are enough for flat shapes, and a third of the bytes
        Image.open(made).convert("RGB").quantize(64).save(small, format="png", optimize=True)
        return small.getvalue()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        png = self._render("png")
        # The first bytes of a PNG hold its size (PNG 11.2.2); it is shown smaller than drawn.
        width, height = (int.from_bytes(png[at : at + 4]) // FINER for at in (16, 20))
        about = {"alt": f"Timeline. {self.text}", "width": width, "height": height}
        return {"image/png": png, "text/plain": self.text}, {"image/png": about}

    def __repr__(self) -> str:
        return self.text


def timeline(
    source: Capture | Mapping[str, Capture] | Iterable[Capture], *, title: str = ""
) -> Timeline:
    """Draw captures on one time axis.

    Arguments:
        source: a `Capture`, several, or a mapping from a lane's name to its capture.
        title: words above the picture.

    Returns a `Timeline`: a picture in a notebook, a line of text a lane elsewhere. Raises
    `UsageError` for anything else, or for none.
    """
    if isinstance(source, Capture):
        lanes = [("", source)]
    elif isinstance(source, Mapping):
        lanes = [(str(name), capture) for name, capture in source.items()]
    else:
        several = source if isinstance(source, Iterable) else ()
        lanes = [(f"{n}", capture) for n, capture in enumerate(several, 1)]
    if not lanes or not all(isinstance(capture, Capture) for _, capture in lanes):
        raise UsageError(
            expected="a Capture, or a mapping from names to captures",
            got=repr(source)[:80],
            next='Draw what record returns: timeline({"direct": record(url)}).',
        )
    return Timeline(tuple(lanes), title)


def _line(capture: Capture) -> str:
    found = pace(capture)
    if found.first is None:
        return f"{found.word}: after {found.end * 1000:.0f} ms, {capture.ending}"
    what = "event" if capture.is_stream and capture.events else "byte"
    size = len(capture.events) if what == "event" else len(capture.body)
    when = f"first {what} at {found.first * 1000:.0f} ms of {found.end * 1000:.0f} ms"
    return f"{found.word}: {when}, {plural(size, what)}, {capture.ending}"


def _draw_lane(axes: Axes, row: int, name: str, capture: Capture, longest: float) -> None:
    """One lane: the wait, a tick for each read, the first event, and how it ended."""
    found, end = pace(capture), _end(capture) * 1000
    first = end if found.first is None else found.first * 1000
    axes.barh(row, first, height=0.34, color=SAND, edgecolor="#cfc4ac", hatch="////", linewidth=0)
    axes.barh(row, end - first, left=first, height=0.34, color="#e3eef6")
    title = _drawable(name, 60)
    axes.text(0, row + 0.3, title, fontsize=10, fontweight="bold", color=INK, va="bottom")
    # A stream's marks are its events, so a comment or half an event draws none.
    events = [when for when, _ in capture.arrivals] if capture.is_stream else None
    at = [when * 1000 for when in events or [chunk.at for chunk in capture.chunks]]
    axes.vlines(at, row - 0.17, row + 0.17, color=BLUE, linewidth=1.8)
    if found.first is not None:
        axes.plot(first, row + 0.24, marker="v", color=BLUE, markersize=6, clip_on=False)
        right = first > 0.75 * longest
        axes.text(
            first + (-0.012 if right else 0.012) * longest, row + 0.24, f"first at {first:.0f} ms",
            fontsize=9, color=BLUE, va="center", ha="right" if right else "left",
        )  # fmt: skip
    if events and len(events) <= LABELS:
        _label(axes, row, capture, longest)
    sign, colour = SIGNS[capture.ending]
    axes.plot(end, row, marker=sign, color=colour, markersize=8, clip_on=False)
    axes.text(
        end + 0.018 * longest, row, f"{capture.ending}\n{end:.0f} ms",
        fontsize=9, color=colour, va="center", linespacing=1.25,
    )  # fmt: skip


def _label(axes: Axes, row: int, capture: Capture, longest: float) -> None:
    """The events' data below their ticks, where there is room."""
    free = -longest
    for when, event in capture.arrivals:
        if when * 1000 >= free:
            axes.text(
                when * 1000, row - 0.2, _drawable(event.data, 12),
                fontsize=8, color=QUIET, va="top", ha="center",
            )  # fmt: skip
            free = when * 1000 + 0.014 * longest * (min(len(event.data), 12) + 1)


def _drawable(text: str, most: int) -> str:
    """At most `most` characters, as they can be drawn: each that the font lacks is a box."""
    from matplotlib.font_manager import findfont, get_font

    known = get_font(findfont("DejaVu Sans")).get_charmap()
    text = text if len(text) <= most else text[: most - 1] + "…"
    shown = "".join(c if ord(c) in known and c.isprintable() else "□" for c in text)
    return shown.replace("$", r"\$")  # no formula
