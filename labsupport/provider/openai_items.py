"""The items of OpenAI's Responses: a message, a tool call, a piece of reasoning.

Each is added, filled by deltas, and done; a message has parts inside that are added and done too.
Every method gives events as (name, fields) in the order in which they go out.
"""

from __future__ import annotations

from typing import Any

from ..script import Cite, Refuse, Think, ToolCall
from .openai_wire import BLOCK, stream_options
from .parts import Fragment, Part
from .play import Play

Events = list[tuple[str, dict[str, Any]]]

TEXT, REFUSAL, CALL, THOUGHT = "output_text", "refusal", "function_call", "reasoning"
DELTAS = {
    TEXT: "response.output_text",
    REFUSAL: "response.refusal",
    CALL: "response.function_call_arguments",
    THOUGHT: "response.reasoning_summary_text",
}


class Items:
    """The item that is open, and those that are done.

    Attributes:
        done: the finished items, as the whole response lists them at its end.
    """

    def __init__(self, play: Play) -> None:
        self.done: list[dict[str, Any]] = []
        self._play, self._item, self._kind = play, dict[str, Any](), ""
        self._part, self._said, self._from = dict[str, Any](), "", 0

    def take(self, part: Part) -> Events:
        """The events of one part."""
        if isinstance(part, str):
            return self._open(TEXT) + self._delta(part, logprobs=[])
        if isinstance(part, Refuse):
            return self._open(REFUSAL) + self._delta(part.text)
        if isinstance(part, Think):
            return self._open(THOUGHT) + self._delta(part.text)
        if isinstance(part, ToolCall):
            return self.close() + self._open(CALL, part)
        if isinstance(part, Fragment):
            return self._delta(part.text)
        assert isinstance(part, Cite)
        return self._open(TEXT) + self._cite(part)

    def close(self, status: str = "completed") -> Events:
        """The end of the open item, if there is one."""
        if not self._kind:
            return []
        events = self._close_part()
        self._item["status"] = status
        if self._kind == THOUGHT:
            del self._item["status"]
        events.append(("response.output_item.done", {**self._place, "item": self._item}))
        self.done.append(self._item)
        self._kind = ""
        return events

    @property
    def _place(self) -> dict[str, int]:
        return {"output_index": len(self.done)}

    @property
    def _inside(self) -> dict[str, Any]:
        """Where a delta belongs."""
        place: dict[str, Any] = {"item_id": self._item["id"], **self._place}
        if self._kind in (TEXT, REFUSAL):
            place["content_index"] = len(self._item["content"])
        elif self._kind == THOUGHT:
            place["summary_index"] = 0
        return place

    def _open(self, kind: str, call: ToolCall | None = None) -> Events:
        if kind == self._kind:
            return []
        spoken = (TEXT, REFUSAL)
        if kind in spoken and self._kind in spoken:  # another part of the same message
            events = self._close_part()
            self._kind = kind
            return events + self._open_part()
        events = self.close()
        index, self._kind = len(self.done), kind
        if kind == CALL and call:
            name = self._play.name
            self._item = {"id": name("fc_", 48, of=index), "type": CALL, "status": "in_progress"}
            self._item |= {"arguments": "", "call_id": name("call_", of=index), "name": call.name}
        elif kind == THOUGHT:
            self._item = {"id": self._play.name("rs_", 48, of=index), "type": THOUGHT}
            self._item |= {"summary": []}
        else:
            self._item = {"id": self._play.name("msg_", 48, of=index), "type": "message"}
            self._item |= {"status": "in_progress", "content": [], "role": "assistant"}
        shown = {key: [] if value == [] else value for key, value in self._item.items()}
        events.append(("response.output_item.added", {**self._place, "item": shown}))
        return events + self._open_part()

    def _open_part(self) -> Events:
        self._said, self._from = "", 0
        if self._kind == CALL:
            return []
        if self._kind == THOUGHT:
            self._part = {"type": "summary_text", "text": ""}
            name = "response.reasoning_summary_part.added"
        elif self._kind == TEXT:
            self._part = {"type": TEXT, "text": "", "annotations": [], "logprobs": []}
            name = "response.content_part.added"
        else:
            self._part = {"type": REFUSAL, "refusal": ""}
            name = "response.content_part.added"
        shown = {key: [] if value == [] else value for key, value in self._part.items()}
        return [(name, {**self._inside, "part": shown})]

    def _delta(self, text: str, **fields: Any) -> Events:
        self._said += text
        told = {**self._inside, "delta": text, **fields}
        if stream_options(self._play).get("include_obfuscation", True):
            told["obfuscation"] = self._play.letters(-len(text) % BLOCK)
        return [(f"{DELTAS[self._kind]}.delta", told)]

    def _cite(self, cite: Cite) -> Events:
        notes = self._part["annotations"]
        note: dict[str, Any] = {"type": "url_citation", "url": cite.url, "title": cite.title}
        note |= {"start_index": self._from, "end_index": len(self._said)}
        self._from = len(self._said)
        notes.append(note)
        told = {**self._inside, "annotation_index": len(notes) - 1, "annotation": note}
        return [("response.output_text.annotation.added", told)]

    def _close_part(self) -> Events:
        name = {TEXT: "text", REFUSAL: "refusal", CALL: "arguments", THOUGHT: "text"}[self._kind]
        told = {**self._inside, name: self._said}
        if self._kind == TEXT:
            told["logprobs"] = []
        events: Events = [(f"{DELTAS[self._kind]}.done", told)]
        if self._kind == CALL:
            self._item["arguments"] = self._said
            return events
        self._part[name] = self._said
        group = "reasoning_summary_part" if self._kind == THOUGHT else "content_part"
        events.append((f"response.{group}.done", {**self._inside, "part": self._part}))
        self._item["summary" if self._kind == THOUGHT else "content"].append(self._part)
        return events
