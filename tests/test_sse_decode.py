"""`Decoder` against the table: whole, byte by byte, cut at every place."""

from __future__ import annotations

from typing import Any

import pytest
from sse_cases import CASES, Case

from labsupport.errors import UsageError
from labsupport.sse import Decoder, Event

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)


def decode(*chunks: bytes, decoder: Decoder | None = None) -> tuple[list[Event], str, int | None]:
    decoder = decoder or Decoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return events, decoder.last_event_id, decoder.retry


def meaning(case: Case) -> tuple[list[Event], str, int | None]:
    return case.events, case.last_event_id, case.retry


def after_a_blank_line() -> Decoder:
    """A decoder that may take its fast path, which it cannot before the first line is over."""
    decoder = Decoder()
    assert decoder.feed(b"\n") == []
    return decoder


@every_case
def test_a_stream_fed_whole_means_what_the_table_says(case: Case) -> None:
    assert decode(case.stream) == meaning(case)


@every_case
def test_a_stream_fed_byte_by_byte_means_the_same(case: Case) -> None:
    assert decode(*(bytes([byte]) for byte in case.stream)) == meaning(case)


@every_case
def test_a_stream_cut_at_every_place_means_the_same(case: Case) -> None:
    for place in range(len(case.stream) + 1):
        assert decode(case.stream[:place], case.stream[place:]) == meaning(case), place


@every_case
def test_a_stream_cut_at_every_two_places_means_the_same(case: Case) -> None:
    stream = case.stream
    for second in range(len(stream) + 1):
        for first in range(second + 1):
            chunks = stream[:first], stream[first:second], stream[second:]
            assert decode(*chunks) == meaning(case), (first, second)


# Not those with a byte order mark: after the first line it is text.
@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.starts_with_bom], ids=lambda case: case.why
)
def test_a_stream_after_a_blank_line_means_the_same_cut_at_every_place(case: Case) -> None:
    for place in range(len(case.stream) + 1):
        chunks = case.stream[:place], case.stream[place:]
        assert decode(*chunks, decoder=after_a_blank_line()) == meaning(case), place


@every_case
def test_empty_chunks_change_nothing(case: Case) -> None:
    chunks = [part for byte in case.stream for part in (b"", bytes([byte]), b"")]
    assert decode(*chunks) == meaning(case)


def test_events_come_with_the_byte_that_completes_them() -> None:
    decoder = Decoder()
    assert [decoder.feed(bytes([byte])) for byte in b"data: a\n\ndata: b\r\r"] == [
        *([[]] * 8),
        [Event("a")],
        *([[]] * 8),
        [Event("b")],
    ]


def test_cr_at_the_end_of_a_chunk_dispatches_at_once_and_its_lf_is_dropped_later() -> None:
    decoder = Decoder()
    assert decoder.feed(b"data: a\r\n\r") == [Event("a")]
    assert decoder.feed(b"") == []
    assert decoder.feed(b"\ndata: b\n") == []
    assert decoder.feed(b"data: c\n\n") == [Event("b\nc")]


def test_an_id_is_committed_by_the_blank_line_and_not_before() -> None:
    decoder = Decoder()
    decoder.feed(b"id: 1\n\nid: 2\n")
    assert decoder.last_event_id == "1"
    decoder.feed(b"\n")
    assert decoder.last_event_id == "2"


def test_an_id_before_simple_events_is_committed_by_the_first_of_them() -> None:
    decoder = after_a_blank_line()
    decoder.feed(b"id: 1\n")
    assert decoder.feed(b"data: a\n\ndata: b\n\n") == [Event("a", id="1"), Event("b", id="1")]
    assert decoder.last_event_id == "1"
    decoder.feed(b"id: 2\n")
    assert decoder.feed(b"data: c\n\n") == [Event("c", id="2")]
    assert decoder.last_event_id == "2"


def test_a_name_or_a_text_in_an_earlier_chunk_belongs_to_the_next_blank_line() -> None:
    decoder = after_a_blank_line()
    decoder.feed(b"event: x\n")
    assert decoder.feed(b"data: a\n\ndata: b\n\n") == [Event("a", event="x"), Event("b")]
    decoder.feed(b"data: c\n")
    assert decoder.feed(b"data: d\n\ndata: e\n\n") == [Event("c\nd"), Event("e")]


def test_retry_acts_before_its_event_is_complete() -> None:
    decoder = Decoder()
    decoder.feed(b"retry: 20\r")
    assert decoder.retry == 20


@pytest.mark.parametrize("count", [639, 640, 641, 4300, 4301, 20_000])
def test_retry_of_any_number_of_digits_is_read_exactly(count: int) -> None:
    decoder = Decoder()
    decoder.feed(b"retry: " + b"9" * count + b"\n")
    assert decoder.retry is not None
    assert (decoder.retry == 10**count - 1) is True  # no repr: Python would refuse to write it


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_kind_of_bytes_is_taken_and_not_kept(kind: Any) -> None:
    decoder = Decoder()
    source = bytearray(b"data: Hel")
    decoder.feed(kind(source))
    source[:] = b"?" * len(source)
    assert decoder.feed(kind(b"lo\n\n")) == [Event("Hello")]
    assert decoder.feed(kind(b"data: x\n\n")) == [Event("x")]


@pytest.mark.parametrize("wrong", ["data: a\n\n", 5, None, [100, 97]])
def test_what_is_not_bytes_is_refused_and_changes_nothing(wrong: Any) -> None:
    decoder = Decoder()
    decoder.feed(b"data: a")
    with pytest.raises(UsageError) as caught:
        decoder.feed(wrong)
    assert str(caught.value) == (
        f"expected chunk as bytes, got {type(wrong).__name__}. Next: "
        "Feed the response's raw bytes as they came; the decoder does the UTF-8."
    )
    assert decoder.feed(b"\n\n") == [Event("a")]


def test_a_long_line_in_small_chunks_is_kept_in_pieces_and_joined_once() -> None:
    decoder = Decoder()
    text = b"x" * 400_000
    for start in range(0, len(text), 100):
        assert decoder.feed((b"data: " if start == 0 else b"") + text[start : start + 100]) == []
    assert decoder.feed(b"\n\n") == [Event(text.decode())]


def test_two_decoders_share_nothing() -> None:
    one, two = Decoder(), Decoder()
    one.feed(b"id: 1\nevent: x\ndata: \xe2\x82")
    assert two.feed(b"\xac\ndata: b\n\n") == [Event("b")]
    assert one.feed(b"\xac\n\n") == [Event("€", event="x", id="1")]


def test_decoder_repr_says_what_it_holds() -> None:
    decoder = Decoder()
    assert repr(decoder) == ("Decoder(last_event_id='', retry=None, 0 bytes of an unfinished line)")
    decoder.feed(b"id: 7\nretry: 10\n\nda")
    decoder.feed(b"ta")
    assert repr(decoder) == ("Decoder(last_event_id='7', retry=10, 4 bytes of an unfinished line)")


def test_event_is_a_value() -> None:
    assert Event("a") == Event(data="a", event="message", id="") != Event("a", id="1")
    assert len({Event("a"), Event("a"), Event("b")}) == 2
    assert [repr(event) for event in (Event(), Event("a"), Event("a", "x", "1"))] == [
        "Event(data='')",
        "Event(data='a')",
        "Event(data='a', event='x', id='1')",
    ]
    with pytest.raises(AttributeError):
        Event("a").data = "b"  # type: ignore[misc]
