"""What Anthropic's dialect is made of: an event's bytes, a message, its usage, headers, errors.

Shapes: recorded streams and Anthropic's API reference, as read in November 2026.
"""

from __future__ import annotations

from typing import Any

from ..script import Fail, Finish, Reject
from .head import compact
from .play import Play

REASONS = {"stop": "end_turn", "length": "max_tokens", "tool": "tool_use", "blocked": "refusal"}
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
WORDS = {
    401: "invalid x-api-key",
    402: "Your credit balance is too low to access the Anthropic API.",
    429: "This request would exceed your organization's rate limit.",
    529: "Overloaded",
}
PING = b'event: ping\ndata: {"type": "ping"}\n\n'
PADDED = {"content_block_start", "content_block_delta", "content_block_stop", "message_delta"}


def event(play: Play, kind: str, **fields: Any) -> bytes:
    """One event, with the vendor's blanks before its last brace."""
    data = compact({"type": kind, **fields})
    padded = kind in PADDED or kind == "message_stop"
    blanks = b" " * (len(play.padding()) - 1 if padded else 0)
    return b"event: " + kind.encode() + b"\ndata: " + data[:-1] + blanks + b"}\n\n"


def ending(play: Play) -> dict[str, Any]:
    """Why the message ended."""
    assert isinstance(play.answer.end, Finish)
    reason = play.answer.end.reason
    detail = {"type": "refusal", "category": None, "explanation": play.answer.refusal or None}
    return {
        "stop_reason": REASONS[reason],
        "stop_sequence": None,
        "stop_details": detail if reason == "blocked" else None,
    }


def whole(play: Play, content: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The message with this content, at its end; without, as it is when it has begun."""
    begun = content is None
    nothing = {"stop_reason": None, "stop_sequence": None, "stop_details": None}
    return {
        "model": play.asked.model,
        "id": play.name("msg_"),
        "type": "message",
        "role": "assistant",
        "content": content or [],
        **(nothing if begun else ending(play)),
        "usage": first_usage(play) if begun else first_usage(play) | {"output_tokens": play.output},
    }


def first_usage(play: Play) -> dict[str, Any]:
    """What `message_start` says: the input is known, the output has begun."""
    return {
        "input_tokens": play.input - play.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": play.cached,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 1,
        "service_tier": "standard",
        "inference_geo": "global",
    }


def usage(play: Play) -> dict[str, Any]:
    """What `message_delta` says: all of it, not what came since."""
    return {
        "input_tokens": play.input - play.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": play.cached,
        "output_tokens": play.output,
        "output_tokens_details": {"thinking_tokens": play.reasoning},
    }


def headers(play: Play) -> dict[str, str]:
    """The headers of every answer."""
    limits = {
        f"anthropic-ratelimit-{kind}-{name}": value
        for kind, most in (("requests", "1000"), ("tokens", "80000"))
        for name, value in (
            ("limit", most),
            ("remaining", most),
            ("reset", "2026-01-01T00:00:00Z"),
        )
    }
    named = {"request-id": play.name("req_"), "anthropic-organization-id": "soup-kitchen"}
    return named | limits


def error(failure: Fail | Reject) -> dict[str, Any]:
    """The error object: type and message."""
    kind = TYPES.get(failure.status, "api_error")
    message = failure.message or WORDS.get(failure.status, "Internal server error")
    return {"type": kind, "message": message}


def refuse(play: Play, reject: Reject) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and body of an error before the stream."""
    body = {"type": "error", "error": error(reject), "request_id": play.name("req_")}
    return headers(play), body
