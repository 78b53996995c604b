"""Judge the raw bytes of a vendor's stream against the shapes that were recorded from it.

The vendors' own SDKs take almost anything, so that they read a stream proves little. Here a field
too many is a finding. Nothing is shared with the provider that this judges: the shapes are written
down a second time, from recordings.

    lint("openai_chat", body)      ['chunk 3.model is missing']     nothing found: []
"""

from __future__ import annotations

from collections.abc import Callable

from . import anthropic, gemini, ollama, openai_chat, openai_responses

LINTERS: dict[str, Callable[[bytes, list[str], bool | None, bool | None], None]] = {
    "openai_chat": openai_chat.lint,
    "openai_responses": openai_responses.lint,
    "anthropic": anthropic.lint,
    "gemini": gemini.lint,
    "ollama": ollama.lint,
}


def lint(
    vendor: str, body: bytes, *, usage: bool | None = None, padded: bool | None = None
) -> list[str]:
    """What is wrong with this body, in words.

    Arguments:
        vendor: one of `LINTERS`.
        body: a whole body, without HTTP's chunks.
        usage: whether usage was asked for (OpenAI Chat only); None takes either.
        padded: whether padding is due (OpenAI, Anthropic); None takes either.
    """
    found: list[str] = []
    try:
        LINTERS[vendor](body, found, usage, padded)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        found.append(f"so far from what was recorded that the rest is not judged: {error!r}")
    return found
