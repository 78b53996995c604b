"""From the shape of a hold to who holds, ranked by evidence, with the setting to change.

Rule: every culprit has a setting to change, by the name the program gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import clues
from .observe import Seen
from .shapes import Shape

__all__ = ["CULPRITS", "Candidate", "Culprit", "rank"]

Clues = Callable[[Shape, Seen], Iterator[tuple[int, str]]]


@dataclass(frozen=True)
class Candidate:
    """Somebody who may hold the stream.

    Arguments:
        culprit: a short fixed name, such as `nginx-buffering`.
        cause: what it does, in words.
        evidence: what speaks for it.
        change: what to change, with the real setting's name.
        points: how much speaks for it; only the order counts.
    """

    culprit: str
    cause: str
    evidence: tuple[str, ...]
    change: str
    points: int


@dataclass(frozen=True)
class Culprit:
    """A way to hold that programs are known for. `clues_of` gives points and words, or nothing."""

    key: str
    cause: str
    change: str
    clues_of: Clues

    def weigh(self, shape: Shape, seen: Seen) -> Candidate | None:
        """The case against it; None if there is none."""
        found = list(self.clues_of(shape, seen))
        points = sum(worth for worth, _ in found)
        if points <= 0:
            return None
        said = tuple(words for worth, words in found if words and worth > 0)
        return Candidate(self.key, self.cause, said, self.change, points)


def rank(shape: Shape, seen: Seen) -> tuple[Candidate, ...]:
    """Who may have made this shape, the likeliest first."""
    found = [candidate for culprit in CULPRITS if (candidate := culprit.weigh(shape, seen))]
    return tuple(sorted(found, key=lambda candidate: -candidate.points))


CULPRITS = (
    Culprit(
        "nginx-buffering",
        "nginx holds a body that is not chunked (proxy_buffering on)",
        "In nginx, for this location: proxy_http_version 1.1; (a chunked upstream passes at once) "
        "or proxy_buffering off; or let the app send X-Accel-Buffering: no.",
        clues.nginx,
    ),
    Culprit(
        "haproxy-cork",
        "HAProxy corks the socket: bytes wait for a full TCP segment or some 200 ms",
        "In HAProxy, for this frontend or backend: option http-no-delay.",
        clues.cork,
    ),
    Culprit(
        "caddy-response-buffers",
        "Caddy collects the answer first (response_buffers)",
        "In the Caddyfile, in reverse_proxy: take response_buffers out.",
        clues.caddy,
    ),
    Culprit(
        "traefik-buffering",
        "Traefik collects the whole answer (the buffering middleware)",
        "In Traefik: take the buffering middleware off this router.",
        clues.traefik,
    ),
    Culprit(
        "envoy-buffer",
        "Envoy collects the whole answer (the file_system_buffer filter)",
        "In Envoy, for this route: take the file_system_buffer filter out, or set its response "
        "behavior to bypass.",
        clues.envoy,
    ),
    Culprit(
        "varnish-no-streaming",
        "Varnish fetches the whole answer first (do_stream = false)",
        "In the VCL: set beresp.do_stream = true; or return (pipe) in vcl_recv for this URL.",
        clues.varnish,
    ),
    Culprit(
        "api-gateway-buffering",
        "AWS API Gateway hands on whole answers only (response transfer mode BUFFERED)",
        "In API Gateway (REST APIs): responseTransferMode: STREAM for this integration.",
        clues.api_gateway,
    ),
    Culprit(
        "nginx-gzip",
        "nginx compresses the stream and does not flush the compressor for each event",
        "In nginx: leave text/event-stream out of gzip_types, or proxy_buffering off; for this "
        "location.",
        clues.nginx_gzip,
    ),
    Culprit(
        "varnish-gzip",
        "Varnish compresses the stream and keeps what the compressor holds",
        "In the VCL: no beresp.do_gzip for text/event-stream.",
        clues.varnish_gzip,
    ),
    Culprit(
        "gzip",
        "something compresses the stream without a flush for each event",
        "Do not compress text/event-stream; to prove it, probe again with "
        "-H 'Accept-Encoding: identity'.",
        clues.some_gzip,
    ),
    Culprit(
        "fixed-size-reads",
        "a relay reads its upstream in pieces of a fixed size, such as iter_bytes(4096)",
        "In the program that relays: read without a chunk size, or by lines.",
        clues.fixed_reads,
    ),
    Culprit(
        "some-buffer",
        "a buffer that has no signature known here",
        "Probe each hop from the app outwards with --direct; the first that holds is the one.",
        clues.buffer,
    ),
)
"""All of them, in the order that breaks ties: the commonest first."""
