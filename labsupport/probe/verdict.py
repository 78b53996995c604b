"""From what was seen to a verdict: `judge` compares captures, and no clock runs here.

Rule 1: with a direct capture, the path is held to what the app did without it.
Rule 2: with two paces, what keeps its bytes waits for bytes, what keeps its time waits for time.
Rule 3: with one capture alone, only what nothing else would do is called a hold; else the
    verdict is `cannot tell`, and says what would.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import UsageError
from ..wire import Capture, Ending
from .comparing import compared
from .endings import cut, late_status, round_seconds
from .finding import Finding, named
from .observe import Seen, observe
from .shapes import one_burst

__all__ = ["judge"]


def judge(
    captures: Capture | Sequence[Capture],
    *,
    direct: Capture | None = None,
    again: Capture | None = None,
) -> Finding:
    """The verdict on captures that were made before, such as saved ones.

    Arguments:
        captures: one through the path; or two, the second with a slower generator.
        direct: one of the same request to the app itself, without the path.
        again: one of the same request through the path, sent a second time.

    Returns a `Finding`. Raises `UsageError` for no capture, or more than two.

    >>> from labsupport.wire import capture_of
    >>> judge(capture_of([b"data: a\\n\\n", b"data: b\\n\\n", b"data: c\\n\\n"]))
    streamed
    cause     nothing holds the events back
    evidence  events came one by one, as they were made
    """
    given: list[Capture] = []
    if isinstance(captures, Capture):
        given = [captures]
    elif isinstance(captures, Sequence):
        given = list(captures)
    if not 1 <= len(given) <= 2 or not all(isinstance(one, Capture) for one in given):
        raise UsageError(
            expected="one Capture, or two with different paces",
            got=repr(captures)[:80],
            next="Pass what record returned, as in judge(record(url)).",
        )
    path = observe(given[0])
    beside = observe(direct) if direct else None
    twice = observe(again) if again else None
    found = _no_stream(path) or _replayed(given[0], path, again, twice, direct, beside)
    found = found or compared(path, beside, observe(given[1]) if len(given) > 1 else None)
    found = _ended(path, found)
    return found.with_captures(tuple(given), direct, again, path)


def _no_stream(seen: Seen) -> Finding | None:
    """Why there are no events to judge, if there are none."""
    kind = seen.headers.get("content-type", "no Content-Type")
    if seen.broken:
        words = (f"the first line was {seen.broken}",)
        return Finding("no stream", False, "", "the answer is not HTTP/1.1", words, (
            "Check the port; write https:// for a server that speaks TLS."))  # fmt: skip
    if seen.status is None:
        if seen.ending is Ending.TIMED_OUT or seen.ending is Ending.STOPPED:
            return Finding("no answer", None, "", "no response head came", (seen.note,), (
                "Give it longer with --deadline; a held head looks like this too."))  # fmt: skip
        return _cut(seen)
    if seen.is_stream:
        return None
    if who := late_status(seen):
        return named(f"timed out after {round_seconds(seen.head_at or 0)} s", None, who)
    said = (f"status {seen.status}, {kind}",)
    if seen.status >= 400 or 300 <= seen.status < 400:
        where = seen.headers.get("location")
        next = f"Probe {where}." if where else "Mend the request: method, headers, body, token."
        return Finding("no stream", False, "", "the answer is an error or a redirect", said, next)
    return Finding("no stream", False, "", "the answer is no event stream", said, (
        'Ask for a stream (many APIs want "stream": true in the body), or send the head with '
        "Content-Type: text/event-stream."))  # fmt: skip


def _replayed(
    one: Capture,
    seen: Seen,
    again: Capture | None,
    twice: Seen | None,
    direct: Capture | None,
    beside: Seen | None,
) -> Finding | None:
    """A cache answered, if so."""
    words: list[str] = []
    if again and twice and twice.events > 2 and again.body == one.body:
        if twice.took <= 0.1 * seen.took:
            words.append("the same request again got the same bytes, all at once")
    if direct and beside and beside.events > 2 and direct.body == one.body:
        if seen.took <= 0.1 * beside.took:
            words.append("the app takes its time, and the same bytes came all at once")
    hits = _hits(seen) if one_burst(seen) else []
    if not words and not hits:
        return None
    return Finding(
        "replayed from a cache", True, "cache",
        "a cache answers with what another visitor's request brought",
        tuple(words + hits + (_hits(twice) if twice else [])),
        "Let the app send Cache-Control: no-store with every stream (in Varnish: return (pass); "
        "in nginx: proxy_cache off).",
    )  # fmt: skip


def _hits(seen: Seen) -> list[str]:
    """Headers with which a cache says that it answered."""
    found = []
    for name in ("x-cache", "cf-cache-status", "x-cache-status", "x-proxy-cache"):
        if "hit" in seen.headers.get(name, "").lower():
            found.append(f"{name}: {seen.headers[name]}")
    age = seen.headers.get("age", "")
    # A cache that fetches all before it answers counts that time too (RFC 9111, 4.2.3).
    if age.isdecimal() and int(age) > seen.took + 1:
        found.append(f"age: {age}")
    if len(seen.headers.get("x-varnish", "").split()) == 2:
        found.append("x-varnish has two numbers: a hit")
    return found


def _cut(seen: Seen) -> Finding:
    who = cut(seen)
    at = round_seconds(seen.ended_at)
    shown = at if at else round(seen.ended_at, 1)
    return named(f"cut off after {shown} s", True if seen.is_stream else None, who)


def _ended(seen: Seen, found: Finding) -> Finding:
    """The same finding, unless the stream was cut: that is the worse news."""
    if seen.ending not in (Ending.TRUNCATED, Ending.RESET) or not seen.is_stream:
        return found
    cut_off = _cut(seen)
    return cut_off.after(found) if found.held else cut_off
