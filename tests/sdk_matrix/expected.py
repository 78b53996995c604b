"""What is known to come out: a row for each situation, measured with the SDKs' own versions.

A row names who hears something else than `OK`. A key is a client (`gemini async`), both of its
ways (`chat helper`), a dialect (`chat`), or `openai` for its two; the most exact key counts.
`{ok}` stands for the dialect's words for a good answer.

What to learn from it: no SDK but one tells a truncated stream from a finished one (`silent`);
a failure in the middle is never tried again; what breaks the transport comes out as an exception
of the HTTP library, but for openai 3.14 and later.
"""

from __future__ import annotations

from .vocabulary import (
    CALL,
    GEMINI_BREAKS,
    GEMINI_BREAKS_AT_ONCE,
    HEL,
    JSON_BREAKS,
    OK,
    Since,
    Words,
    again,
    refused,
    transport,
)

LIMITED = "RateLimitError 429/rate_limit_exceeded/tokens"
LIMITED_ANTHROPIC = "RateLimitError 429/rate_limit_error"

TABLE: dict[str, dict[str, Words]] = {
    "ok": {},
    "tool call": {
        "chat": CALL + "tool_calls, 2+5 tokens",
        "responses": CALL + "completed, 2+5 tokens",
        "messages": CALL + "tool_use, 2+5 tokens",
        "gemini": CALL + "STOP, 2+5 tokens",
        "ollama": CALL + "stop, 2+5 tokens",
    },
    # Chat and Gemini (unless asked to) count thoughts and do not show them.
    "thinking": {
        "chat": '"Hello", stop, 2+3 tokens',
        "responses": '"Hello", thinks hm, completed, 2+3 tokens',
        "messages": '"Hello", thinks hm, end_turn, 2+3 tokens',
        "gemini": '"Hello", STOP, 2+3 tokens',
        "ollama": '"Hello", thinks hm, stop, 2+3 tokens',
    },
    "citation": {
        "responses": '"Hello", 1 cited, completed, 2+2 tokens',
        "messages": '"Hello", 1 cited, end_turn, 2+2 tokens',
        "gemini": '"Hello", 1 cited, STOP, 2+2 tokens',
    },
    "refusal": {
        "chat": "refuses I can not, stop, 2+2 tokens",
        "responses": "refuses I can not, completed, 2+2 tokens",
        "messages": "refuses I can not, refusal, 2+2 tokens",
        "gemini": "prompt blocked: SAFETY, 2+0 tokens",
        "ollama": '"I can not", stop, 2+2 tokens',
    },
    "token limit": {
        "chat": '"Hello", length, 2+2 tokens',
        "chat helper": '"Hello", length, openai.LengthFinishReasonError, 2+2 tokens',
        "responses": '"Hello", incomplete/max_output_tokens, 2+2 tokens',
        "responses helper": '"Hello", incomplete/max_output_tokens, RuntimeError, 2+2 tokens',
        "messages": '"Hello", max_tokens, 2+2 tokens',
        "gemini": '"Hello", MAX_TOKENS, 2+2 tokens',
        "ollama": '"Hello", length, 2+2 tokens',
    },
    "content filter": {
        "chat": HEL + "content_filter, 2+1 tokens",
        "chat helper": HEL + "content_filter, openai.ContentFilterFinishReasonError, 2+1 tokens",
        "responses": HEL + "incomplete/content_filter, 2+1 tokens",
        "responses helper": HEL + "incomplete/content_filter, RuntimeError, 2+1 tokens",
        "messages": HEL + "refusal, 2+1 tokens",
        "gemini": HEL + "SAFETY, 2+1 tokens",
        "ollama": HEL + "stop, 2+1 tokens",
    },
    "pings": {},
    # Anthropic's keeps the status of the response, 200: its `type` tells.
    "error mid-stream": {
        "openai": HEL + "openai.APIError server_error",
        "messages": HEL + "anthropic.APIStatusError 200/overloaded_error, 2+1 tokens",
        "gemini": HEL + "genai.ServerError 503, 2+1 tokens",
        "ollama": HEL + "ollama.ResponseError -1",
    },
    "error mid-stream, flat": {
        "responses": HEL + "an event 'error'",
        "responses helper": HEL + "an event 'error', RuntimeError",
    },
    "error mid-stream, failed": {
        "responses": HEL + "failed",
        "responses helper": HEL + "failed, RuntimeError",
    },
    "truncated, clean end": {
        "openai": HEL + "silent",
        "responses helper": HEL + "RuntimeError",
        "messages": HEL + "silent, 2+1 tokens",
        "gemini": HEL + "silent, 2+1 tokens",
        "ollama": HEL + "silent",
    },
    "socket cut": transport("RemoteProtocolError"),
    "reset": transport("ReadError"),
    "stall beyond the read timeout": transport("ReadTimeout", "APITimeoutError")
    | {"gemini async": HEL + "TimeoutError, 2+1 tokens"},
    "400": refused(
        "BadRequestError 400/invalid_request_error",
        "BadRequestError 400/invalid_request_error",
        400,
    ),
    "401": refused(
        "AuthenticationError 401/invalid_api_key/invalid_request_error",
        "AuthenticationError 401/authentication_error",
        401,
    ),
    "402": refused("APIStatusError 402/insufficient_quota", "", 402)
    | {
        "messages": Since(
            "anthropic",
            (2, 10),
            "anthropic.PaymentRequiredError 402/billing_error",
            "anthropic.APIStatusError 402/billing_error",
        )
    },
    "500 always": refused(
        "InternalServerError 500/server_error",
        "InternalServerError 500/api_error",
        500,
        ", 3 attempts",
    ),
    "429 once": again(429),
    "429 once, retry-after 1": again(429, " a second apart"),
    "429 once, retry-after-ms and 100 s": again(429),
    "429 always": refused(LIMITED, LIMITED_ANTHROPIC, 429, ", 3 attempts"),
    "529 always": refused(
        "InternalServerError 529/server_error",
        "OverloadedError 529/overloaded_error",
        529,
        ", 3 attempts",
    ),
    "429, x-should-retry false": refused(LIMITED, LIMITED_ANTHROPIC, 429),
    "400, x-should-retry true": again(400),
    # OpenAI's obeys up to 120 s, Anthropic's whatever it is told.
    "429 once, retry-after 130": refused(LIMITED, LIMITED_ANTHROPIC, 429) | {"messages": "sleeps"},
    "HTML with status 200": {
        "openai": "nothing, silent",
        "chat helper": "AssertionError",
        "responses helper": "RuntimeError",
        "messages": "nothing, silent",
        "messages helper": "AssertionError",
        "gemini": "genai.UnknownApiResponseError",
        "ollama": "json.JSONDecodeError",
    },
    "comment": {"gemini": GEMINI_BREAKS},
    "id lines": {"gemini": GEMINI_BREAKS_AT_ONCE},
    "id, then a comment": {"openai": JSON_BREAKS, "gemini": GEMINI_BREAKS},
    "lone retry block": {"openai": JSON_BREAKS, "gemini": GEMINI_BREAKS},
    "ping without data": {"openai": JSON_BREAKS, "gemini": GEMINI_BREAKS},
    # A chunk without choices: the helper skips it, your own loop trips over it.
    "ping with {}": {
        "chat": HEL + "TypeError",
        "chat helper": "{ok}",
        "responses": '"Hello", odd ResponseAudioDeltaEvent of type None, completed, 2+2 tokens',
        "gemini": GEMINI_BREAKS,
    },
    "unknown event type": {
        "chat": HEL + "TypeError",
        "chat helper": "{ok}",
        "responses": '"Hello", odd ResponseAudioDeltaEvent of type news, completed, 2+2 tokens',
        "messages": '"Hello", odd RawMessageStartEvent of type news, end_turn, 2+2 tokens',
        "gemini": GEMINI_BREAKS,
    },
    "no event lines": {"messages": "nothing, silent", "messages helper": "AssertionError"},
    "[DONE] at the end": {"gemini": '"Hello", STOP, genai.UnknownApiResponseError, 2+2 tokens'},
    "event: done, [DONE]": {
        "messages": '"Hello", end_turn, json.JSONDecodeError, 2+2 tokens',
        "gemini": '"Hello", STOP, genai.UnknownApiResponseError, 2+2 tokens',
    },
    "no [DONE]": {},
    "no space after data:": {"gemini": GEMINI_BREAKS_AT_ONCE},
    "last blank line missing": {
        "responses": '"Hello", silent',
        "responses helper": '"Hello", RuntimeError',
        "messages": '"Hello", end_turn without message_stop, 2+2 tokens',
        "messages helper": "{ok}",
    },
    # The first event loses its first line; only Anthropic's needs that one.
    "leading BOM": {
        "messages helper": '"Hello", end_turn, AssertionError, 2+2 tokens',
        "gemini": GEMINI_BREAKS_AT_ONCE,
    },
    "CRLF": {},
    "CR": {"gemini async": GEMINI_BREAKS_AT_ONCE},  # aiohttp's lines end in LF
    "data in two lines": {},
    "gzip": {},
    "wrong content-type": {},
    "one big chunk": {},
}


def expected(scenario: str, client: str) -> str:
    """The words for one cell."""
    row, dialect = TABLE[scenario], client.partition(" ")[0]
    vendor = "openai" if dialect in ("chat", "responses") else ""
    words = OK[dialect]
    for key in (vendor, dialect, client.rpartition(" ")[0], client):
        found = row.get(key, words)
        words = found.words() if isinstance(found, Since) else found
    return words.replace("{ok}", OK[dialect])
