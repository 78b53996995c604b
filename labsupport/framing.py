"""HTTP/1.1 response framing, one span at a time (RFC 9112).

Rule 1: bytes in, spans out; a body byte is handed on in the feed that brought it.
Rule 2: what is not HTTP/1.1 raises `ProtocolError` and names the bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ProtocolError

MAX_LINE = 65_536
"""Longest head line or chunk-size line taken, in bytes; the whole head is held to the same."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some bytes of a response and what they are.

    `kind` is one of `status-line`, `header`, `head-end`, `chunk-size`, `body`, `chunk-end`,
    `last-chunk`, `trailer`, `message-end`, `extra` (bytes after the message) and `unfinished`
    (a line that the connection's end cut short).
    """

    kind: str
    data: bytes


class ResponseParser:
    """Take a response apart as its bytes come.

    Arguments:
        method: the request's method; a response to HEAD has no body.

    Attributes, None or empty until the head is whole: `status` (int), `reason` (str), `headers`
    (list of name and value, bytes), `framing` (`chunked`, `content-length`, `until close`,
    `none`). `complete` is True once the message itself said that it is over; a body framed
    `until close` never says so.
    """

    def __init__(self, method: str = "GET") -> None:
        self.status: int | None = None
        self.reason = ""
        self.headers: list[tuple[bytes, bytes]] = []
        self.framing = ""
        self.complete = False
        self._method = method
        self._status, self._reason = 0, ""  # of a head that may be cut short, or interim
        self._fields: list[tuple[bytes, bytes]] = []
        self._state = "status-line"
        self._line = bytearray()  # the unfinished line
        self._left = 0  # body bytes still to come in this chunk or message
        self._head_size = 0

    def feed(self, data: bytes) -> list[Span]:
        """Take the next bytes and return the spans they complete, in order.

        Raises `ProtocolError` for bytes that are not an HTTP/1.1 response.
        """
        spans: list[Span] = []
        at = 0
        while at < len(data):
            if self._state == "body":
                piece = data[at : at + self._left] if self._left >= 0 else data[at:]
                at += len(piece)
                spans.append(Span("body", bytes(piece)))
                if self._left >= 0:
                    self._left -= len(piece)
                    if self._left == 0:
                        self._body_done()
            elif self._state == "done":
                spans.append(Span("extra", bytes(data[at:])))
                at = len(data)
            else:
                end = data.find(b"\n", at) + 1
                self._line += data[at : end or len(data)]
                at = end or len(data)
                if len(self._line) > MAX_LINE:
                    raise self._too_long()
                if end:
                    line = bytes(self._line)
                    self._line.clear()
                    spans.append(Span(self._take(line), line))
        return spans

    def rest(self) -> list[Span]:
        """The unfinished line, if the bytes stopped in the middle of one."""
        return [Span("unfinished", bytes(self._line))] if self._line else []

    def _take(self, line: bytes) -> str:
        """Act on one whole line and say what it was."""
        state, text = self._state, line.rstrip(b"\r\n")
        if state == "status-line":
            self._status_line(text)
            self._state = "header"
        elif state == "header":
            self._head_size += len(line)
            if self._head_size > MAX_LINE:
                raise self._too_long()
            if not text:
                self._head_done()
                return "head-end"
            name, colon, value = text.partition(b":")
            if not colon or name != name.strip() or not name:
                raise ProtocolError(
                    expected="a header line such as `content-type: text/event-stream`",
                    got=repr(text[:80]),
                    next="See which program wrote this head; a log line printed into it is common.",
                )
            self._fields.append((name, value.strip()))
        elif state == "chunk-size":
            self._left = self._chunk_size(text)
            self._state = "body" if self._left else "trailer"
            return "chunk-size" if self._left else "last-chunk"
        elif state == "chunk-end":
            if text:
                raise ProtocolError(
                    expected="CRLF after a chunk's last byte",
                    got=repr(text[:80]),
                    next="The chunk was longer than its size line said; look at who framed it.",
                )
            self._state = "chunk-size"
        elif state == "trailer" and not text:
            self.complete, self._state = True, "done"
            return "message-end"
        return state

    def _status_line(self, text: bytes) -> None:
        version, _, rest = text.partition(b" ")
        code, _, reason = rest.partition(b" ")
        if not version.startswith(b"HTTP/1.") or len(code) != 3 or not code.isdigit():
            raise ProtocolError(
                expected="a status line such as HTTP/1.1 200 OK",
                got=repr(text[:80]),
                next="Check that the port speaks plain HTTP/1.1; https and gRPC do not.",
            )
        self._status, self._reason = int(code), reason.decode("latin-1")

    def _head_done(self) -> None:
        """Decide what frames the body (RFC 9112, 6.3)."""
        status = self._status
        if 100 <= status < 200 and status != 101:  # an interim answer: the real head follows
            self._fields, self._state = [], "status-line"
            return
        self.status, self.reason, self.headers = status, self._reason, self._fields
        found = {name.lower(): value for name, value in self.headers}
        length = found.get(b"content-length", b"")
        if self._method == "HEAD" or status in (204, 304):
            self.framing, self.complete, self._state = "none", True, "done"
        elif found.get(b"transfer-encoding", b"").lower().endswith(b"chunked"):
            self.framing, self._state = "chunked", "chunk-size"
        elif length:
            if not length.isdigit() or len(length) > 18:
                raise ProtocolError(
                    expected="a Content-Length in digits",
                    got=repr(length[:80]),
                    next="Leave the header out of a stream: its length is not known yet.",
                )
            self.framing, self._left, self._state = "content-length", int(length), "body"
            if not self._left:
                self._body_done()
        else:
            self.framing, self._left, self._state = "until close", -1, "body"

    def _body_done(self) -> None:
        if self.framing == "chunked":
            self._state = "chunk-end"
        else:
            self.complete, self._state = True, "done"

    def _chunk_size(self, text: bytes) -> int:
        digits = text.partition(b";")[0].strip()  # RFC 9112, 7.1.1: extensions are ignored
        if not digits or len(digits) > 16 or digits.strip(b"0123456789abcdefABCDEF"):
            raise ProtocolError(
                expected="a chunk size in hexadecimal, such as 1f",
                got=repr(text[:80]),
                next="Something on the path broke the chunked framing; record the upstream "
                "directly and compare.",
            )
        return int(digits, 16)

    def _too_long(self) -> ProtocolError:
        return ProtocolError(
            expected=f"a response head and framing lines of at most {MAX_LINE:,} bytes",
            got="more, with no end in sight",
            next="Look for a header that grows, such as a cookie or a log line.",
        )
