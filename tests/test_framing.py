"""ResponseParser: every byte belongs to one span, however the bytes were cut."""

from __future__ import annotations

import pytest

from labsupport.errors import ProtocolError
from labsupport.framing import MAX_LINE, ResponseParser, Span

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

RESPONSES = {
    "chunked": CHUNKED + b"5\r\nhello\r\n0A\r\n\r\nworld!!\r\r\n0\r\n\r\n",
    "chunk extensions and trailers": CHUNKED
    + b'5;name="a;b"\r\nhello\r\n000;last\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n',
    "content-length": HEAD + b"Content-Length: 5\r\n\r\nhello",
    "content-length 0": HEAD + b"Content-Length: 0\r\n\r\n",
    "beyond content-length": HEAD + b"Content-Length: 2\r\n\r\nhello\r\nHTTP/1.1",
    "until close": HEAD + b"\r\nhello\r\n\r\nworld",
    "204": b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nextra",
    "304": b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
    "interim answers": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
    + HEAD
    + b"Content-Length: 2\r\n\r\nhi",
    "bare line feeds": b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nhi\n0\n\n",
    "cut in the status line": b"HTTP/1.1 2",
    "cut in a header": HEAD + b"Content-Le",
    "cut in a chunk size": CHUNKED + b"5\r\nhello\r\n1",
    "cut in a chunk": CHUNKED + b"5\r\nhel",
}


def merged(spans: list[Span]) -> list[Span]:
    """The spans with the pieces of one chunk's body joined: where reads fell is left out."""
    found: list[Span] = []
    for span in spans:
        if found and span.kind == found[-1].kind and span.kind in ("body", "extra"):
            span = Span(span.kind, found.pop().data + span.data)
        found.append(span)
    return found


def parse(*pieces: bytes, method: str = "GET") -> tuple[ResponseParser, list[Span]]:
    parser = ResponseParser(method)
    spans = [span for piece in pieces for span in parser.feed(piece)]
    return parser, spans + parser.rest()


def facts(parser: ResponseParser) -> tuple[object, ...]:
    return parser.status, parser.reason, parser.headers, parser.framing, parser.complete


@pytest.mark.parametrize("name", RESPONSES)
def test_the_spans_joined_are_the_input_wherever_it_is_cut(name: str) -> None:
    data = RESPONSES[name]
    whole, expected = parse(data)
    assert b"".join(span.data for span in expected) == data
    cuts = [[data[:at], data[at:]] for at in range(len(data))]
    cuts.append([data[at : at + 1] for at in range(len(data))])
    for pieces in cuts:
        parser, spans = parse(*pieces)
        assert merged(spans) == merged(expected)
        assert facts(parser) == facts(whole)


def test_every_span_of_a_chunked_response_is_named() -> None:
    _, spans = parse(RESPONSES["chunk extensions and trailers"])
    assert [(span.kind, span.data) for span in spans] == [
        ("status-line", b"HTTP/1.1 200 OK\r\n"),
        ("header", b"Content-Type: text/event-stream\r\n"),
        ("header", b"Transfer-Encoding: chunked\r\n"),
        ("head-end", b"\r\n"),
        ("chunk-size", b'5;name="a;b"\r\n'),
        ("body", b"hello"),
        ("chunk-end", b"\r\n"),
        ("last-chunk", b"000;last\r\n"),
        ("trailer", b"X-Sum: 1\r\n"),
        ("trailer", b"X-More: 2\r\n"),
        ("message-end", b"\r\n"),
    ]


@pytest.mark.parametrize(
    ("name", "status", "framing", "complete", "body"),
    [
        ("chunked", 200, "chunked", True, b"hello\r\nworld!!\r"),
        ("content-length", 200, "content-length", True, b"hello"),
        ("content-length 0", 200, "content-length", True, b""),
        ("beyond content-length", 200, "content-length", True, b"he"),
        ("until close", 200, "until close", False, b"hello\r\n\r\nworld"),
        ("204", 204, "none", True, b""),
        ("304", 304, "none", True, b""),
        ("interim answers", 200, "content-length", True, b"hi"),
        ("bare line feeds", 200, "chunked", True, b"hi"),
        ("cut in the status line", None, "", False, b""),
        ("cut in a header", None, "", False, b""),
        ("cut in a chunk", 200, "chunked", False, b"hel"),
    ],
)
def test_what_frames_the_body_and_whether_it_is_over(
    name: str, status: int | None, framing: str, complete: bool, body: bytes
) -> None:
    parser, spans = parse(RESPONSES[name])
    assert (parser.status, parser.framing, parser.complete) == (status, framing, complete)
    assert b"".join(span.data for span in spans if span.kind == "body") == body


def test_a_response_to_head_has_no_body_whatever_its_headers_say() -> None:
    parser, _ = parse(HEAD + b"Content-Length: 5\r\n\r\n", method="HEAD")
    assert (parser.framing, parser.complete) == ("none", True)


def test_status_and_headers_are_unknown_until_the_head_is_whole() -> None:
    parser, _ = parse(HEAD)
    assert (parser.status, parser.reason, parser.headers) == (None, "", [])
    parser.feed(b"\r\n")
    assert (parser.status, parser.reason) == (200, "OK")
    assert parser.headers == [(b"Content-Type", b"text/event-stream")]


def test_headers_of_an_interim_answer_do_not_stay() -> None:
    parser, _ = parse(RESPONSES["interim answers"])
    assert b"Link" not in dict(parser.headers)


def test_what_follows_the_message_is_extra() -> None:
    _, spans = parse(RESPONSES["beyond content-length"])
    assert spans[-1] == Span("extra", b"llo\r\nHTTP/1.1")


def test_the_line_that_the_end_cut_short_is_unfinished() -> None:
    _, spans = parse(RESPONSES["cut in a chunk size"])
    assert spans[-1] == Span("unfinished", b"1")


def test_a_body_byte_is_handed_on_in_the_feed_that_brought_it() -> None:
    parser = ResponseParser()
    parser.feed(CHUNKED + b"5\r\n")
    assert [parser.feed(b"%c" % byte) for byte in b"hello"] == [
        [Span("body", b"%c" % byte)] for byte in b"hello"
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"GET / HTTP/1.1\r\n", "expected a status line such as HTTP/1.1 200 OK, got b'GET"),
        (b"HTTP/2 200\r\n", "got b'HTTP/2 200'. Next: Check that the port speaks plain HTTP/1.1"),
        (b"HTTP/1.1 20\r\n", "expected a status line"),
        (b"HTTP/1.1 2x0 OK\r\n", "expected a status line"),
        (b"\x15\x03\x01\x00\x02\x02\n", r"got b'\\x15.*https and gRPC do not"),
        (HEAD + b"no colon\r\n", "expected a header line .*got b'no colon'"),
        (HEAD + b" folded: line\r\n", "expected a header line"),
        (HEAD + b"Name : value\r\n", "expected a header line"),
        (HEAD + b": value\r\n", "expected a header line"),
        (
            HEAD + b"Content-Length: 5, 5\r\n\r\n",
            "expected a Content-Length in digits, got b'5, 5'",
        ),
        (HEAD + b"Content-Length: -5\r\n\r\n", "expected a Content-Length in digits"),
        (HEAD + b"Content-Length: " + b"9" * 19 + b"\r\n\r\n", "expected a Content-Length"),
        (CHUNKED + b"soup\r\n", "expected a chunk size in hexadecimal, such as 1f, got b'soup'"),
        (CHUNKED + b"\r\n", "expected a chunk size in hexadecimal"),
        (CHUNKED + b"-1\r\n", "expected a chunk size in hexadecimal"),
        (CHUNKED + b"0x5\r\n", "expected a chunk size in hexadecimal"),
        (CHUNKED + b"1_0\r\n", "expected a chunk size in hexadecimal"),
        (CHUNKED + b"1" * 17 + b"\r\n", "expected a chunk size in hexadecimal"),
        (CHUNKED + b"2\r\nabc\r\n", "expected CRLF after a chunk's last byte, got b'c'"),
        (HEAD + b"x" * (MAX_LINE + 1), "at most 65,536 bytes, got more, with no end in sight"),
        (HEAD + b"a: b\r\n" * MAX_LINE, "at most 65,536 bytes"),
        (CHUNKED + b"5;" + b"x" * MAX_LINE, "at most 65,536 bytes"),
    ],
)
def test_what_is_not_http_1_is_named_whole_and_byte_by_byte(data: bytes, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        parse(data)
    with pytest.raises(ProtocolError, match=message):
        parse(*(data[at : at + 1] for at in range(len(data))))
