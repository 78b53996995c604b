"""Any capture and any text can be drawn, sharp, small and without a warning."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest
from PIL import Image
from responses import LAST, chunk, response

from labsupport.errors import UsageError
from labsupport.timeline import pace, timeline
from labsupport.wire import Capture, Chunk, Ending, capture_of


def arriving(times: Sequence[float], data: str = "x") -> Capture:
    """A stream with an event at each of these seconds, ended after one."""
    made = capture_of([f"data: {data}\n\n".encode()] * len(times))
    reads = [Chunk(at, read.data) for at, read in zip([0, *times], made.reads, strict=True)]
    return replace(made, reads=tuple(reads), ended_at=1.0)


EVEN = arriving([0.1 * n for n in range(1, 11)])


def test_a_capture_made_by_hand_has_a_pace_although_nobody_timed_its_end() -> None:
    made = capture_of([b"data: a\n\n"] * 4)
    assert str(timeline(made)) == ("streamed: first event at 1000 ms of 4000 ms, 4 events, clean")
    assert pace(made).end == 4.0


def test_the_text_does_not_change_with_how_the_network_cut_the_bytes() -> None:
    cut = [Chunk(read.at, part) for read in EVEN.reads for part in (read.data[:5], read.data[5:])]
    assert str(timeline(replace(EVEN, reads=tuple(cut)))) == str(timeline(EVEN))


def test_the_picture_is_drawn_twice_as_fine_as_it_is_shown() -> None:
    shown, about = timeline({"a": EVEN, "b": EVEN})._repr_mimebundle_()
    picture = Image.open(io.BytesIO(shown["image/png"]))
    assert picture.width == 2 * about["image/png"]["width"] == 1640
    assert picture.height == 2 * about["image/png"]["height"]
    assert len(shown["image/png"]) < 40_000


@pytest.mark.parametrize(
    "text", ["完了", "🙂", "$x$", r"\frac", "a\tb", "שלום", "$", "\u202e", "long " * 90]
)
def test_any_text_can_be_drawn_without_a_warning(text: str) -> None:
    made = timeline({text: arriving([0.2, 0.8], text)}, title=text)
    assert made._repr_mimebundle_()[0]["image/png"].startswith(b"\x89PNG")


def test_a_character_that_the_font_lacks_is_a_box() -> None:
    [axes] = timeline(arriving([0.2], "a完")).figure.axes
    assert "a□" in [text.get_text() for text in axes.texts]


@pytest.mark.parametrize(
    "made",
    [
        Capture("", b"GET", (), Ending.RESET, 0.0),
        response(LAST),
        response(chunk(b": ping\n\n"), ending=Ending.TIMED_OUT),
        capture_of([]),
        capture_of([b"data: a\n\n"] * 3),
        arriving([0.5] * 500),
    ],
)
def test_any_capture_can_be_drawn_inside_its_axes(made: Capture) -> None:
    figure = timeline(made).figure
    figure.savefig(io.BytesIO(), format="png")
    [axes] = figure.axes
    left, right = axes.get_xlim()
    assert all(left <= x <= right for line in axes.lines for x in line.get_xdata())


@pytest.mark.parametrize("wrong", [5, None])
def test_what_cannot_hold_captures_is_refused(wrong: object) -> None:
    with pytest.raises(UsageError, match="expected a Capture, or a mapping from names to captures"):
        timeline(wrong)  # type: ignore[arg-type]


def test_importing_it_loads_no_matplotlib_and_drawing_loads_no_pyplot() -> None:
    code = (
        "import sys\n"
        "from labsupport.timeline import timeline\n"
        "from labsupport.wire import capture_of\n"
        "assert 'matplotlib' not in sys.modules\n"
        "timeline(capture_of([b'data: a\\n\\n']))._repr_mimebundle_()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=100)
