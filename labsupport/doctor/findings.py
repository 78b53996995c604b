"""What a check saw, and all of them together."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MARKS = {"fine": "✓", "look": "!", "mend": "✗"}


@dataclass(frozen=True)
class Finding:
    """What one check saw.

    Arguments:
        state: `fine`, `look` (works, but you may be surprised) or `mend` (the course will fail).
        name: what was looked at, in words that do not vary between healthy machines.
        detail: versions, ports and other things that do vary.
        next: what to do; empty if it is fine.
        optional: True for what a healthy machine may lack or have; left out of `repr`.
    """

    state: str
    name: str
    detail: str = ""
    next: str = ""
    optional: bool = False

    def __str__(self) -> str:
        return f"{MARKS[self.state]} {self.name}" + (f"\n  next: {self.next}" if self.next else "")


@dataclass(frozen=True, repr=False)
class Checkup:
    """All findings. `ready` is False if something must be mended."""

    findings: tuple[Finding, ...]

    @property
    def ready(self) -> bool:
        """True if the course will work here."""
        return all(finding.state != "mend" for finding in self.findings)

    @property
    def details(self) -> str:
        """The findings with versions, ports and optional tools."""
        lines = [f"{f}\n  {f.detail}" if f.detail else str(f) for f in self.findings]
        return "\n".join([*lines, "", self._verdict()])

    def as_dict(self) -> dict[str, Any]:
        """The same for machines: `ready` and a list of findings."""
        return {"ready": self.ready, "findings": [asdict(finding) for finding in self.findings]}

    def _verdict(self) -> str:
        return "Ready for the course." if self.ready else "Not ready: mend what is marked ✗."

    def __repr__(self) -> str:
        shown = [str(finding) for finding in self.findings if not finding.optional]
        return "\n".join([*shown, "", self._verdict()])
