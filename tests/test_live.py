"""Lanes: text that arrives is shown as text, and what nbval compares does not vary."""

import pytest

from labsupport import Event
from labsupport.errors import UsageError
from labsupport.live import Lanes
from labsupport.wire import Chunk, capture_of


def box(lanes: Lanes, number: int = 0) -> str:
    return str(lanes.widget.children[number].value)


def test_events_fill_a_lane_word_by_word() -> None:
    lanes = Lanes("stream")
    lanes.on_chunk("stream", Chunk(0.1, b""), [Event(data="Hot"), Event(data="soup")])
    lanes.on_chunk("stream", Chunk(0.2, b""), [Event(data=" is ready")])
    assert lanes.text == {"stream": "Hot soup is ready"}
    assert "after 200 ms" in box(lanes) and "Hot soup is ready" in box(lanes)


def test_a_done_event_is_not_text() -> None:
    lanes = Lanes("stream")
    lanes.on_chunk("stream", Chunk(0.1, b""), [Event(data="{}", event="done")])
    assert lanes.text == {"stream": ""}


def test_a_json_answer_shows_its_text() -> None:
    lanes = Lanes("json")
    lanes.on_chunk("json", Chunk(0.1, b'{"text": "Hot soup"}'), [])
    assert lanes.text == {"json": "Hot soup"}


def test_half_a_json_answer_shows_as_it_is() -> None:
    lanes = Lanes("json")
    lanes.on_chunk("json", Chunk(0.1, b'{"te'), [])
    assert lanes.text == {"json": '{"te'}


def test_a_comment_adds_nothing() -> None:
    lanes = Lanes("stream")
    lanes.on_chunk("stream", Chunk(0.1, b": keep-alive\n\n"), [])
    assert lanes.text == {"stream": ""}


def test_markup_in_tokens_and_names_stays_text() -> None:
    lanes = Lanes("<i>lane</i>")
    lanes.on_chunk("<i>lane</i>", Chunk(0.1, b""), [Event(data="<script>alert(1)</script>")])
    assert "<script>" not in box(lanes) and "<i>" not in box(lanes)
    assert "&lt;script&gt;" in box(lanes)


def test_done_says_how_each_lane_ended() -> None:
    lanes = Lanes("a", "b")
    lanes.done({"a": capture_of([]), "b": capture_of([])})
    assert "clean at 0 ms" in box(lanes, 0) and "clean at 0 ms" in box(lanes, 1)


def test_what_is_compared_is_the_same_in_every_run() -> None:
    first, second = Lanes("a", "b"), Lanes("a", "b")
    shown = [lanes._repr_mimebundle_()["text/plain"] for lanes in (first, second)]
    assert shown[0] == shown[1] and "waiting" in box(first)


def test_no_names_are_refused() -> None:
    with pytest.raises(UsageError, match="expected at least one name, got none"):
        Lanes()


def test_a_lane_nobody_named_is_refused() -> None:
    with pytest.raises(UsageError, match="expected one of the lanes a, b, got 'c'"):
        Lanes("a", "b").on_chunk("c", Chunk(0.1, b""), [])
