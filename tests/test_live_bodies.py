"""Lanes fill with any body, however it was cut, and say how long an empty lane has waited."""

from __future__ import annotations

import pytest

from labsupport.live import Lanes
from labsupport.sse import Decoder
from labsupport.wire import Chunk


def fed(body: bytes, *, size: int) -> Lanes:
    """A lane fed this body in pieces of `size` bytes, as `race` would."""
    lanes, decoder = Lanes("a"), Decoder()
    for at in range(0, len(body), size):
        piece = body[at : at + size]
        lanes.on_chunk("a", Chunk(at / 1000, piece), decoder.feed(piece))
    return lanes


@pytest.mark.parametrize("size", [1, 2, 7, 100])
@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"text": "Hot soup"}', "Hot soup"),
        (b"<h1>502</h1>", "<h1>502</h1>"),
        ("café".encode(), "café"),
        (b"data: Hot\n\ndata:  soup\n\nevent: done\ndata: {}\n\n", "Hot soup"),
        (b"\xef\xbb\xbf: ping\n\ndata: Hot\n\n: ping\n\n", "Hot"),
    ],
)
def test_a_lane_shows_the_same_text_however_it_was_cut(body: bytes, text: str, size: int) -> None:
    assert fed(body, size=size).text == {"a": text}


def test_half_an_event_is_not_shown() -> None:
    assert fed(b"data: Hot", size=1).text == {"a": ""}


def test_an_empty_lane_says_how_long_it_has_waited_while_another_fills() -> None:
    lanes = Lanes("json", "stream")
    lanes.on_chunk("stream", Chunk(0.3, b"data: a\n\n"), Decoder().feed(b"data: a\n\n"))
    assert "waiting, 300 ms" in lanes.widget.children[0].value
    lanes.on_chunk("json", Chunk(0.4, b'{"text": "a"}'), [])
    lanes.on_chunk("stream", Chunk(0.5, b"data: b\n\n"), Decoder().feed(b"data: b\n\n"))
    assert "after 400 ms" in lanes.widget.children[0].value
