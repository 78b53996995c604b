"""Where a proxy's requests go, and what stands in the way: the same for all its connections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError
from ..faults import Fault
from ..presets.plan import Preset
from .cache import Cache
from .fields import Target


@dataclass(frozen=True)
class Route:
    """Made once for each proxy.

    Arguments:
        target: where requests go.
        preset: a program's manners; the plain `Preset()` has none.
        before, after: faults on the upstream's side and on the client's side of the preset.
        cache: what the preset keeps.
        turns: the cork that wrote last, as the only item.
        used: whether an exchange has left a connection that a real proxy would use again.
    """

    target: Target
    preset: Preset = Preset()
    before: tuple[Fault, ...] = ()
    after: tuple[Fault, ...] = ()
    cache: Cache = field(default_factory=Cache)
    turns: list[Any] = field(default_factory=lambda: [None])
    used: list[bool] = field(default_factory=lambda: [False])

    @classmethod
    def of(cls, target: Target, faults: Sequence[Fault | Preset]) -> Route:
        """Sort faults from a preset. Raises `UsageError` for two presets, or something else."""
        before: list[Fault] = []
        after: list[Fault] = []
        preset: Preset | None = None
        for fault in faults:
            if isinstance(fault, type):
                raise _no_fault(f"the class {fault.__name__}", f"Write {fault.__name__}(...).")
            if isinstance(fault, Preset):
                if preset:
                    raise UsageError(
                        expected="one preset a proxy",
                        got=f"{preset!r} and {fault!r}",
                        next="Chain two: Proxy(Proxy(url, nginx()).url, haproxy()), each started.",
                    )
                preset = fault
            elif callable(getattr(fault, "apply", None)):
                (after if preset else before).append(fault)
            else:
                raise _no_fault(repr(fault), "Import one from labsupport.faults, or write one.")
        return cls(target, preset or Preset(), tuple(before), tuple(after))


def _no_fault(got: str, next: str) -> UsageError:
    return UsageError(expected="a fault, such as Split(1)", got=got, next=next)
