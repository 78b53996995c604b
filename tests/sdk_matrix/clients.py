"""One function for each SDK, sync and async, its raw stream and its helper.

Each makes one call to `at.url` and fills `at.heard`; what it raises is judged outside. All calls
share the SDK's client, as a program would; only the address and the timeout differ.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import closing
from typing import Any

from . import readers
from .asking import At

Call = Callable[[At], Any]
CLIENTS: dict[str, Call] = {}
"""All of them: `chat sync`, `chat helper async` and so on; those whose SDK is installed."""


def _needs(package: str) -> Callable[[Call], Call]:
    """List the function in `CLIENTS` under its name, if the package is there."""

    def add(call: Call) -> Call:
        parent = package.partition(".")[0]
        if importlib.util.find_spec(parent) and importlib.util.find_spec(package):
            CLIENTS[call.__name__.replace("_", " ")] = call
        return call

    return add


@_needs("openai")
def chat_sync(at: At) -> None:
    with at.openai().chat.completions.create(stream=True, **at.chat) as stream:
        for chunk in stream:
            readers.chat(at.heard, chunk)


@_needs("openai")
async def chat_async(at: At) -> None:
    async with await at.openai("_async").chat.completions.create(stream=True, **at.chat) as stream:
        async for chunk in stream:
            readers.chat(at.heard, chunk)


@_needs("openai")
def chat_helper_sync(at: At) -> None:
    with at.openai().chat.completions.stream(**at.chat) as stream:
        for event in stream:
            if event.type == "chunk":
                readers.chat(at.heard, event.chunk)
        readers.chat_final(at.heard, stream.get_final_completion())


@_needs("openai")
async def chat_helper_async(at: At) -> None:
    async with at.openai("_async").chat.completions.stream(**at.chat) as stream:
        async for event in stream:
            if event.type == "chunk":
                readers.chat(at.heard, event.chunk)
        readers.chat_final(at.heard, await stream.get_final_completion())


@_needs("openai")
def responses_sync(at: At) -> None:
    with at.openai().responses.create(stream=True, **at.responses) as stream:
        for event in stream:
            readers.responses(at.heard, event)


@_needs("openai")
async def responses_async(at: At) -> None:
    async with await at.openai("_async").responses.create(stream=True, **at.responses) as stream:
        async for event in stream:
            readers.responses(at.heard, event)


@_needs("openai")
def responses_helper_sync(at: At) -> None:
    with at.openai().responses.stream(**at.responses) as stream:
        for event in stream:
            readers.responses(at.heard, event)
        readers.responses_final(at.heard, stream.get_final_response())


@_needs("openai")
async def responses_helper_async(at: At) -> None:
    async with at.openai("_async").responses.stream(**at.responses) as stream:
        async for event in stream:
            readers.responses(at.heard, event)
        readers.responses_final(at.heard, await stream.get_final_response())


@_needs("anthropic")
def messages_sync(at: At) -> None:
    with at.anthropic().messages.create(stream=True, **at.messages) as stream:
        for event in stream:
            readers.messages(at.heard, event)


@_needs("anthropic")
async def messages_async(at: At) -> None:
    async with await at.anthropic("_async").messages.create(stream=True, **at.messages) as stream:
        async for event in stream:
            readers.messages(at.heard, event)


@_needs("anthropic")
def messages_helper_sync(at: At) -> None:
    with at.anthropic().messages.stream(**at.messages) as stream:
        for event in stream:
            readers.messages(at.heard, event)
        readers.messages_final(at.heard, stream.get_final_message())


@_needs("anthropic")
async def messages_helper_async(at: At) -> None:
    async with at.anthropic("_async").messages.stream(**at.messages) as stream:
        async for event in stream:
            readers.messages(at.heard, event)
        readers.messages_final(at.heard, await stream.get_final_message())


@_needs("google.genai")
def gemini_sync(at: At) -> None:
    for chunk in at.shared.genai.models.generate_content_stream(**at.gemini):
        readers.gemini(at.heard, chunk)


@_needs("google.genai")
async def gemini_async(at: At) -> None:
    async for chunk in await at.shared.genai.aio.models.generate_content_stream(**at.gemini):
        readers.gemini(at.heard, chunk)


@_needs("ollama")
def ollama_sync(at: At) -> None:
    import ollama

    with closing(ollama.Client(at.url, timeout=at.timeout, verify=False)) as client:
        for chunk in client.chat(**at.ollama):
            readers.ollama(at.heard, chunk)


@_needs("ollama")
async def ollama_async(at: At) -> None:
    import ollama

    client = ollama.AsyncClient(at.url, timeout=at.timeout, verify=False)
    try:
        async for chunk in await client.chat(**at.ollama):
            readers.ollama(at.heard, chunk)
    finally:
        await client.close()
