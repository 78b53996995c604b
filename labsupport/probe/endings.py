"""Why a stream was cut, by when: idle timers count from the last byte, absolute ones
from the start.

Source: the programs' documented limits, and how they were seen to act: Envoy closes one second
after it gave up; the timers of nginx and HAProxy may begin up to 0.3 s before the last byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from ..wire import Ending
from .clues import signed
from .culprits import Candidate
from .observe import Seen

__all__ = ["NAMES", "cut", "late_status", "round_seconds"]

EARLY, LATE = 0.3, 0.25
"""Seconds by which a timer may seem to go off before and after a round number."""

IDLE = {
    30: "HAProxy timeout server, which many set to 30 s",
    55: "Heroku's router: 55 s from byte to byte",
    60: "60 s is the default of nginx proxy_read_timeout, Apache ProxyTimeout, Varnish "
    "between_bytes_timeout and AWS ALB",
    100: "Cloudflare's proxy_read_timeout, long 100 s",
    120: "Cloudflare's proxy_read_timeout, 120 s in 2025",
    125: "Cloudflare's proxy_read_timeout, 125 s",
    300: "Envoy stream_idle_timeout, AWS API Gateway in STREAM mode: 300 s",
    900: "Squid read_timeout: 15 minutes",
}
TOTAL = {
    15: "Envoy's route timeout: 15 s unless it is set",
    29: "AWS API Gateway, REST: 29 s for an answer",
    30: "AWS API Gateway, HTTP: 30 s for an answer",
    300: "Google Cloud Run: 300 s unless it is set",
    900: "AWS API Gateway in STREAM mode: 900 s",
}
NAMES = ("idle-timeout", "absolute-timeout", "envoy-route-timeout", "broken-off")


def round_seconds(seconds: float) -> int:
    """The whole number of seconds that a timer was set to if it went off now; 0 if none fits."""
    near = round(seconds)
    return near if near >= 1 and -EARLY <= seconds - near <= LATE else 0


def cut(seen: Seen) -> tuple[Candidate, ...]:
    """Who may have cut it, the likeliest first."""
    return tuple(sorted(_cut(seen), key=lambda candidate: -candidate.points))


def _cut(seen: Seen) -> Iterator[Candidate]:
    last = seen.last_byte if seen.last_byte is not None else seen.head_at or 0.0
    silence, total = seen.ended_at - last, seen.ended_at
    usual = median(seen.gaps) if seen.gaps else 0.0
    longest = max(seen.gaps, default=0.0)
    flowing = len(seen.bursts) >= 3 and silence <= 3 * usual + 0.1
    still = not flowing and silence > 2 * longest
    at = round_seconds(total)
    if at >= 2 and seen.bursts and last <= at - 1 + LATE and silence >= 1 - EARLY:
        # Envoy gives up at N and closes at N + 1.
        if last >= at - 1 - max(3 * usual, 0.1):
            envoy = signed(seen, "envoy", "server")
            yield Candidate(
                "envoy-route-timeout",
                f"an absolute timeout of {at - 1} s, and the close one second later, as Envoy does",
                (
                    f"bytes came until {at - 1} s, the close at {at} s",
                    *(["Server: envoy"] if envoy else []),
                ),
                "In Envoy, for this route: timeout: 0s (idle_timeout still guards it). "
                "Heartbeats do not help.",
                6 if envoy else 4,
            )
    if flowing and at:
        known = TOTAL.get(at, "")
        yield Candidate(
            "absolute-timeout",
            f"an absolute timeout of {at} s: it counts from the start, whatever comes",
            (
                f"bytes still came; the cut came {at} s after the request",
                *([known] if known else []),
            ),
            "Raise or remove the limit for this route (Envoy: timeout; Traefik: "
            "respondingTimeouts.writeTimeout; a gateway's maximum), or let the client reconnect "
            "with Last-Event-ID. Heartbeats do not help.",
            5 if known else 3,
        )
    if still and (quiet := round_seconds(silence)):
        known = IDLE.get(quiet, "")
        yield Candidate(
            "idle-timeout",
            f"a read timeout of {quiet} s: nothing came for so long",
            (
                f"silence of {quiet} s before the cut",
                *([known] if known else []),
                *([f"heartbeats came every {seen.heartbeat:.0f} s"] if seen.heartbeat else []),
            ),
            "Send a comment line (`: ping`) more often than that, or raise the timeout "
            "(nginx proxy_read_timeout, HAProxy timeout server, Apache ProxyTimeout).",
            5 if known else 3,
        )
    how = "reset" if seen.ending is Ending.RESET else "closed before its end"
    yield Candidate(
        "broken-off",
        "the app or a program before it broke off",
        (f"the connection was {how}",),
        "Read the log of the app for that moment; then probe it with --direct.",
        2,
    )


def late_status(seen: Seen) -> tuple[Candidate, ...]:
    """For an error status of a proxy that gave up waiting for the response's head."""
    waited = round_seconds(seen.head_at or 0.0)
    if seen.status not in (502, 503, 504, 524) or not waited:
        return ()
    return (
        Candidate(
            "idle-timeout",
            f"a proxy waited {waited} s for the response's head and gave up",
            (f"status {seen.status} after {waited} s",),
            "Send the head and a first comment line at once, before the model has answered.",
            3,
        ),
    )
