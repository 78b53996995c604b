"""Everything that a provider can say in a stream, to be judged in all five dialects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from labsupport import record, serve
from labsupport.provider import Provider
from labsupport.script import (
    Cite,
    Fail,
    Finish,
    Ping,
    Refuse,
    Script,
    Think,
    ToolCall,
)

SAID = [{"role": "user", "content": "Is the soup ready?"}]
CONTENTS = [{"role": "user", "parts": [{"text": "Is the soup ready?"}]}]
SHOW = {"thinkingConfig": {"includeThoughts": True}}
ASKS: dict[str, tuple[str, dict[str, Any]]] = {
    "openai_chat": ("/v1/chat/completions", {"messages": SAID, "stream": True}),
    "openai_responses": ("/v1/responses", {"input": "Is the soup ready?", "stream": True}),
    "anthropic": ("/v1/messages", {"messages": SAID, "max_tokens": 100, "stream": True}),
    "gemini": (
        "/v1/models/soup-1:streamGenerateContent?alt=sse",
        {"contents": CONTENTS, "generationConfig": SHOW},
    ),
    "ollama": ("/api/chat", {"messages": SAID}),
}
"""For each vendor: the path, and what is asked."""

OPENAI = ("openai_chat", "openai_responses")
WEATHER = ToolCall("weather", '{"city": "Paris"}')


@dataclass(frozen=True)
class Scenario:
    """A script and what is asked besides; `only` for these vendors."""

    script: Script
    cached: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] = tuple(ASKS)


USAGE = {"stream_options": {"include_usage": True}}
PLAIN = {"stream_options": {"include_obfuscation": False}}
LIMITS: dict[str, dict[str, Any]] = {
    "openai_chat": {"max_completion_tokens": 3},
    "openai_responses": {"max_output_tokens": 3},
    "anthropic": {"max_tokens": 3},
    "gemini": {"generationConfig": SHOW | {"maxOutputTokens": 3}},
    "ollama": {"options": {"num_predict": 3}},
}
SCENARIOS: dict[str, Scenario] = {
    "ok": Scenario(Script("Hel", "lo", ' "süß" <\u2028\n>', " 🍜")),
    "nothing said": Scenario(Script()),
    "cached": Scenario(Script("Hel", "lo"), cached=2),
    "tools": Scenario(Script("Let me see.", WEATHER, ToolCall("time"))),
    "tools alone": Scenario(Script(WEATHER)),
    "thinking": Scenario(Script(Think("hm"), Think(" so"), "yes", "!")),
    "thinking, tools": Scenario(Script(Think("hm"), WEATHER, WEATHER)),
    "thinking twice": Scenario(Script(Think("hm"), "yes", Think("or"), "no")),
    "citations": Scenario(Script("Süß", Cite("Süß"), " soup", Cite("soup", "Card"), ".")),
    "refusal": Scenario(Script(Refuse("I can"), Refuse(" not."))),
    "refusal later": Scenario(Script("Well", Refuse("No"))),
    "filter": Scenario(Script(Finish("blocked"))),
    "filter later": Scenario(Script("Well", Finish("blocked"))),
    "length": Scenario(Script("a", "b", Finish("length"))),
    "length in a call": Scenario(Script("a", WEATHER)),
    "pings": Scenario(Script(Ping(), "a", Ping(), "b", Ping())),
    "error": Scenario(Script("Hel", Fail())),
    "error at once": Scenario(Script(Fail("out of soup", 500)), only=tuple(ASKS)[:4]),
    "error in thought": Scenario(Script(Think("hm"), Fail())),
    "error in a call": Scenario(Script(WEATHER, Fail())),
    "error, flat": Scenario(Script("a", Fail(form="flat")), only=("openai_responses",)),
    "error, failed": Scenario(Script("a", Fail(form="failed")), only=("openai_responses",)),
    "usage": Scenario(Script("Hel", "lo"), cached=1, options=USAGE, only=("openai_chat",)),
    "usage, thinking": Scenario(Script(Think("h"), "yes"), options=USAGE, only=("openai_chat",)),
    "no obfuscation": Scenario(Script("a", WEATHER), options=PLAIN, only=OPENAI),
}


def stream(name: str, vendor: str) -> bytes:
    """The body that a provider sends in this scenario."""
    scenario = SCENARIOS[name]
    path, asked = ASKS[vendor]
    body = {"model": "soup-1"} | asked | scenario.options
    if name == "length in a call":
        body |= LIMITS[vendor]
    with serve(Provider(scenario.script, cached=scenario.cached).app) as server:
        return record(server.url + path, json=body).body


def expected(name: str, vendor: str) -> dict[str, bool]:
    """What the linter may hold the stream to."""
    options = SCENARIOS[name].options.get("stream_options", {})
    due = {"padded": options.get("include_obfuscation", True)}
    return due | {"usage": "include_usage" in options} if vendor == "openai_chat" else due
