"""What OpenAI's two dialects share: headers, error bodies, pieces of an event.

Shapes: recorded streams and OpenAI's API reference, as read in November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..script import Fail, Reject
from .play import Play

TYPES = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "unsupported_country_region_territory"),
    404: ("invalid_request_error", "model_not_found"),
    402: ("insufficient_quota", "insufficient_quota"),
    429: ("tokens", "rate_limit_exceeded"),
}
WORDS = {
    400: "We could not parse the JSON body of your request.",
    401: "Incorrect API key provided.",
    402: "You exceeded your current quota, please check your plan and billing details.",
    429: "Rate limit reached for requests.",
    500: "The server had an error while processing your request.",
    529: "The engine is currently overloaded, please try again later.",
}

BLOCK = 16
"""Obfuscation fills up to a multiple of this: Chat the chunk without it, Responses the delta."""


def stream_options(play: Play) -> Mapping[str, Any]:
    """The `stream_options` that were sent; empty if none."""
    options = play.asked.body.get("stream_options")
    return options if isinstance(options, Mapping) else {}


def headers(play: Play) -> dict[str, str]:
    """The headers of every answer."""
    return {
        "x-request-id": play.name("req_", 32),
        "openai-organization": "soup-kitchen",
        "openai-processing-ms": "42",
        "openai-version": "2020-10-01",
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-limit-tokens": "30000",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-remaining-tokens": "29976",
        "x-ratelimit-reset-requests": "120ms",
        "x-ratelimit-reset-tokens": "48ms",
    }


def error(failure: Fail | Reject) -> dict[str, Any]:
    """The error object: message, type, param, code."""
    kind, code = TYPES.get(failure.status, ("server_error", "server_error"))
    message = failure.message or WORDS.get(failure.status, WORDS[500])
    return {"message": message, "type": kind, "param": None, "code": code}


def refuse(play: Play, reject: Reject) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and body of an error before the stream."""
    return headers(play), {"error": error(reject)}


def missing(name: str) -> Reject:
    """The answer to a request without a field that it must have."""
    return Reject(400, f"Missing required parameter: '{name}'.")
