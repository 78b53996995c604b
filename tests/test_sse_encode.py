"""`encode`: what it writes, what it refuses, and that text can never become a field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sse_cases import CASES, Case

from labsupport.errors import FramingError
from labsupport.sse import Decoder, Event, encode

WRITTEN = [case for case in CASES if case.written is not None]


def lf_only(text: str) -> str:
    """The one thing that `encode` does not carry: which line end it was."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case.why)
def test_encode_writes_the_bytes_of_the_table(case: Case) -> None:
    assert case.written is not None
    assert b"".join(encode(**arguments) for arguments in case.written) == case.stream


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"])
def test_every_line_end_in_data_becomes_a_data_line(line_end: str) -> None:
    block = encode(f"a{line_end}{line_end}b{line_end}")
    assert block == b"data: a\ndata: \ndata: b\ndata: \n\n"
    assert Decoder().feed(block) == [Event("a\n\nb\n")]


# Characters that end a line, or look as if they did, or begin or end a field.
awkward = st.text(
    st.sampled_from("\r\n :\t\0\v\f\x85\u2028\u2029\ufeff\u00a0aé😀")
    | st.characters(exclude_categories=["Cs"]),
    max_size=12,
) | st.sampled_from(["data: x", "\nid: 9", "\r\n\r\ndata: x", "event: e\n\n", ":", " "])
one_line = awkward.filter(lambda text: "\r" not in text and "\n" not in text)
absent = st.none()

# A busy machine is no reason to fail, and a run leaves no files behind.
patient = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(
    data=awkward,
    event=absent | one_line.filter(bool),
    id=absent | one_line.filter(lambda text: "\0" not in text),
    retry=absent | st.integers(min_value=0),
    comment=absent | awkward,
)
@example(data="\r\n\r\ndata: x", event=" ", id=" ", retry=0, comment="\r\n\r\ndata: x")
def test_whatever_encode_accepts_comes_back_as_one_event(
    data: str, event: str | None, id: str | None, retry: int | None, comment: str | None
) -> None:
    block = encode(data, event=event, id=id, retry=retry, comment=comment)
    decoder = Decoder()
    decoder.feed(b"id: before\nretry: 7\n\n")
    events = decoder.feed(block * 2)
    expected = Event(lf_only(data), event or "message", "before" if id is None else id)
    assert events == [expected, expected]
    assert decoder.last_event_id == expected.id
    assert decoder.retry == (7 if retry is None else retry)


@patient
@given(id=absent | st.just("5"), retry=absent | st.just(5), comment=absent | awkward)
def test_a_block_without_data_dispatches_nothing(
    id: str | None, retry: int | None, comment: str | None
) -> None:
    if id is None and retry is None and comment is None:
        comment = ""
    decoder = Decoder()
    block = encode(None, id=id, retry=retry, comment=comment)
    assert decoder.feed(block) == []
    assert (decoder.last_event_id, decoder.retry) == (id or "", retry)
    assert decoder.feed(b"data: a\n\n") == [Event("a", id=id or "")]


def test_a_comment_without_text_is_a_colon_alone_on_its_line() -> None:
    assert encode(None, comment="") == b": \n\n"
    assert encode(None, comment="a\nb\r\nc\rd") == b": a\n: b\n: c\n: d\n\n"


LINE_BREAK = "Take the line break out: it ends the field."
TEXT = "Pass text, such as json.dumps(...)."
UTF8 = "text that UTF-8 can carry"

REFUSED: list[tuple[dict[str, Any], str]] = [
    *(
        ({"data": "a", name: f"x{end}data: y"}, f"{name} on one line, got {f'x{end}data: y'!r}")
        for name in ("event", "id")
        for end in ("\r", "\n", "\r\n")
    ),
    ({"data": "a", "id": "1\0"}, "id without NUL, got '1\\x00'"),
    ({"data": "a", "event": ""}, "event as a name, got ''"),
    ({"data": None}, "data as str, got None"),
    ({"data": None, "event": "x"}, "data as str, got None"),
    ({"data": None, "event": "x", "id": "1"}, "data as str, got None"),
    ({"data": b"a"}, "data as str, got bytes"),
    ({"data": {"a": 1}}, "data as str, got dict"),
    ({"data": Event("a")}, "data as str, got Event"),
    ({"data": "a", "event": 5}, "event as str, got int"),
    ({"data": "a", "id": 5}, "id as str, got int"),
    ({"data": "a", "comment": b"x"}, "comment as str, got bytes"),
    *(
        ({"data": "a", "retry": wrong}, f"retry as an int of 0 or more, got {wrong!r}")
        for wrong in (-1, True, "3000", 1.5)
    ),
    *(
        ({"data": "a", name: "x\ud83d"}, f"{UTF8}, got the lone surrogate '\\ud83d'")
        for name in ("data", "event", "id", "comment")
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_what_the_format_cannot_carry_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(FramingError) as caught:
        encode(**arguments)
    text = str(caught.value)
    assert text.startswith(f"expected {message}. Next: ")
    assert text.endswith(".")


@pytest.mark.parametrize(
    ("arguments", "next"),
    [
        ({"data": "a", "id": "1\n2"}, LINE_BREAK),
        ({"data": "a", "id": "\0"}, "Choose another: a reader ignores an id with NUL."),
        ({"data": "a", "event": ""}, 'Leave event out: no name is read as "message".'),
        ({"data": None}, 'Pass data="": a block without data dispatches no event.'),
        ({"data": 5}, TEXT),
        ({"data": "a", "retry": -1}, "Give milliseconds: retry=3000."),
        ({"data": "\udc80"}, "Join the two halves of the character first."),
    ],
)
def test_a_refusal_says_what_to_do_next(arguments: dict[str, Any], next: str) -> None:
    with pytest.raises(FramingError) as caught:
        encode(**arguments)
    assert caught.value.next == next
