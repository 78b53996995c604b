"""Streamed, held, or not to be told: by a direct capture, by two paces, or by one alone."""

from __future__ import annotations

from ..wire import Ending
from .culprits import Candidate, rank
from .finding import Finding, named
from .observe import Seen
from .shapes import Shape, find, merged, one_burst

__all__ = ["compared"]

PROVE = (
    "Probe with --direct URL-OF-THE-APP, or with {pace} in the URL or body where the app lets "
    "you set its pace."
)
MEND = (
    "Mend the app first: yield each event as it is made, with nothing that collects them "
    "(a list, a middleware, a call that blocks)."
)
APP = Candidate("app", "the app itself sends its events so", (), MEND, 0)


def compared(path: Seen, direct: Seen | None, slow: Seen | None) -> Finding:
    """Streamed, held, or not to be told."""
    if direct:
        return _beside(path, direct)
    if slow:
        return _paced(path, slow)
    return _alone(path)


def _beside(path: Seen, direct: Seen) -> Finding:
    """The path against the app without it."""
    if not direct.is_stream or direct.events < 3:
        alone = _alone(path)
        got = f"status {direct.status}, {direct.events} events" if direct.status else "no answer"
        return alone if alone.held else Finding(
            "cannot tell", None, "", "the direct URL shows no stream to compare with",
            (f"direct: {got}",), "Check the direct URL; it gets the same request.",
        )  # fmt: skip
    if one_burst(direct):
        return Finding(
            "not streamed by the app", False, "app",
            "the app sends its events all at once, also without the path",
            (f"direct: {_lumps(direct)}", f"path: {_lumps(path)}"), MEND,
        )  # fmt: skip
    words = (f"direct: {_lumps(direct)}; path: {_lumps(path)}",)
    if not path.events:
        waited = path.ending in (Ending.TIMED_OUT, Ending.STOPPED)
        shape = Shape("end" if waited else "some")
        return _held(shape, path, words, "held longer than we waited" if waited else "")
    shape = find(path, sure=True)
    cut = shape.kind in ("first", "size") and find(direct).kind != shape.kind
    lumped = path.per_burst >= 2 * direct.per_burst or one_burst(path)
    if path.events >= 3 and (cut or lumped):
        return _held(shape if shape.kind != "none" else Shape("some"), path, words)
    return _streamed(words, "the path adds nothing to what the app does")


def _paced(quick: Seen, slow: Seen) -> Finding:
    """One path at two paces of the generator."""
    first, second = (quick, slow) if quick.took <= slow.took else (slow, quick)
    if not second.is_stream or min(first.events, second.events) < 3:
        return _alone(first)
    shape = find(first, sure=True)
    if shape.kind == "none":
        return _streamed(("event by event at both paces",))
    if second.took < 1.3 * first.took:
        return Finding(
            "cannot tell", None, "", "the pace changed nothing", (_lumps(first),),
            "Check that {pace} reaches the app, or use --direct.", (*rank(shape, first), APP),
        )  # fmt: skip
    if one_burst(first) and one_burst(second):
        words = "all together at both paces, and later at the slower one"
        return _held(shape, first, (words,), others=(APP,))
    if second.per_burst < 0.75 * first.per_burst:
        if shape.kind not in ("cork", "segment"):
            shape = find(second, sure=True)
        timed = shape if shape.kind == "cork" else Shape("some")
        words = "it waits for time: at the slower pace fewer events come together"
        return _held(timed, first, (words,), others=(APP,))
    words = "it waits for bytes: as many events come together at both paces"
    return _held(shape, first, (words,), others=(APP,))


def _alone(seen: Seen) -> Finding:
    """One capture, with nothing beside it."""
    shape = find(seen)
    if shape.kind in ("size", "cork", "segment", "gzip", "first"):
        return _held(shape, seen)
    if not seen.readable:
        return Finding(
            "cannot tell", None, "", f"the body is {seen.encoding}, which cannot be undone here",
            (), "Probe again with -H 'Accept-Encoding: identity'.",
        )  # fmt: skip
    if seen.events < 2:
        what = "one event" if seen.events else "no event"
        return Finding(
            "cannot tell", None, "", f"{what} shows no flow", (),
            "Ask for a longer answer, or give it longer with --deadline.",
        )  # fmt: skip
    if shape.kind == "none":
        return _streamed(("events came one by one, as they were made",))
    return Finding(
        "cannot tell", None, "",
        "one capture cannot tell a path that holds from an app that sends its events so",
        (_lumps(seen),), PROVE, (*rank(shape, seen), APP),
    )  # fmt: skip


def _held(
    shape: Shape,
    seen: Seen,
    words: tuple[str, ...] = (),
    verdict: str = "",
    others: tuple[Candidate, ...] = (),
) -> Finding:
    known = {
        "size": f"held until {shape.size} bytes",
        "first": f"held until {shape.size} bytes",
        "end": "held until the end",
        "cork": "corked for about 200 ms",
        "segment": "corked until a TCP segment is full",
        "gzip": "compressed and held",
    }
    verdict = verdict or known.get(shape.kind, "held in lumps")
    return named(verdict, True, (*rank(shape, seen), *others), words or shape.words)


def _streamed(words: tuple[str, ...], cause: str = "nothing holds the events back") -> Finding:
    return Finding("streamed", False, "", cause, words, "")


def _lumps(seen: Seen) -> str:
    """How the events came, in words that do not vary from run to run."""
    if not seen.events:
        return "no event"
    if one_burst(seen):
        late = (seen.first_event or 0) > 0.5 * seen.ended_at
        return "all events in one burst" + (", at the end" if late else "")
    return "events in lumps" if merged(seen) else "event by event"
