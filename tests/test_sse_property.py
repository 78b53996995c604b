"""`Decoder` against a second one, written straight from the standard and sharing nothing with it.

The naive one reads the whole stream and goes through it character by character, in the order of
the standard's own sentences (HTML 9.2.5 and 9.2.6). It is slow and has no chunks.
"""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from labsupport.sse import Decoder

Outcome = tuple[list[tuple[str, str, str]], str, int | None]


def naive(stream: bytes) -> Outcome:
    """Events as (type, data, last event id), then the last event id and the retry time."""
    text = stream.decode("utf-8", "replace")
    position = 1 if text[:1] == "\ufeff" else 0  # "strips one leading byte order mark"

    lines = []  # only complete ones: "discard an incomplete event at the end of the file"
    line = ""
    while position < len(text):
        character = text[position]
        position += 1
        if character == "\r":
            if position < len(text) and text[position] == "\n":
                position += 1
            lines.append(line)
            line = ""
        elif character == "\n":
            lines.append(line)
            line = ""
        else:
            line += character

    data = event_type = id_buffer = last_event_id = ""
    retry = None
    events = []
    for line in lines:
        if line == "":
            last_event_id = id_buffer
            if data != "":
                assert data[-1] == "\n"
                events.append((event_type if event_type else "message", data[:-1], last_event_id))
            data = event_type = ""
            continue
        if line[0] == ":":
            continue
        field, value = line, ""
        for index, character in enumerate(line):
            if character == ":":
                field, value = line[:index], line[index + 1 :]
                break
        if value != "" and value[0] == " ":
            value = value[1:]
        if field == "event":
            event_type = value
        elif field == "data":
            data += value + "\n"
        elif field == "id":
            if "\0" not in value:
                id_buffer = value
        elif field == "retry":
            number = 0
            for digit in value:
                if digit not in "0123456789":
                    break
                number = number * 10 + "0123456789".index(digit)
            else:
                if value != "":  # the standard leaves an empty value open; a browser ignores it
                    retry = number
    return events, last_event_id, retry


def decode(chunks: list[bytes]) -> Outcome:
    decoder = Decoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return [(e.event, e.data, e.id) for e in events], decoder.last_event_id, decoder.retry


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(stream), *(place % (len(stream) + 1) for place in places)})
    return [stream[start:end] for start, end in zip(edges, edges[1:], strict=False)]


# Blocks as models send them, so that the fast path runs, with the words that break it.
texts_in_blocks = [b"a", b"", b"data: ", "é😀".encode()]
simple = st.sampled_from(
    [*(b"data: %b\n\n" % text for text in texts_in_blocks), b"data: b\r\n\r\n"]
)
# The bytes on which decoders differ.
awkward = st.sampled_from(
    [b"\r", b"\n", b"\r\n", b"\n\n", b" ", b"\t", b":", b"\0", b"\xef\xbb\xbf", b"\xef", b"\xbb"]
    + [b"\xff", b"\xc3", b"\xa9", b"\xf0\x9f\x98", b"\x80", b"\xed\xa0\x80", b"\v", b"\x1c"]
    + ["\u2028".encode(), "\x85".encode(), "\u00a0".encode(), "\u0663".encode(), b"0", b"12", b"x"]
)
names = st.sampled_from([b"data", b"event", b"id", b"retry", b"Data", b"foo", b""])
starts = st.builds(bytes.__add__, names, st.sampled_from([b": ", b": ", b":", b"", b" :", b":  "]))
ends = st.sampled_from([b"\n", b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b""])
texts = st.lists(awkward | st.sampled_from([b"a", b"7"]), max_size=2).map(b"".join)
fields = st.tuples(starts, texts, ends).map(b"".join)
# Whole lines that undo, or must not undo, what an earlier line of the same kind has set.
lines = st.sampled_from(
    [b"retry: 7\n", b"retry:\n", b"retry: -1\n", "retry: \u0663\n".encode(), b"id: 7\n", b"id:\n"]
    + [b"id: \0\n", b"event: x\n", b"event:\n", b"event\n", b"data: a\n", b"data\n", b":\n", b"\n"]
)
streams = st.lists(simple | lines | fields | awkward, max_size=12).map(b"".join)

# A busy machine is no reason to fail, and a run leaves no files behind.
patient = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@settings(patient, max_examples=1500)
@given(stream=streams, places=st.lists(st.integers(0, 400), max_size=12))
@example(stream=b"\n" + b"data: a\n\n" * 3 + b"\n", places=[1])
def test_any_stream_in_any_chunks_means_what_the_naive_decoder_says(
    stream: bytes, places: list[int]
) -> None:
    assert decode(cut(stream, places)) == naive(stream)


@settings(patient, max_examples=300)
@given(stream=streams | st.binary(max_size=40))
def test_any_stream_means_the_same_byte_by_byte_and_in_two_parts_anywhere(stream: bytes) -> None:
    expected = naive(stream)
    assert decode([bytes([byte]) for byte in stream]) == expected
    for place in range(len(stream) + 1):
        assert decode([stream[:place], stream[place:]]) == expected, place


@settings(patient, max_examples=300)
@given(
    blocks=st.lists(simple, min_size=2, max_size=8),
    odd=awkward | fields,
    at=st.integers(0, 120),
    size=st.integers(1, 40),
)
def test_one_odd_thing_among_simple_events_is_not_lost_in_the_fast_path(
    blocks: list[bytes], odd: bytes, at: int, size: int
) -> None:
    run = b"".join(blocks)
    stream = b"\n" + run[:at] + odd + run[at:]
    expected = naive(stream)
    assert decode([b"\n", stream[1:]]) == expected
    assert decode(cut(stream, list(range(0, len(stream), size)))) == expected
