"""Asked: one reading of a request, whatever vendor's words it is in."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.requests import Request

from labsupport.provider.asked import Asked, read


def asked(**body: Any) -> Asked:
    return Asked(body=body)


def sent(data: bytes, path: str = "/stream", query: bytes = b"", **params: str) -> Asked:
    """What is read from a request with this body, which comes in two pieces."""
    pieces = [data[:5], data[5:]]

    async def receive() -> dict[str, Any]:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    headers = [(b"content-length", b"%d" % len(data)), (b"X-Soup", b"hot")] if data else []
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": query,
        "headers": [(name.lower(), value) for name, value in headers],
        "path_params": params,
    }
    return asyncio.run(read(Request(scope, receive)))


def test_a_body_is_read_to_its_end() -> None:
    found = sent(b'{"model": "soup-2"}', "/v1/messages")
    assert (found.path, found.model, found.trouble) == ("/v1/messages", "soup-2", None)
    assert found.headers["x-soup"] == "hot"


def test_without_a_body_nothing_is_asked_and_nothing_is_wrong() -> None:
    found = sent(b"")
    assert (found.body, found.trouble, found.prompt, found.tokens) == ({}, None, "", 0)


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"{soup", "the body is not JSON: "),
        (b'{"a": "\xff"}', "the body is not JSON: "),
        (b"[1, 2]", "the body is not a JSON object"),
        (b"null", "the body is not a JSON object"),
    ],
)
def test_what_cannot_be_read_is_trouble_and_raises_nothing(data: bytes, trouble: str) -> None:
    found = sent(data)
    assert found.trouble and found.trouble.startswith(trouble)
    assert found.body == {}


def test_a_model_may_be_in_the_path() -> None:
    assert sent(b"{}", model="soup-3").model == "soup-3"
    assert sent(b'{"model": "other"}', model="soup-3").model == "soup-3"
    assert sent(b"{}", query=b"alt=sse").parameters == {"alt": "sse"}


@pytest.mark.parametrize("named", [{}, {"model": None}, {"model": 7}])
def test_without_a_name_it_is_the_model_of_the_house(named: dict[str, Any]) -> None:
    assert asked(**named).model == "soup-1"


@pytest.mark.parametrize(
    "body",
    [
        {"max_tokens": 5},
        {"max_completion_tokens": 5},
        {"max_output_tokens": 5},
        {"generationConfig": {"maxOutputTokens": 5}},
        {"options": {"num_predict": 5}},
    ],
    ids=str,
)
def test_a_limit_is_found_in_every_vendors_words(body: dict[str, Any]) -> None:
    assert asked(**body).limit == 5


@pytest.mark.parametrize(
    "body",
    [{}, {"max_tokens": None}, {"max_tokens": 0}, {"max_tokens": "5"}, {"options": 5}],
    ids=str,
)
def test_what_is_no_limit_limits_nothing(body: dict[str, Any]) -> None:
    assert asked(**body).limit is None


def test_ollama_means_no_limit_by_minus_one() -> None:
    assert asked(options={"num_predict": -1}).limit is None


PARTS = [{"type": "text", "text": "Soup"}, {"type": "image", "source": {"data": "x y"}}]


@pytest.mark.parametrize(
    ("body", "prompt"),
    [
        ({"messages": [{"role": "user", "content": "Soup?"}]}, "Soup?"),
        ({"messages": [{"role": "user", "content": PARTS}]}, "Soup"),
        ({"system": "Be brief.", "messages": [{"content": "Soup?"}]}, "Soup?\nBe brief."),
        ({"input": "Soup?", "instructions": "Be brief."}, "Soup?\nBe brief."),
        ({"input": [{"role": "user", "content": [{"type": "input_text", "text": "a"}]}]}, "a"),
        (
            {"contents": [{"parts": [{"text": "a"}, {"text": "b"}]}],
             "systemInstruction": {"parts": [{"text": "c"}]}},
            "a\nb\nc",
        ),
        ({"prompt": "Soup?"}, "Soup?"),
        ({"messages": "Soup?", "input": 7, "contents": None}, "Soup?"),
    ],
    ids=lambda value: json.dumps(value)[:40],
)  # fmt: skip
def test_a_prompt_is_all_text_in_every_vendors_words(body: dict[str, Any], prompt: str) -> None:
    assert asked(**body).prompt == prompt


def test_a_word_of_the_prompt_is_a_token() -> None:
    assert asked(prompt="Is there soup,\n or not? ").tokens == 5


def test_the_first_missing_field_is_named() -> None:
    assert asked(model="m", messages=None).missing("model", "messages", "max_tokens") == "messages"
    assert asked(model="m", messages=[]).missing("model", "messages") is None
