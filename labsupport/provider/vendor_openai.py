"""OpenAI's Chat Completions from the reader's side: what a vendor says, as steps, and its prompt.

Written against recorded streams, as `openai_chat` is from the other side. Reasoning has no field of
OpenAI's own here; DeepSeek and vLLM say `reasoning_content`, Ollama and OpenRouter `reasoning`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..script import Fail, Reason, Refuse, Step, Think, ToolCall
from ..sse import Decoder
from .asked import _texts

ENDS: dict[str, Reason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool",
    "function_call": "tool",
    "content_filter": "blocked",
}
"""The vendor's reasons to end, in our words. One that is not here is taken for `stop`."""

ROLES = {"system": "system", "developer": "system", "assistant": "assistant", "model": "assistant"}
"""Who said it, in the words that every OpenAI-like vendor knows. All others are the user."""


class Reading:
    """The vendor's bytes, as steps.

    Attributes:
        reason: why it ended, once it said so. done: nothing more will come. count: pieces so far.
    """

    def __init__(self) -> None:
        self.reason: Reason | None = None
        self.done, self.count = False, 0
        self._decoder = Decoder()
        self._calls: dict[int, list[str]] = {}

    def read(self, chunk: bytes) -> Iterator[Step]:
        """The steps that these bytes complete; a `Fail` is the last."""
        for event in self._decoder.feed(chunk):
            if event.data == "[DONE]":
                self.done = True
                return
            try:
                told = json.loads(event.data)
            except ValueError:
                yield Fail(f"the vendor sent what is not JSON: {event.data[:80]!r}", 502)
                return
            if not isinstance(told, dict) or told.get("error"):
                yield Fail(error_words(told) or f"the vendor sent {event.data[:80]!r}", 502)
                return
            for choice in (told.get("choices") or [])[:1]:
                for step in self._choice(choice):
                    self.count += 1
                    yield step

    def _choice(self, choice: dict[str, Any]) -> Iterator[Step]:
        delta = choice.get("delta") or {}
        if thought := delta.get("reasoning_content") or delta.get("reasoning"):
            yield Think(thought)
        if text := delta.get("content"):
            yield str(text)
        if refusal := delta.get("refusal"):
            yield Refuse(refusal)
        for part in delta.get("tool_calls") or []:
            function = part.get("function") or {}
            call = self._calls.setdefault(part.get("index", 0), ["", ""])
            call[0] += function.get("name") or ""
            call[1] += function.get("arguments") or ""
        if reason := choice.get("finish_reason"):
            self.reason = ENDS.get(reason, "stop")
            for name, arguments in self._calls.values():
                yield ToolCall(name, arguments)
            self._calls.clear()


def messages(body: Mapping[str, Any]) -> list[dict[str, str]]:
    """A prompt in any dialect, as OpenAI's `messages` with text only; empty if there is none.

    >>> messages({"system": "Be brief.", "messages": [{"role": "user", "content": "Soup?"}]})
    [{'role': 'system', 'content': 'Be brief.'}, {'role': 'user', 'content': 'Soup?'}]
    """
    found = [("system", body.get(name)) for name in ("system", "instructions", "systemInstruction")]
    for name in ("messages", "input", "contents", "prompt"):
        value = body.get(name)
        for one in value if isinstance(value, list) else [value]:
            role = one.get("role") if isinstance(one, Mapping) else None
            found.append((ROLES.get(str(role), "user"), one))
    said = [(role, "".join(_texts(value))) for role, value in found]
    return [{"role": role, "content": text} for role, text in said if text]


def error_words(told: Any) -> str:
    """The words of an error's body: {"error": {"message": ...}} or {"error": ...}."""
    error = told.get("error") if isinstance(told, Mapping) else None
    said = error.get("message") if isinstance(error, Mapping) else error
    return said if isinstance(said, str) else ""
