"""What speaks for each culprit: clues with points. Bytes and framing weigh most.

Rule: a header such as `Server` adds to what bytes say, or takes from it; alone it names nobody,
because it weighs only where the shape already fits.
Source: what the real programs were measured to send (nginx 1.22 and 1.31, HAProxy 2.6 and 2.8,
Caddy 2.11, Traefik 3.7, Envoy 1.40, Varnish 7.1).
"""

from __future__ import annotations

from collections.abc import Iterator

from .observe import Seen
from .shapes import Shape


def signed(seen: Seen, name: str, *headers: str) -> bool:
    """A program signed the answer: its name is in one of these headers."""
    return any(name in seen.headers.get(header, "").lower() for header in headers)


def _server(seen: Seen, name: str) -> Iterator[tuple[int, str]]:
    """A program that puts its own name into `Server`, over any other."""
    if signed(seen, name, "server"):
        yield 2, f"Server: {seen.headers['server']}"
    elif "server" in seen.headers:
        yield -1, ""


def nginx(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    if shape.kind == "size":
        yield 3, "; ".join(shape.words)
        first = seen.bursts[0].size
        if 0 < shape.size - first < 1024:
            yield (
                2,
                (
                    f"{shape.size} - {shape.size - first}: the upstream's response head takes its "
                    "place in nginx's first buffer"
                ),
            )
        yield from _server(seen, "nginx")
    elif shape.kind == "end" and len(seen.frames) <= 1:
        body = sum(seen.sizes)
        yield (1, "fewer bytes than its first buffer holds") if body < 4096 else (-2, "")
        if seen.framing == "content-length":
            yield -1, ""
        elif seen.frames:
            yield 1, "all events in one HTTP chunk"
        yield 1 if seen.head_with_body else -1, "the head waited for the body"
        yield from _server(seen, "nginx")


def fixed_reads(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    if shape.kind == "size" and seen.bursts[0].size == shape.size:
        yield 6, f"the first burst too is exactly {shape.size} bytes, with no room for a head"


def cork(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    if shape.kind in ("cork", "segment"):
        yield 4, "; ".join(shape.words)
        yield 1 if "server" in seen.headers else 0, ""


def caddy(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    if shape.kind == "first":
        yield 3, "; ".join(shape.words)
        if seen.frames[:1] == (shape.size,):
            yield 1, f"the lump's first HTTP chunk is exactly {shape.size} bytes"
    elif shape.kind == "end" and seen.framing == "chunked":
        frames = seen.frames
        if len(frames) == 1:
            yield 1, "all events in one HTTP chunk"
        elif frames and all(size == 32768 for size in frames[:-1]):
            yield 4, "HTTP chunks of 32768 bytes, the size in which Caddy copies a body"
        else:
            return
    else:
        return
    if signed(seen, "caddy", "via", "server"):
        yield 2, f"Via: {seen.headers.get('via', seen.headers.get('server'))}"


def traefik(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    if shape.kind != "end":
        return
    if seen.framing == "content-length":
        yield 2, "an event stream with a Content-Length: somebody had the whole body first"
        if sum(seen.sizes) > 2048:
            yield -1, ""
    elif len(seen.frames) > 1 and all(size == 2048 for size in seen.frames[:-1]):
        yield 4, "HTTP chunks of 2048 bytes, in which Go writes a body that it has whole"
    else:
        return
    if "x-varnish" in seen.headers or signed(seen, "nginx", "server"):
        yield -1, ""


def envoy(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    if shape.kind == "end" and seen.framing == "chunked":
        if len(seen.frames) * 2 >= seen.events:
            yield 1, "the upstream's HTTP chunks, each as it was, all at the end"
        yield from _server(seen, "envoy")
        if "x-envoy-upstream-service-time" in seen.headers:
            yield 1, "an x-envoy- header"


def varnish(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    if shape.kind == "end" and seen.framing == "content-length":
        yield 1, "an event stream with a Content-Length: somebody had the whole body first"
        yield from _x_varnish(seen)


def api_gateway(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    marks = [name for name in ("apigw-requestid", "x-amz-apigw-id") if name in seen.headers]
    if shape.kind == "end" and marks and len(seen.frames) <= 1:
        yield 4, f"one body at the end, and an {marks[0]} header"


def _x_varnish(seen: Seen) -> Iterator[tuple[int, str]]:
    """Varnish signs with X-Varnish unless its VCL takes it off."""
    yield (2, "an X-Varnish header") if "x-varnish" in seen.headers else (-1, "")


def nginx_gzip(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    if shape.kind == "gzip":
        yield 3, "; ".join(shape.words[:1])
        if len(seen.frames) > 1 and all(size % 4096 == 0 for size in seen.frames[:-1]):
            yield 2, f"HTTP chunks of {seen.frames[0]} bytes: whole 4096-byte output buffers"
        if len(shape.words) > 1:
            yield -3, ""
        yield from _server(seen, "nginx")


def varnish_gzip(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    if shape.kind == "gzip":
        yield 2, "; ".join(shape.words)
        if len(shape.words) > 1:
            yield 3, ""
        yield from _x_varnish(seen)


def some_gzip(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    if shape.kind == "gzip":
        yield 2, "; ".join(shape.words)


def buffer(shape: Shape, seen: Seen) -> Iterator[tuple[int, str]]:
    if shape.kind in ("size", "first", "some", "end"):
        yield 1, "; ".join(shape.words)
