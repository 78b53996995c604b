"""Tool calls for the dialects that send them whole: Gemini and Ollama."""

from __future__ import annotations

import json
from typing import Any

from ..script import ToolCall
from .parts import Fragment, Part
from .play import Play


def finished(play: Play, part: Part) -> bool:
    """Whether with this part the last tool call has all of its arguments."""
    if not isinstance(part, ToolCall | Fragment):
        return False
    call, said = play.answer.calls[-1]
    return said == call.arguments


def arguments(said: str) -> dict[str, Any] | None:
    """The arguments as an object; None if they are none, as when a limit cut them off."""
    try:
        value = json.loads(said or "{}")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
