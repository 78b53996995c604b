"""The bridge of lesson 05, taken out of its page, and a guest who orders through it.

The cells whose ids begin with `bridge-` are run as one module, as by a reader who copies them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from labsupport import Capture, Ending, Script, encode, record, serve
from labsupport.authoring.merge import parse
from labsupport.provider import Provider, Usage

LESSON = Path(__file__).parent.parent / "notebooks" / "05_bridge_a_provider.ipynb"
DIALECTS = ("chat", "responses", "messages")
WORDS = {"start", "token", "citation", "usage", "failed", "done"}
ORDER = {"question": "What is ready?"}
SHORT, LONG = 0.5, 10.0
"""Seconds of silence that the bridge bears: where the kitchen stalls, and where it does not."""

Make = Callable[..., Any]


def take() -> Make:
    """`bridge(provider_url, patience)`, which makes the app."""
    cells = parse(LESSON.read_text(encoding="utf-8")).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    sources = [cell.source for cell in code if cell.id.startswith("bridge-")]
    module: dict[str, Any] = {"__name__": "lesson_05_bridge"}
    exec(compile("\n\n".join(sources), LESSON.name, "exec"), module)
    made: Make = module["bridge"]
    return made


class Served(NamedTuple):
    """What a guest received, what the bridge wrote down, what the provider's meter says."""

    capture: Capture
    bill: dict[str, Any] | None
    usage: Usage | None

    @property
    def said(self) -> list[tuple[str, dict[str, Any]]]:
        return [(event.event, json.loads(event.data)) for event in self.capture.events]

    @property
    def text(self) -> str:
        return "".join(fields["text"] for name, fields in self.said if name == "token")

    @property
    def end(self) -> tuple[str, str]:
        name, fields = self.said[-1]
        return name, fields["reason" if name == "done" else "code"]


def order(
    make: Make, script: Script, *, patience: float = LONG, cached: int = 0
) -> Iterator[Served]:
    """The same order in each dialect, one after the other, from a kitchen of its own."""
    provider = Provider(script, cached=cached)
    with serve(provider.app) as far, serve(make(far.url, patience)) as app:
        for dialect in DIALECTS:
            begun = provider.meter.begun
            capture = record(f"{app.url}/{dialect}", json=ORDER)
            usage = provider.meter.settle().requests[-1]
            assert provider.meter.begun == begun + 1, "a failure was tried again"
            book = app.app.state.book
            yield Served(capture, book[-1] if book else None, usage)


def keeps_the_contract(served: Served) -> None:
    """Valid bytes, known names, one ending and one usage before it, a proper end of the body."""
    capture, names = served.capture, [name for name, _ in served.said]
    assert (capture.status, capture.ending) == (200, Ending.CLEAN)
    assert capture.headers["content-type"].startswith("text/event-stream")
    assert capture.headers["cache-control"] == "no-cache"
    framed = [encode(event.data, event=event.event) for event in capture.events]
    assert capture.body == b"".join(framed)
    assert set(names) <= WORDS
    assert names[-1] in ("done", "failed") and names[-2] == "usage"
    assert [name for name in names if name in ("done", "failed", "usage")] == names[-2:]
    assert names.count("start") <= 1 and (names[0] == "start" or "token" not in names)
    assert served.said[-2][1] == served.bill
