"""What a dialect is handed, part by part, and the answer that the parts make together."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..script import Cite, Fail, Finish, Ping, Raw, Refuse, Think, ToolCall


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a tool call's arguments: one token."""

    text: str


TOKENS = (str, Think, Refuse, Fragment)
"""Each of these is one token."""

ENDS = (Finish, Fail)
"""Nothing follows these."""

Part = str | Think | ToolCall | Fragment | Refuse | Cite | Ping | Raw | Finish | Fail


@dataclass
class Answer:
    """What was said so far, put together: what a dialect says at the end, or in one body."""

    text: str = ""
    thought: str = ""
    refusal: str = ""
    calls: list[tuple[ToolCall, str]] = field(default_factory=list)
    citations: list[Cite] = field(default_factory=list)
    end: Finish | Fail = field(default_factory=Finish)

    def add(self, part: Part) -> None:
        """Take in one part."""
        if isinstance(part, str):
            self.text += part
        elif isinstance(part, Think):
            self.thought += part.text
        elif isinstance(part, Refuse):
            self.refusal += part.text
        elif isinstance(part, ToolCall):
            self.calls.append((part, ""))
        elif isinstance(part, Fragment):
            call, said = self.calls[-1]
            self.calls[-1] = (call, said + part.text)
        elif isinstance(part, Cite):
            self.citations.append(part)
        elif isinstance(part, Finish | Fail):
            self.end = part
