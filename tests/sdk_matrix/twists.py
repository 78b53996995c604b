"""What happens to a body on its way: bytes to bytes, for streams with LF or CRLF."""

from __future__ import annotations

import gzip
import re


def id_lines(body: bytes) -> bytes:
    """An id in each event."""
    return re.sub(rb"(?m)^(data: )", rb"id: 7\n\1", body)


def no_event_lines(body: bytes) -> bytes:
    """Events without names."""
    return re.sub(rb"(?m)^event: [^\r\n]*\r?\n", b"", body)


def done(body: bytes) -> bytes:
    """OpenAI's last words, once, in whatever dialect."""
    return not_done(body) + b"data: [DONE]\n\n"


def named_done(body: bytes) -> bytes:
    """The same with a name."""
    return not_done(body) + b"event: done\ndata: [DONE]\n\n"


def not_done(body: bytes) -> bytes:
    """Without these last words."""
    return body.removesuffix(b"data: [DONE]\n\n")


def no_space(body: bytes) -> bytes:
    """No blank after the colon."""
    return re.sub(rb"(?m)^(data|event): ", rb"\1:", body)


def no_last_blank(body: bytes) -> bytes:
    """The last event's own line is there, the blank line after it is not."""
    return body.removesuffix(b"\n").removesuffix(b"\r")


def bom(body: bytes) -> bytes:
    """A byte order mark, which the standard drops."""
    return b"\xef\xbb\xbf" + body


def crlf(body: bytes) -> bytes:
    """Lines as DOS ends them."""
    return body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def cr(body: bytes) -> bytes:
    """Lines as an old Macintosh ends them."""
    return body.replace(b"\r\n", b"\n").replace(b"\n", b"\r")


def two_lines(body: bytes) -> bytes:
    """JSON over two lines of data, which are joined by a newline."""
    return re.sub(rb"(?m)^data: \{", b"data: {\ndata: ", body)


def gzipped(body: bytes) -> bytes:
    """Compressed; the response says so in a header."""
    return gzip.compress(body, mtime=0)
