"""What a line of an event stream is said to do is what the decoder does with it."""

from __future__ import annotations

import pytest

from labsupport.anatomy_lines import quoted, stream_lines, text_lines
from labsupport.sse import Decoder

MEANINGS = {
    b"data: a\n": "field data: 'a'",
    b"data:a\n": "field data: 'a'",
    b"data:\n": "field data: ''",
    b"data\n": "field data: ''; no colon, so all of it is the name",
    b"data:  a\n": "field data: ' a'; one space is taken off, the rest is kept",
    b"data: a\xff\n": "field data: 'a�'; not UTF-8, so U+FFFD (�) stands in",
    "data: a\u2028b\n".encode(): r"field data: 'a\u2028b'; only CR and LF end a line here",
    b"event: e\n": "field event: the type is 'e'",
    b"event:\n": "field event: the type is message again",
    b"id: 5\n": "field id: '5'",
    b"id\n": "field id: empty, so the id is cleared; no colon, so all of it is the name",
    b"id: a\0b\n": "field id: ignored, its value holds a NUL; the id before it stays",
    b"retry: 03000\n": "field retry: reconnect after 3000 ms",
    b"retry: +5\n": "field retry: ignored, '+5' is not digits only",
    b"retry:\n": "field retry: ignored, '' is not digits only",
    "retry: ５\n".encode(): "field retry: ignored, '５' is not digits only",
    b": hi\n": "comment: ignored",
    b"foo: bar\n": "unknown field 'foo': ignored",
    b"Data: a\n": "unknown field 'Data': ignored; it is not data, names are compared exactly",
    b" id: 5\n": "unknown field ' id': ignored; it is not id, names are compared exactly",
    b"\xef\xbb\xbf": "byte order mark: the first one is taken off",
    b"data: a": "unfinished line: discarded, its line end never came",
}


@pytest.mark.parametrize(("line", "meaning"), MEANINGS.items(), ids=map(repr, MEANINGS))
def test_a_line_says_what_it_does(line: bytes, meaning: str) -> None:
    [found] = stream_lines(line)
    assert found.meaning.removesuffix("; discarded, no blank line came") == meaning


@pytest.mark.parametrize("value", ["3000", "03000", "0", "+5", "-1", "1_000", "5 ", "", "９"])
def test_retry_is_called_taken_exactly_when_the_decoder_takes_it(value: str) -> None:
    decoder, line = Decoder(), f"retry:{value}\n".encode()
    decoder.feed(line)
    said = stream_lines(line)[0].meaning
    assert said.startswith("field retry: reconnect after") == (decoder.retry is not None)


def test_a_second_byte_order_mark_is_text() -> None:
    first, second = stream_lines(b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n")
    assert first.kind == "bom" and second.kind == "unknown"
    assert second.meaning == (
        r"unknown field '\ufeffdata': ignored; only the stream's first BOM is taken off"
    )


def test_a_blank_line_without_data_says_what_it_drops_and_what_it_commits() -> None:
    *_, last = stream_lines(b"event: e\nid: 5\n\n")
    assert last.meaning == (
        "blank line: no data, so it dispatches nothing; commits id '5'; the type is dropped"
    )
    assert last.group == "no event" and last.event is None


def test_a_blank_line_names_the_event_it_dispatches() -> None:
    *_, last = stream_lines(b"event: e\nid: 5\ndata: a\ndata: b\n\n")
    assert last.meaning == r"blank line: dispatches event 1 (event 'e', data 'a\nb', id '5')"
    assert last.dispatched == Decoder().feed(b"event: e\nid: 5\ndata: a\ndata: b\n\n")[0]


def test_lines_are_numbered_by_their_event_and_the_rest_is_discarded() -> None:
    lines = stream_lines(b"data: a\n\n: ping\n\nid: 1\ndata: b\n\nid: 2\nretry: 9\nda")
    assert [(line.group, line.event) for line in lines] == [
        *[("event 1", 1)] * 2,
        *[("no event", None)] * 2,
        *[("event 2", 2)] * 3,
        *[("discarded", None)] * 3,
    ]
    assert lines[-3].meaning == "field id: '2'; discarded, no blank line came"
    assert lines[-2].meaning == "field retry: reconnect after 9 ms"  # a finished retry counts


def test_a_trailing_comment_is_ignored_and_not_lost() -> None:
    assert [line.group for line in stream_lines(b": ping\n")] == ["no event"]


def test_cr_lf_and_crlf_each_end_one_line() -> None:
    pieces = [line.data for line in stream_lines(b"data: a\rdata: b\ndata: c\r\n\r\n")]
    assert pieces == [b"data: a\r", b"data: b\n", b"data: c\r\n", b"\r\n"]


def test_the_place_of_the_one_stripped_space_is_known() -> None:
    assert [line.stripped for line in stream_lines(b"data: a\ndata:a\ndata\n: a\nid:  5\n")] == [
        *(5, None, None, None, 3),
    ]


def test_a_huge_retry_is_quoted_and_not_computed() -> None:
    [line] = stream_lines(b"retry: " + b"9" * 5000 + b"\n")
    assert line.meaning.endswith("(5,000 characters) ms")


def test_text_that_is_no_stream_is_numbered_by_line() -> None:
    assert [line.meaning for line in text_lines(b"a\nb", "HTML text")] == [
        "HTML text, line 1",
        "HTML text, line 2",
    ]


def test_a_long_value_is_quoted_by_its_beginning_and_length() -> None:
    assert quoted("x" * 81) == f"'{'x' * 60}'… (81 characters)"
    assert quoted("x" * 80) == repr("x" * 80)
