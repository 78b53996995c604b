"""A finding as text, HTML and JSON.

Rule 1: `short` and `page` have classes, exact byte counts and rounded times: two runs of the
    same experiment read alike.
Rule 2: `details` and `as_dict` have the measured numbers too. No event's data is in any of them.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from ..wire import plural
from .finding import Finding
from .observe import Seen

__all__ = ["as_dict", "details", "page", "short"]

TELLING = (
    "content-type", "cache-control", "content-encoding", "content-length", "transfer-encoding",
    "x-accel-buffering", "server", "via", "age", "x-cache", "x-cache-status", "x-varnish",
    "x-served-by", "x-envoy-upstream-service-time", "cf-ray", "cf-cache-status", "x-amz-cf-id",
    "x-amz-apigw-id", "apigw-requestid", "x-amzn-requestid", "x-amzn-trace-id",
    "x-azure-ref", "fly-request-id", "x-vercel-id", "x-kong-proxy-latency", "alt-svc",
)  # fmt: skip
STANDS = {
    "cf-ray": "Cloudflare",
    "x-amz-cf-id": "Amazon CloudFront",
    "x-amz-apigw-id": "AWS API Gateway",
    "apigw-requestid": "AWS API Gateway",
    "x-amzn-requestid": "an AWS service",
    "x-amzn-trace-id": "an AWS load balancer or gateway",
    "x-varnish": "Varnish",
    "x-served-by": "Fastly, or another cache that signs so",
    "x-envoy-upstream-service-time": "Envoy",
    "x-azure-ref": "Azure Front Door",
    "fly-request-id": "Fly.io",
    "x-vercel-id": "Vercel",
    "x-kong-proxy-latency": "Kong",
}
BURSTS_SHOWN = 8


def short(found: Finding) -> str:
    """The verdict, the cause, the evidence and the next step."""
    return "\n".join(f"{name:9} {text}" if name else text for name, text in _lines(found))


def _lines(found: Finding) -> Iterator[tuple[str, str]]:
    yield "", found.verdict
    yield "cause", found.cause
    for number, words in enumerate(found.evidence):
        yield ("evidence" if number == 0 else " "), words
    for candidate in found.candidates[1:4]:
        yield "or", candidate.cause
    if found.next:
        yield "next", found.next


def details(found: Finding) -> str:
    """What was seen, and then the verdict."""
    seen = found.seen
    lines = [*_seen(seen)] if seen else []
    for name, capture in (("direct", found.direct), ("again", found.again)):
        lines += [f"{name:9} {capture!r}"] if capture else []
    for capture in found.captures[1:]:
        lines.append(f"slower    {capture!r}")
    for candidate in found.candidates[1:]:
        lines.append(f"perhaps   {candidate.cause}: {'; '.join(candidate.evidence)}")
        lines.append(f"          {candidate.change}")
    proof = "" if found.streamed else "\nNot proven streamed."
    return "\n".join([*lines, "", short(found)]) + proof


def _seen(seen: Seen) -> Iterator[str]:
    yield f"asked     {seen.url}"
    yield f"status    {seen.status or 'none'}"
    for name in TELLING:
        if name in seen.headers:
            yield f"          {name}: {seen.headers[name]}"
    if path := stands(seen):
        yield f"path      {', '.join(path)}"
    times = (
        ("first byte", seen.first_byte), ("head", seen.head_at),
        ("first event", seen.first_event), ("last byte", seen.last_byte),
    )  # fmt: skip
    yield "times     " + ", ".join(f"{name} {_ms(at)}" for name, at in times if at is not None)
    yield f"framing   {seen.framing or 'none'}, {seen.encoding}"
    count = f"{plural(seen.events, 'event')} in {plural(len(seen.bursts), 'burst')}"
    yield f"events    {count}" + ("" if seen.readable else ", which cannot be decompressed here")
    for burst in seen.bursts[:BURSTS_SHOWN]:
        size = f"{burst.size:>6} bytes, {plural(burst.events, 'event')}"
        yield f"          at {_ms(burst.at):>9}  {size}"
    if len(seen.bursts) > BURSTS_SHOWN:
        yield f"          and {len(seen.bursts) - BURSTS_SHOWN} more bursts"
    if seen.comments:
        every = f", every {seen.heartbeat:.1f} s" if seen.heartbeat else ""
        yield f"heartbeat {plural(len(seen.comments), 'comment line')}{every}"
    yield f"ending    {seen.ending} at {_ms(seen.ended_at)}" + (
        f"; {seen.note}" if seen.note else ""
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def stands(seen: Seen) -> list[str]:
    """Who signed the answer on its way, as far as headers tell."""
    names = [who for header, who in STANDS.items() if header in seen.headers]
    names += [f"Server {seen.headers['server']}"] if "server" in seen.headers else []
    names += [f"Via {seen.headers['via']}"] if "via" in seen.headers else []
    return names


def page(found: Finding) -> str:
    """The short form as an HTML table."""
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left">{html.escape(name)}</th>'
        f'<td style="text-align:left">{html.escape(text)}</td></tr>'
        for name, text in _lines(found)
        if name
    )
    return f"<strong>{html.escape(found.verdict)}</strong><table>{rows}</table>"


def as_dict(found: Finding) -> dict[str, Any]:
    """Plain values for JSON; every key is always there."""
    seen = found.seen
    return {
        "verdict": found.verdict,
        "streamed": found.streamed,
        "held": found.held,
        "culprit": found.culprit,
        "cause": found.cause,
        "evidence": list(found.evidence),
        "next": found.next,
        "candidates": [
            {
                "culprit": candidate.culprit,
                "cause": candidate.cause,
                "evidence": list(candidate.evidence),
                "change": candidate.change,
            }
            for candidate in found.candidates
        ],
        "seen": _numbers(seen) if seen else None,
    }


def _numbers(seen: Seen) -> dict[str, Any]:
    return {
        "url": seen.url,
        "status": seen.status,
        "headers": {name: seen.headers[name] for name in TELLING if name in seen.headers},
        "path": stands(seen),
        "framing": seen.framing,
        "encoding": seen.encoding,
        "first_byte": seen.first_byte,
        "head": seen.head_at,
        "first_event": seen.first_event,
        "last_byte": seen.last_byte,
        "events": seen.events,
        "bursts": [
            {"at": burst.at, "bytes": burst.size, "events": burst.events} for burst in seen.bursts
        ],
        "comments": len(seen.comments),
        "heartbeat": seen.heartbeat,
        "ending": str(seen.ending),
        "ended_at": seen.ended_at,
        "note": seen.note,
    }
