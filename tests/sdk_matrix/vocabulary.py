"""Words that many rows of `expected` share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import version


@dataclass(frozen=True)
class Since:
    """Other words from a version of an SDK on, such as (2, 10)."""

    package: str
    first: tuple[int, ...]
    then: str
    before: str | Since

    def words(self) -> str:
        """Those for the version that is installed."""
        numbers = re.findall(r"\d+", version(self.package))
        if tuple(map(int, numbers[:3])) >= self.first:
            return self.then
        return self.before.words() if isinstance(self.before, Since) else self.before


OK = {
    "chat": '"Hello", stop, 2+2 tokens',
    "responses": '"Hello", completed, 2+2 tokens',
    "messages": '"Hello", end_turn, 2+2 tokens',
    "gemini": '"Hello", STOP, 2+2 tokens',
    "ollama": '"Hello", stop, 2+2 tokens',
}
Words = str | Since
GEMINI_BREAKS = '"Hel", genai.UnknownApiResponseError, 2+1 tokens'
GEMINI_BREAKS_AT_ONCE = "genai.UnknownApiResponseError"
JSON_BREAKS = '"Hel", json.JSONDecodeError'
HEL = '"Hel", '
CALL = 'get_weather({"city": "Paris"}), '


def transport(error: str, wrapped: str = "APIConnectionError") -> dict[str, Words]:
    """The connection fails in the middle."""
    raw = Since("openai", (3,), f"{HEL}httpx2.{error}", f"{HEL}httpx.{error}")
    return {
        "openai": Since("openai", (3, 14), f"{HEL}openai.{wrapped} from httpx2.{error}", raw),
        "messages": f"{HEL}httpx2.{error}, 2+1 tokens",
        "gemini sync": f"{HEL}httpx2.{error}, 2+1 tokens",
        "gemini async": f"{HEL}aiohttp.ClientPayloadError, 2+1 tokens",
        "ollama": f"{HEL}httpx.{error}",
    }


def refused(openai: str, anthropic: str, status: int, attempts: str = "") -> dict[str, Words]:
    """An error status. `status` is what Gemini's and Ollama's clients report, at the first try."""
    kind = "ClientError" if status < 500 else "ServerError"
    return {
        "openai": f"openai.{openai}{attempts}",
        "messages": f"anthropic.{anthropic}{attempts}",
        "gemini": f"genai.{kind} {status}",
        "ollama": f"ollama.ResponseError {status}",
    }


def again(status: int, more: str = "") -> dict[str, Words]:
    """OpenAI's and Anthropic's SDKs try again and get the answer; the others do not try."""
    again = f"{{ok}}, 2 attempts{more}"
    return refused("", "", status) | {"openai": again, "messages": again}
