"""Every byte of a response is in exactly one row, and the rows name the decoder's events."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responses import LAST, capture, chunk, response

from labsupport.anatomy import Anatomy, anatomy
from labsupport.errors import UsageError
from labsupport.sse import Decoder, Event
from labsupport.wire import Capture, Ending

# Pieces that mean something to a stream or to HTTP, so that chance finds more than noise.
PIECES = [
    *(b"data", b"data:", b"data: x", b"event: e", b"id: 5", b"id: a\0b", b"retry: 3000"),
    *(b"retry: +5", b":", b": c", b"foo: bar", b" ", b"\r", b"\n", b"\r\n", b"\n\n"),
    *(b"\xef\xbb\xbf", "é".encode(), b"\xc3", b"\xff", b"\xe2\x80\xa8"),
    *(b"0\r\n\r\n", b"5\r\n", b"HTTP/1.1 200 OK\r\n"),
]  # fmt: skip
BYTES = st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=14).map(b"".join)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in zip(edges, edges[1:], strict=False) if a < b]


def joined(found: Anatomy) -> bytes:
    at = 0
    for row in found.rows:
        assert row.start == at and row.data, "a row starts where the one before it stopped"
        at += len(row.data)
    return b"".join(row.data for row in found.rows)


def events(found: Anatomy) -> list[Event]:
    return [row.dispatched for row in found.rows + found.decoded if row.dispatched]


CUTS = st.lists(st.integers(0, 200), max_size=6)


@given(BYTES, CUTS)
@settings(max_examples=300, deadline=None)
def test_a_body_alone_is_accounted_for_however_it_is_cut(body: bytes, places: list[int]) -> None:
    found = anatomy(cut(body, places))
    assert joined(found) == body
    assert events(found) == Decoder().feed(body)


@given(BYTES, CUTS, CUTS, st.sampled_from(list(Ending)), st.binary(max_size=4))
@settings(max_examples=300, deadline=None)
def test_a_chunked_response_is_accounted_for_however_it_is_cut(
    body: bytes, chunks: list[int], reads: list[int], ending: Ending, extra: bytes
) -> None:
    raw = response(b"".join(map(chunk, cut(body, chunks))) + LAST + extra).raw
    found = anatomy(capture(cut(raw, reads), ending=ending))
    assert joined(found) == raw
    assert events(found) == Decoder().feed(body)


@given(BYTES, CUTS)
@settings(max_examples=300, deadline=None)
def test_bytes_that_may_not_be_http_are_accounted_for(raw: bytes, places: list[int]) -> None:
    assert joined(anatomy(capture(cut(raw, places)))) == raw


@given(BYTES, CUTS, st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_a_response_that_stops_anywhere_is_accounted_for(
    body: bytes, chunks: list[int], stop: int
) -> None:
    raw = response(b"".join(map(chunk, cut(body, chunks))) + LAST).raw[:stop]
    assert joined(anatomy(capture([raw] if raw else [], ending=Ending.TRUNCATED))) == raw


@given(BYTES, CUTS)
@settings(max_examples=100, deadline=None)
def test_a_compressed_body_is_shown_as_sent_and_explained_as_meant(
    body: bytes, places: list[int]
) -> None:
    sent = cut(gzip.compress(body, mtime=0), places)
    made = response(*map(chunk, sent), LAST, header=GZIP)
    found = anatomy(made)
    assert joined(found) == made.raw
    assert b"".join(row.data for row in found.decoded) == body
    assert events(found) == made.events == Decoder().feed(body)


GZIP = b"content-encoding: gzip\r\ntransfer-encoding: chunked"


def test_each_read_is_noted_once_in_the_row_where_it_begins() -> None:
    made = response(chunk(b"data: h\xc3")[:-2], b"\r\n" + chunk(b"\xa9\n\n"), LAST)
    rows = anatomy(made).rows
    begins = [(row.start + b.offset, b.number, b.at) for row in rows for b in row.reads]
    at, expected = 0, []
    for number, read in enumerate(made.reads, 1):
        expected.append((at, number, read.at))
        at += len(read.data)
    assert begins == expected


def test_a_line_in_two_chunks_keeps_the_order_of_bytes_and_its_meaning_at_its_end() -> None:
    rows = anatomy(response(chunk(b"data: so"), chunk(b"up\n\n"), LAST)).rows
    inside = [(row.kind, row.data) for row in rows if row.event == 1 or row.group == "event 1"]
    assert inside == [
        ("part", b"data: so"),
        ("chunk-end", b"\r\n"),
        ("chunk-size", b"4\r\n"),
        ("data", b"up\n"),
        ("blank", b"\n"),
    ]
    [line] = [row for row in rows if row.kind == "data"]
    assert line.meaning.startswith("field data: 'soup' (the line began at byte")


def test_the_second_half_of_a_crlf_in_the_next_chunk_is_no_line_end() -> None:
    rows = anatomy(response(chunk(b"data: a\r"), chunk(b"\n\r"), chunk(b"\n"), LAST)).rows
    halves = [row for row in rows if row.meaning == "the LF of that CRLF: no second line end"]
    assert [row.data for row in halves] == [b"\n", b"\n"]
    [dispatching] = [row for row in rows if row.dispatched]
    assert dispatching.data == b"\r"


def test_a_broken_chunk_size_keeps_what_came_before_it() -> None:
    made = response(chunk(b"data: a\n\n") + b"zz\r\ndata: b\n\n")
    found = anatomy(made)
    assert events(found) == [Event("a")]
    assert found.rows[-1].kind == "not-http" and found.rows[-1].data == b"zz\r\ndata: b\n\n"
    assert "expected a chunk size in hexadecimal, such as 1f, got b'zz'" in found.rows[-1].meaning


def test_what_was_announced_and_never_came_is_counted() -> None:
    cut_off = response(b"1f\r\ndata: a\n\n", ending=Ending.TRUNCATED)
    assert anatomy(cut_off).notes == (
        "The rest of the last chunk never came: 22 bytes.",
        "Ending: truncated; the connection was closed before the message was complete.",
    )
    short = response(b"data: a\n\n", header=b"content-length: 10", ending=Ending.TRUNCATED)
    assert anatomy(short).notes[0] == "The rest of the body never came: 1 byte."


def test_a_body_ended_by_closing_says_that_nobody_can_tell() -> None:
    notes = anatomy(response(b"data: a\n\n", header=b"connection: close")).notes
    assert notes == ("Ending: clean, as far as anybody can tell; closing is this body's only end.",)


@pytest.mark.parametrize(
    ("made", "kind", "why"),
    [
        (response(b'{"a": 1}', kind=b"application/json", header=b"content-length: 8"),
         "JSON text", "status 200 with application/json"),
        (response(chunk(b"<p>"), LAST, kind=b"text/html", status=b"502 Bad Gateway"),
         "HTML text", "status 502 with text/html"),
        (response(chunk(b"data: a\n\n"), LAST, status=b"404 Not Found"),
         "the body as text, line 1", "status 404 with text/event-stream; charset=utf-8"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_stream_is_text_and_says_why(made: Capture, kind: str, why: str) -> None:
    found = anatomy(made)
    body = [row for row in found.rows if row.layer == "body"]
    assert body[0].meaning == kind and {row.event for row in found.rows} == {None}
    expected = "No events: an event stream needs status 200 with text/event-stream, and this is"
    assert found.notes[0] == f"{expected} {why}."


def test_a_compressed_body_that_is_broken_is_shown_as_far_as_it_goes() -> None:
    sent = gzip.compress(b"data: a\n\n", mtime=0)[:-8]
    made = response(chunk(sent), chunk(b"\0" * 8), LAST, header=GZIP)
    found = anatomy(made)
    assert joined(found) == made.raw
    assert b"".join(row.data for row in found.decoded) == b"data: a\n\n"
    assert found.notes[0].startswith("The gzip data is broken: bytes that do not decompress")


def test_a_coding_that_is_not_undone_says_so_and_shows_no_events() -> None:
    found = anatomy(response(chunk(b"\x0b\x04"), LAST, header=GZIP.replace(b"gzip", b"br")))
    [coded] = [row for row in found.rows if row.layer == "coded"]
    assert coded.meaning == "part of the body in its content coding, br, which is not undone here"
    assert not found.decoded and not events(found)


@pytest.mark.parametrize("wrong", ["data: a\n\n", 5, ["data"], None])
def test_anything_but_a_capture_or_bytes_is_refused(wrong: object) -> None:
    with pytest.raises(UsageError, match=r"expected a Capture, bytes, or a list of bytes, got"):
        anatomy(wrong)  # type: ignore[arg-type]
