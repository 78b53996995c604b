"""Orders at an answer's bridge, and what comes back: events, a status, or less.

No clock decides. A provider behind a gate makes token k+1 only when somebody has said that token k
came out of the bridge. Deadlines are only for bridges that wait for something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from checks.guests import Tasting

from labsupport import Capture, Ending, Event, LabError, Script, record, serve
from labsupport.grading import Answer, Value, fail
from labsupport.provider import Gate, Provider

DIALECTS = ("openai", "anthropic")
QUESTION = "What is ready?"
NOTICE = 4.0
"""Seconds in which an order must be over. It takes some milliseconds."""

WORDS = ("start", "token", "usage", "done", "failed")
WHOLE = re.compile("start (token )*usage done ")
"""What is said of an answer that came whole."""
BROKEN = re.compile("(start )?(token )*(usage )?failed ")
"""What is said of one that did not."""

REFUSED: dict[int | None, str] = {
    404: 'Give the app a path "/chat" that takes POST.',
    405: 'Give the app a path "/chat" that takes POST.',
    422: 'Take the two fields of the body: {"dialect": ..., "question": ...}.',
    500: "Your function raised. Order in the scratch cell; bridge.log then says where.",
}


@dataclass(frozen=True)
class Reply:
    """What a guest got for an order.

    Attributes:
        status: None if no whole head came in time.
        come: how many tokens came.
        fed: the order in words, for those who read the report.
    """

    capture: Capture
    status: int | None
    come: int
    fed: str

    @property
    def said(self) -> list[tuple[str, dict[str, Any]]]:
        """The events, each a name and its fields. Fails the check if they are no such events."""
        capture = self.capture
        if not capture.is_stream:
            fail(
                "status 200 and Content-Type text/event-stream",
                f"{self.status} and {capture.headers.get('content-type', 'no content type')}",
                fed=self.fed,
                next=REFUSED.get(
                    self.status,
                    "Return StreamingResponse(..., media_type='text/event-stream').",
                ),
                cause="no stream",
            )
        names = [event.event for event in capture.events]
        if not names:
            fail(
                "events",
                f"none, {capture.ending}",
                fed=self.fed,
                next="Does your generator raise? Order in the scratch cell; bridge.log then says "
                "where.",
                cause="no events",
            )
        if set(names) - set(WORDS):
            fail(
                f"events called {', '.join(WORDS)}",
                f"{names}, {capture.ending}",
                fed=self.fed,
                next="Translate what the provider sends, in whichever dialect, into events of "
                "your own, and drop the rest.",
                cause="not our words",
            )
        return [(event.event, self._fields(event)) for event in capture.events]

    @property
    def texts(self) -> list[Any]:
        """The texts of its tokens."""
        return [fields.get("text") for name, fields in self.said if name == "token"]

    @property
    def order(self) -> str:
        """The names in their order, a space after each; fits `WHOLE` or `BROKEN`, or should."""
        return "".join(f"{name} " for name, _ in self.said)

    def of(self, name: str) -> dict[str, Any]:
        """The fields of the last event of this name; none, if there is none."""
        return next((fields for one, fields in reversed(self.said) if one == name), {})

    def fits(self, form: re.Pattern[str], expected: str, next: str, cause: str) -> None:
        """Fail unless the events come in this order, and then the response ends as it should."""
        ending = self.capture.ending
        if not form.fullmatch(self.order) or (form is WHOLE and ending is not Ending.CLEAN):
            got = f"{' '.join(self.order.split())}, {ending}"
            fail(expected, got, fed=self.fed, next=next, cause=cause)

    def _fields(self, event: Event) -> dict[str, Any]:
        try:
            fields = json.loads(event.data)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            fail(
                "a JSON object as its data",
                Value(event),
                fed=self.fed,
                next="json.dumps makes JSON of a dict, whatever characters are in it.",
                cause="no JSON",
            )
        return dict(fields)


@dataclass
class Bridge:
    """The answer's app, the provider that it orders from, and the gate before its tokens."""

    url: str
    provider: Provider
    gate: Gate

    def order(
        self,
        dialect: str,
        question: str = QUESTION,
        *,
        at: Callable[[int], object] = lambda token: None,
        number: int = 0,
        deadline: float = NOTICE,
    ) -> Reply:
        """What a guest gets who asks this, and tells the gate of each token.

        Arguments:
            number: which of the provider's requests is the guest's, from 0.
            at: called with each token's number, from 1, before the gate hears of it.
        """
        tasting = Tasting(self.gate, number, at)
        order = {"dialect": dialect, "question": question}
        try:
            capture = record(
                self.url + "/chat", json=order, deadline=deadline, max_bytes=1_000_000,
                on_chunk=tasting,
            )  # fmt: skip
            return Reply(
                capture, capture.status, tasting.come, f"{dialect}, {self.provider.script!r}"
            )
        except LabError as error:
            fail("an HTTP answer", error.got or str(error), next="Return a FastAPI app.")
            raise


@contextmanager
def bridge(
    answer: Answer, *steps: Any, gate: Gate | None = None, cached: int = 0
) -> Iterator[Bridge]:
    """The answer's app before a provider that says this; the gate is open unless you bring one."""
    provider = Provider(Script(*steps), gate=gate, cached=cached)
    with serve(provider.app) as far_away, answer.served("create_app", far_away.url) as url:
        try:
            yield Bridge(url, provider, gate or Gate())
        finally:
            if gate:  # or who still waits for a token would be waited for
                gate.open()
