"""Take secrets out of a capture before anybody keeps it.

Rule: a secret is overwritten, byte for byte, so that framing and times stay true.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ..wire import Capture, Chunk

__all__ = ["redacted", "redacted_url", "secret_header"]

SECRET_NAMES = (
    r"(?:proxy-)?authorization|(?:set-)?cookie2?|x-api-key|api-key|x-goog-api-key|x-auth-token"
)
SECRET_HEADERS = re.compile(rf"(?im)^({SECRET_NAMES})(:[ \t]*)([^\r\n]+)".encode())
SECRET_QUERY = re.compile(r"(?i)([?&](?:api[-_]?key|key|token|access_token|sig|signature)=)[^&#]+")


def secret_header(name: str) -> bool:
    """A header of this name carries a credential."""
    return re.fullmatch(SECRET_NAMES, name, re.IGNORECASE) is not None


def redacted_url(url: str) -> str:
    """The URL with the values of query fields such as `key` and `token` overwritten."""
    return SECRET_QUERY.sub(r"\1***", url)


def redacted(capture: Capture, secrets: Iterable[str] = ()) -> Capture:
    """The capture without secrets.

    Arguments:
        capture: what was recorded.
        secrets: texts to overwrite wherever they are, such as a token that a server echoes.

    Credentials in headers, sent or received, and in the URL's query go in any case.
    """
    known = [secret.encode("latin-1", "replace") for secret in secrets if secret]
    head, gap, body = capture.request.partition(b"\r\n\r\n")
    line, end, fields = head.partition(b"\r\n")
    line = redacted_url(line.decode("latin-1")).encode("latin-1")
    request = line + end + _headers(fields) + gap + body
    raw = b"".join(read.data for read in capture.reads)
    top, gap, rest = raw.partition(b"\r\n\r\n")
    raw = _headers(top) + gap + rest
    for secret in known:
        request = request.replace(secret, b"*" * len(secret))
        raw = raw.replace(secret, b"*" * len(secret))
    at, reads = 0, []
    for read in capture.reads:
        reads.append(Chunk(read.at, raw[at : at + len(read.data)]))
        at += len(read.data)
    return replace(capture, url=redacted_url(capture.url), request=request, reads=tuple(reads))


def _headers(lines: bytes) -> bytes:
    return SECRET_HEADERS.sub(lambda m: m[1] + m[2] + b"*" * len(m[3]), lines)
