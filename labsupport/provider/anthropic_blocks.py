"""The content of an Anthropic message: blocks of text, of thinking, of a tool call, in order.

One is open at a time. A cited text is a block of its own: what is said after a citation begins the
next one.
"""

from __future__ import annotations

import json
from typing import Any

from ..script import Cite, Refuse, Think, ToolCall
from .anthropic_wire import PING, event
from .parts import Fragment, Part
from .play import Play


class Blocks:
    """The block that is open, and what opens, fills and closes it.

    Attributes:
        content: all blocks with what was said in them so far, as a whole message has them.
    """

    def __init__(self, play: Play) -> None:
        self.content: list[dict[str, Any]] = []
        self._play, self._kind, self._arguments = play, "", ""

    def take(self, part: Part) -> bytes:
        """The events of one part; empty for what is not shown."""
        if isinstance(part, str):
            end = self.close() if self._kind == "text" and "citations" in self._block else b""
            return end + self._say("text", "text_delta", "text", part)
        if isinstance(part, Think):
            return self._say("thinking", "thinking_delta", "thinking", part.text)
        if isinstance(part, ToolCall):
            begin = self.close() + self._open("tool_use", part.name)
            return begin + self._delta("input_json_delta", partial_json="")
        if isinstance(part, Fragment):
            self._arguments += part.text
            return self._delta("input_json_delta", partial_json=part.text)
        if isinstance(part, Cite):
            return self._cite(part)
        assert isinstance(part, Refuse)
        return b""

    def close(self) -> bytes:
        """The end of the open block, if there is one."""
        if not self._kind:
            return b""
        end = b""
        if self._kind == "thinking":
            signature = self._play.name("", 64, of=f"signature {self._index}")
            self._block["signature"] = signature
            end = self._delta("signature_delta", signature=signature)
        elif self._kind == "tool_use":
            self._block["input"] = _object(self._arguments)
        self._kind = ""
        return end + event(self._play, "content_block_stop", index=self._index)

    @property
    def _index(self) -> int:
        return len(self.content) - 1

    @property
    def _block(self) -> dict[str, Any]:
        return self.content[-1]

    def _say(self, kind: str, delta: str, name: str, text: str) -> bytes:
        begin = self._open(kind)
        self._block[name] += text
        return begin + self._delta(delta, **{name: text})

    def _cite(self, cite: Cite) -> bytes:
        citation = {
            "type": "char_location",
            "cited_text": cite.quote,
            "document_index": 0,
            "document_title": cite.title,
            "start_char_index": 0,
            "end_char_index": len(cite.quote),
            "file_id": None,
        }
        begin = self._open("text")
        self._block.setdefault("citations", []).append(citation)
        return begin + self._delta("citations_delta", citation=citation)

    def _open(self, kind: str, name: str = "") -> bytes:
        if kind == self._kind:
            return b""
        end = self.close()
        self._kind = kind
        if kind == "text":
            block: dict[str, Any] = {"type": kind, "text": ""}
        elif kind == "thinking":
            block = {"type": kind, "thinking": "", "signature": ""}
        else:
            self._arguments = ""
            call = self._play.name("toolu_", of=len(self._play.answer.calls) - 1)
            block = {"type": kind, "id": call, "name": name, "input": {}}
        self.content.append(block)
        begin = event(self._play, "content_block_start", index=self._index, content_block=block)
        return end + begin + (PING if self._index == 0 else b"")

    def _delta(self, kind: str, **fields: Any) -> bytes:
        delta = {"type": kind, **fields}
        return event(self._play, "content_block_delta", index=self._index, delta=delta)


def _object(arguments: str) -> Any:
    try:
        return json.loads(arguments or "{}")
    except ValueError:  # cut off by a token limit
        return {}
