"""Ask a URL, and what it is compared with, one after the other; then judge.

Rule 1: nothing is asked twice unless the caller says so: a model's answer costs money.
Rule 2: what is kept is without credentials.
"""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import ProtocolError, UsageError
from ..recorder import record
from ..sse import Event
from ..wire import Capture, Chunk, plural
from .finding import Finding
from .redact import redacted, secret_header
from .verdict import judge

__all__ = ["probe"]

PACE = "{pace}"


def probe(
    url: str,
    *,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
    json: object = None,
    body: bytes | str | None = None,
    bearer: str | None = None,
    direct: str | None = None,
    paces: Sequence[object] | None = None,
    pace_url: str | None = None,
    again: bool = False,
    deadline: float = 30.0,
    max_bytes: int = 16 * 1024 * 1024,
    tell: Callable[[str], object] | None = None,
) -> Finding:
    """Does this path stream? Record one answer, or a few to compare, and say what holds it.

    Arguments:
        url: http or https; `{pace}` in it is replaced, if there are `paces`.
        method, headers, json, body: the request, as for `record`. Unless you send your own,
            `Accept-Encoding: gzip` goes with it, as browsers and SDKs send it.
        bearer: a token for `Authorization: Bearer`; it is in no output.
        direct: the same request to the app without the path. The surest comparison.
        paces: two values for `{pace}` in URL, direct or body, such as `(20, 80)` for
            milliseconds between tokens.
        pace_url: a URL with a slower generator, where the pace has no placeholder.
        again: ask once more, to see whether a cache replays the answer.
        deadline: seconds for each recording.
        max_bytes: most bytes kept of each.
        tell: called with a few words whenever something happened.

    Returns a `Finding`; Ctrl-C judges what came until then. Raises `UsageError` for arguments
    that cannot be sent, `ConnectError` if nobody answers.
    """
    asked = _Request(method, dict(headers or {}), json, body, bearer, deadline, max_bytes, tell)
    given = [] if paces is None else list(paces)
    if paces is not None and len(given) != 2:
        raise UsageError(
            expected="two paces, such as (20, 80)", got=repr(paces), next="Give a quick one first."
        )
    if given and not asked.has_pace(url):
        raise UsageError(
            expected=f"{PACE} in the URL or the body, to be replaced by each pace",
            got="none",
            next=f"Write it where the app reads its pace, such as ?ms={PACE} in the URL.",
        )
    first, second = given or [None, None]
    beside = asked.send("direct", direct, first) if direct else None
    captures = [] if _left(beside) else [asked.send("path", url, first)]
    if captures and not _left(captures[-1]) and (given or pace_url):
        captures.append(asked.send("slower", pace_url or url, second))
    twice = None
    if again and captures and not _left(captures[-1]):
        twice = asked.send("again", url, first)
    if not captures:  # Ctrl-C during the direct recording
        assert beside is not None
        return judge(beside)
    return judge(captures, direct=beside, again=twice)


def _left(capture: Capture | None) -> bool:
    """Ctrl-C ended this recording, so no other begins."""
    return capture is not None and capture.note.startswith("interrupted")


class _Request:
    """What is sent each time."""

    def __init__(
        self,
        method: str | None,
        headers: dict[str, str],
        json: object,
        body: bytes | str | None,
        bearer: str | None,
        deadline: float,
        max_bytes: int,
        tell: Callable[[str], object] | None,
    ) -> None:
        self.method, self.json, self.body = method, json, body
        self.deadline, self.max_bytes, self.tell = deadline, max_bytes, tell
        self.secrets = [bearer] if bearer else []
        own = {name.lower() for name in headers if isinstance(name, str)}
        self.headers = dict(headers)
        if "accept-encoding" not in own:
            self.headers["accept-encoding"] = "gzip"
        if bearer is not None:
            self.headers["authorization"] = f"Bearer {bearer}"
        for name, value in self.headers.items():
            # Checked here too, because an error from below would show the value.
            if secret_header(str(name)) and not (value and value.isascii() and value.isprintable()):
                raise UsageError(
                    expected=f"a value of {name} in visible ASCII characters",
                    got="something else (not shown)",
                    next="Look for a line break or an empty value.",
                )

    def has_pace(self, url: str) -> bool:
        """`{pace}` is somewhere in the URL or the body."""
        said = json_module.dumps(self.json) if self.json is not None else self.body or ""
        return PACE in url or (PACE in said if isinstance(said, str) else PACE.encode() in said)

    def send(self, name: str, url: str, pace: object) -> Capture:
        """One recording, without credentials."""
        json, body = self.json, self.body
        if pace is not None:
            url = url.replace(PACE, str(pace))
            json = _filled(json, pace)
            if isinstance(body, str):
                body = body.replace(PACE, str(pace))
            elif body:
                body = body.replace(PACE.encode(), str(pace).encode())
        events = 0

        def note(chunk: Chunk, new: list[Event]) -> None:
            nonlocal events
            events += len(new)
            if self.tell:
                self.tell(f"{name}: {plural(events, 'event')}, last bytes at {chunk.at:.1f} s")

        if self.tell:
            self.tell(f"{name}: asked, waiting")
        try:
            capture = record(
                url,
                method=self.method,
                headers=self.headers,
                json=json,
                body=body,
                deadline=self.deadline,
                max_bytes=self.max_bytes,
                on_chunk=note,
            )
        except ProtocolError as error:  # no HTTP: a finding, not a failure
            if not isinstance(error.capture, Capture):
                raise
            capture = error.capture
        return redacted(capture, self.secrets)


def _filled(json: Any, pace: object) -> Any:
    """`json` with the pace in: `"{pace}"` alone becomes the value, within a text its digits."""
    if isinstance(json, dict):
        return {name: _filled(value, pace) for name, value in json.items()}
    if isinstance(json, list):
        return [_filled(value, pace) for value in json]
    if isinstance(json, str):
        return pace if json == PACE else json.replace(PACE, str(pace))
    return json
