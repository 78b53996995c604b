"""Tokens of a real model, through the same lesson: only if you set an address, and a key, yourself.

    Provider(Vendor("http://localhost:11434/v1", model="llama3.2"))     # Ollama, on this machine
    Provider(Vendor("https://api.openai.com/v1", model="gpt-4o-mini", key=...))         # this bills

It speaks to anything that answers POST {base_url}/chat/completions as OpenAI does.

Rule 1: a token is handed on when it has come, before the next is asked for.
Rule 2: whoever stops reading us hangs up on the vendor.
Rule 3: an end that nobody announced is a failure. The vendors' own SDKs take it for the end.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Literal

import httpx

from ..errors import UsageError
from ..script import Fail, Finish, Step
from .asked import Asked
from .vendor_openai import Reading, error_words, messages


class Vendor:
    """A `Source` that asks a real vendor, or a model on this machine.

    Arguments:
        base_url: up to `/v1`. No password and no query.
        model: the name that the vendor knows it by, whatever name our client asked for.
        key: sent as `Authorization: Bearer`; it is in no `repr` and cut out of every message.
        dialect: how the vendor speaks; `openai` is Chat Completions.
        prompt: what to ask when our client's request says nothing, such as `GET /stream`.
        deadline: the most seconds to wait for a connection, and then for each next byte.

    Of our client's request the vendor gets the messages, as role and text; no tools, no settings.
    A limit of tokens is kept on this side: we hang up when it is reached. A tool call comes out
    when it is whole. The meter counts a token for each piece of text that comes; the vendor counts
    otherwise. Proxies set in the environment are not used.

    What goes wrong becomes a `Fail`: before the stream with the vendor's status and words; 502 for
    no connection, a body that is no event stream, and a stream that is cut; 504 for silence.

    Raises `UsageError` for an address, a key or a dialect that cannot work.

    >>> Vendor("http://localhost:11434/v1/", model="llama3.2")
    Vendor('http://localhost:11434/v1', model='llama3.2')
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str,
        key: str | None = None,
        dialect: Literal["openai"] = "openai",
        prompt: str = "Say hello in one short sentence.",
        deadline: float = 120.0,
    ) -> None:
        _check(base_url, key, dialect)
        self.base_url, self.model = base_url.rstrip("/"), model
        self.prompt, self.deadline = prompt, deadline
        self._key = key
        self._tls = httpx.create_ssl_context(trust_env=False)  # once: it reads many certificates

    def __repr__(self) -> str:
        key = ", key=..." if self._key else ""
        return f"Vendor({self.base_url!r}, model={self.model!r}{key})"

    async def steps(self, asked: Asked) -> AsyncGenerator[Step, None]:
        """What the vendor says to this request; the provider calls it."""
        reading = Reading()
        try:
            async with (
                httpx.AsyncClient(verify=self._tls, timeout=self.deadline, trust_env=False) as http,
                http.stream(
                    "POST",
                    f"{self.base_url}/chat/completions",
                    headers={"authorization": f"Bearer {self._key}"} if self._key else {},
                    json={"model": self.model, "messages": self._messages(asked), "stream": True},
                ) as response,
            ):
                if trouble := await self._trouble(response):
                    yield trouble
                    return
                chunks = response.aiter_bytes()
                async for chunk in chunks:
                    for step in reading.read(chunk):
                        yield self._clean(step)
                        if isinstance(step, Fail):
                            return
                    if reading.done:
                        await _drain(chunks)
                        break
        except httpx.TimeoutException:
            failure = f"nothing came for {self.deadline:g} s after {reading.count} pieces", 504
        except httpx.ConnectError as error:
            failure = f"no connection to {self.base_url}: {error}", 502
        except httpx.HTTPError as error:
            failure = f"the stream was cut after {reading.count} pieces: {error}", 502
        else:
            failure = f"the stream ended after {reading.count} pieces, and nothing said so", 502
        if reading.reason or reading.done:
            yield Finish(reading.reason or "stop")
        else:
            yield self._clean(Fail(*failure))

    def _messages(self, asked: Asked) -> list[dict[str, str]]:
        return messages(asked.body) or [{"role": "user", "content": self.prompt}]

    async def _trouble(self, response: httpx.Response) -> Fail | None:
        """What is wrong with the response before its first event."""
        kind = response.headers.get("content-type", "nothing")
        if response.status_code == 200 and kind.startswith("text/event-stream"):
            return None
        if response.status_code == 200:
            return Fail(f"expected text/event-stream from the vendor, got {kind}", 502)
        said = (await response.aread()).decode("utf-8", "replace")
        with suppress(ValueError):
            said = error_words(json.loads(said)) or said
        status = response.status_code if 400 <= response.status_code <= 599 else 502
        fail = self._clean(Fail(said or f"the vendor answered {response.status_code}", status))
        assert isinstance(fail, Fail)
        return fail

    def _clean(self, step: Step) -> Step:
        """A failure without our key in its words, and not longer than a screen."""
        if isinstance(step, Fail):
            words = step.message.replace(self._key, "***") if self._key else step.message
            return Fail(words[:500], step.status)
        return step


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    """Read to the end of the body, so that the vendor sees a reader who stayed; not for long."""
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(1.0):
            async for _ in chunks:
                pass


def _check(base_url: str, key: str | None, dialect: str) -> None:
    if dialect != "openai":
        raise UsageError(
            expected="dialect='openai'",
            got=repr(dialect),
            next="Many vendors have an OpenAI-compatible address too; Ollama's ends in /v1.",
        )
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query:
        raise UsageError(
            expected="an address such as http://localhost:11434/v1, without password and query",
            got=f"scheme {url.scheme!r}, host {url.host!r}",  # a password is not repeated
            next="A key goes into key=.",
        )
    if key is not None and not (key.isascii() and key.isprintable() and key.strip() == key != ""):
        raise UsageError(
            expected="a key of printable ASCII characters with no space around it",
            got="one that HTTP cannot carry",
            next="Copy it again without the line's end, or leave key out.",
        )
