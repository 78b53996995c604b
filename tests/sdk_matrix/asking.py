"""One client of each SDK for all calls, and what a call asks."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from typing import Any

from .heard import Heard

MESSAGES: Any = [{"role": "user", "content": "two words"}]
COUNTED: Any = {"include_usage": True}


class Shared:
    """One client of each SDK; entered and left on the event loop of the async ones."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        """`openai`, `openai_async`, `anthropic`, `anthropic_async`, `genai`."""
        if name not in self._made:
            if name.startswith("openai"):
                import openai

                kind = openai.AsyncOpenAI if name.endswith("async") else openai.OpenAI
                self._made[name] = kind(api_key="none", base_url="http://127.0.0.1:9")
            elif name.startswith("anthropic"):
                import anthropic

                kind = anthropic.AsyncAnthropic if name.endswith("async") else anthropic.Anthropic
                self._made[name] = kind(api_key="none", base_url="http://127.0.0.1:9")
            else:
                from google import genai

                self._made[name] = genai.Client(api_key="none")
        return self._made[name]

    def warm_up(self) -> None:
        """Make all clients now, before two threads could make the same one."""
        for name in ("openai", "anthropic"):
            for ending in ("", "_async"):
                getattr(self, name + ending)
        if importlib.util.find_spec("google") and importlib.util.find_spec("google.genai"):
            getattr(self, "genai")  # noqa: B009

    async def close(self) -> None:
        """Close them all."""
        for name, client in self._made.items():
            if name == "genai":
                await client.aio.aclose()
                client.close()
            elif name.endswith("async"):
                await client.close()
            else:
                client.close()


@dataclass
class At:
    """One call: where to, for how long, and what was heard."""

    shared: Shared
    url: str
    timeout: float = 20.0
    limit: int | None = None
    heard: Heard = field(default_factory=Heard)

    def openai(self, ending: str = "") -> Any:
        """The client for this address."""
        client = getattr(self.shared, "openai" + ending)
        return client.with_options(base_url=self.url + "/v1", timeout=self.timeout)

    def anthropic(self, ending: str = "") -> Any:
        """The client for this address."""
        client = getattr(self.shared, "anthropic" + ending)
        return client.with_options(base_url=self.url, timeout=self.timeout)

    @property
    def chat(self) -> dict[str, Any]:
        """What is asked of Chat Completions."""
        limit = {"max_completion_tokens": self.limit} if self.limit else {}
        return {"model": "m", "messages": MESSAGES, "stream_options": COUNTED, **limit}

    @property
    def responses(self) -> dict[str, Any]:
        """What is asked of Responses."""
        limit = {"max_output_tokens": self.limit} if self.limit else {}
        return {"model": "m", "input": "two words", **limit}

    @property
    def messages(self) -> dict[str, Any]:
        """What is asked of Messages."""
        return {"model": "m", "messages": MESSAGES, "max_tokens": self.limit or 100}

    @property
    def gemini(self) -> dict[str, Any]:
        """What is asked of Gemini; its timeout is in milliseconds."""
        options = {"base_url": self.url, "timeout": int(self.timeout * 1000)}
        config: Any = {"http_options": options, "max_output_tokens": self.limit}
        return {"model": "m", "contents": "two words", "config": config}

    @property
    def ollama(self) -> dict[str, Any]:
        """What is asked of Ollama."""
        options = {"num_predict": self.limit} if self.limit else {}
        return {"model": "m", "messages": MESSAGES, "stream": True, "options": options}
