"""`Finding`: the verdict, its cause, the evidence and the next thing to do, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ..wire import Capture
from .culprits import Candidate
from .observe import Seen

__all__ = ["Finding", "named"]


@dataclass(frozen=True, repr=False)
class Finding:
    """What a probe found. Made by `probe` and `judge`; `repr` is the same in every run.

    Arguments:
        verdict: `streamed`, `held until 4096 bytes` and so on; see `labsupport.probe`.
        held: True if something between the generator and you holds, cuts or replays; False if
            the path surely does not; None if that cannot be told.
        culprit: the short name of the likeliest cause, such as `nginx-buffering`; may be empty.
        cause: the likeliest cause, in words.
        evidence: what speaks for it, strongest first.
        next: what to change, or to try.
        candidates: everybody who may be the cause, the likeliest first.
        captures: what was judged, through the path.
        direct, again: what it was compared with.
        seen: the numbers of the first capture.
    """

    verdict: str
    held: bool | None
    culprit: str
    cause: str
    evidence: tuple[str, ...]
    next: str
    candidates: tuple[Candidate, ...] = ()
    captures: tuple[Capture, ...] = field(default=(), compare=False)
    direct: Capture | None = field(default=None, compare=False)
    again: Capture | None = field(default=None, compare=False)
    seen: Seen | None = field(default=None, compare=False)

    @property
    def streamed(self) -> bool:
        """The events were proved to come as they are made. `cannot tell` is not proof."""
        return self.verdict == "streamed"

    @property
    def details(self) -> str:
        """The verdict with everything that was seen, times included."""
        from .report import details

        return details(self)

    def as_dict(self) -> dict[str, Any]:
        """The same for machines; the keys are in `labsupport.probe`."""
        from .report import as_dict

        return as_dict(self)

    def with_captures(
        self,
        captures: tuple[Capture, ...],
        direct: Capture | None,
        again: Capture | None,
        seen: Seen,
    ) -> Finding:
        """The same finding with what it was made of."""
        return replace(self, captures=captures, direct=direct, again=again, seen=seen)

    def after(self, first: Finding) -> Finding:
        """This finding, when `first` was true until then."""
        return replace(
            self,
            evidence=(*self.evidence, f"before that: {first.verdict} ({first.cause})"),
            candidates=self.candidates + first.candidates,
        )

    def __repr__(self) -> str:
        from .report import short

        return short(self)

    def _repr_html_(self) -> str:
        from .report import page

        return page(self)


def named(
    verdict: str, held: bool | None, who: tuple[Candidate, ...], words: tuple[str, ...] = ()
) -> Finding:
    """A finding whose cause is the likeliest of `who`."""
    if not who:
        return Finding(verdict, held, "", "nobody known does this", words, "Probe with --direct.")
    evidence = tuple(dict.fromkeys(words + who[0].evidence))
    return Finding(verdict, held, who[0].culprit, who[0].cause, evidence, who[0].change, who)
