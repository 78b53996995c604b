"""Timelines: the class, the text that nbval compares, and the picture."""

from pathlib import Path

import pytest

from labsupport import Capture, Ending, timeline
from labsupport.errors import UsageError
from labsupport.timeline import pace
from labsupport.wire import Chunk

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n"


def capture(
    *times: float, end: float = 1.0, head: bytes = STREAM, ending: Ending = Ending.CLEAN
) -> Capture:
    """One event at each of these seconds."""
    reads = [Chunk(0.0, head)] if head else []
    reads += [Chunk(at, b"data: %d\n\n" % number) for number, at in enumerate(times)]
    return Capture("http://kitchen/", b"GET / HTTP/1.1\r\n\r\n", tuple(reads), ending, end)


def only_a_comment() -> Capture:
    reads = (Chunk(0.0, STREAM), Chunk(0.2, b": still cooking\n\n"))
    return Capture("http://kitchen/", b"GET / HTTP/1.1\r\n\r\n", reads, Ending.CLEAN, 1.0)


@pytest.mark.parametrize(
    ("word", "seen"),
    [
        ("streamed", capture(0.1, 0.4, 0.9)),
        ("streamed", capture(0.5, 0.6, 0.76)),
        ("in bursts", capture(*[0.2] * 5, *[0.6] * 5, 0.9, 0.9)),
        ("streamed", capture(0.2, 0.2, 0.2, 0.5, 0.5, 0.9)),
        ("held until the end", capture(0.95, 0.96, 0.99)),
        ("held until the end", capture(0.85, 0.86, 0.87)),
        ("all at once", capture(0.3, 0.31, 0.32)),
        ("one event", capture(0.5)),
        ("no event", only_a_comment()),
        ("no body", capture()),
        ("no response", capture(head=b"")),
    ],
)
def test_the_class_says_how_the_events_arrived(word: str, seen: Capture) -> None:
    assert pace(seen).word == word


def test_the_class_does_not_depend_on_how_long_it_took() -> None:
    for scale in (0.001, 1.0, 1000.0):
        assert pace(capture(0.1 * scale, 0.9 * scale, end=scale)).word == "streamed"
        assert pace(capture(0.95 * scale, 0.99 * scale, end=scale)).word == "held until the end"


def test_a_response_that_is_no_stream_is_one_body() -> None:
    reads = (Chunk(0.0, JSON), Chunk(0.7, b"{}"))
    seen = Capture("u", b"GET / HTTP/1.1\r\n\r\n", reads, Ending.CLEAN, 1.0)
    assert str(timeline(seen)) == "one body: first byte at 700 ms of 1000 ms, 2 bytes, clean"


def test_the_text_has_a_line_for_each_lane() -> None:
    lanes = {"direct": capture(0.1, 0.9), "through a buffer": capture(0.95, 0.96)}
    assert str(timeline(lanes)) == (
        "direct            streamed: first event at 100 ms of 1000 ms, 2 events, clean\n"
        "through a buffer  held until the end: first event at 950 ms of 1000 ms, 2 events, clean"
    )


def test_lanes_without_names_are_numbered() -> None:
    assert [line[0] for line in str(timeline([capture(0.1, 0.9)] * 2)).splitlines()] == ["1", "2"]


@pytest.mark.parametrize("ending", list(Ending))
def test_every_ending_is_a_word_in_the_text_and_in_the_picture(ending: Ending) -> None:
    drawn = timeline(capture(0.1, 0.5, ending=ending))
    assert str(drawn).endswith(f", {ending}")
    words = [text.get_text() for text in drawn.figure.axes[0].texts]
    assert f"{ending}\n1000 ms" in words


def test_the_picture_has_a_mark_for_each_event_and_says_when_the_first_came() -> None:
    axes = timeline(capture(0.1, 0.4, 0.9)).figure.axes[0]
    (marks,) = axes.collections
    assert [segment[0][0] for segment in marks.get_segments()] == pytest.approx([100, 400, 900])
    assert "first at 100 ms" in [text.get_text() for text in axes.texts]


def test_few_events_are_drawn_with_their_data_and_hostile_text_draws_as_text() -> None:
    reads = (Chunk(0.0, STREAM), Chunk(0.3, b"data: $x^2$\n\n"))
    seen = Capture("u", b"GET / HTTP/1.1\r\n\r\n", reads, Ending.CLEAN, 1.0)
    words = [text.get_text() for text in timeline(seen).figure.axes[0].texts]
    assert r"\$x^2\$" in words


def test_a_notebook_gets_a_picture_with_the_text_as_its_alternative() -> None:
    data, metadata = timeline(capture(0.1, 0.9))._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG") and len(data["image/png"]) < 60_000
    assert metadata["image/png"]["alt"] == f"Timeline. {data['text/plain']}"


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_save_writes_the_picture_whole(tmp_path: Path, kind: str) -> None:
    timeline(capture(0.1, 0.9)).save(tmp_path / f"run.{kind}")
    assert [path.name for path in tmp_path.iterdir()] == [f"run.{kind}"]
    start = {"png": b"\x89PNG", "svg": b"<?xml"}[kind]
    assert (tmp_path / f"run.{kind}").read_bytes().startswith(start)


def test_save_refuses_a_name_it_cannot_serve(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a name that ends in \.png, \.svg or \.pdf, got 'run'"):
        timeline(capture(0.1)).save(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [[], {}, {"a": 1}, ["x"]])
def test_anything_but_captures_is_refused(wrong: object) -> None:
    with pytest.raises(UsageError, match="expected a Capture, or a mapping from names"):
        timeline(wrong)  # type: ignore[arg-type]
