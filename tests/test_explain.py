"""The text form: aligned, the same for the same bytes, and nothing left out in silence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from responses import LAST, chunk, response

from labsupport.errors import UsageError
from labsupport.explain import explain
from labsupport.sse import Event
from labsupport.visible import cells
from labsupport.wire import Capture, Chunk

SOUP = response(
    chunk(b"event: token\ndata: Hot\n\n"),
    chunk(b": keep-alive\n\ndata: so"),
    chunk("up é\n\n".encode())[:9],
    chunk("up é\n\n".encode())[9:],
    chunk(b"data: lost\nunfin"),
    LAST,
)


def later(made: Capture, by: float) -> Capture:
    """The same reads, all of them later."""
    reads = tuple(Chunk(read.at + by, read.data) for read in made.reads)
    return Capture(made.url, made.request, reads, made.ending, made.ended_at + by)


def test_the_text_shows_bytes_left_and_meaning_right_grouped_by_event() -> None:
    assert str(explain([b"data: a\n\n", b"id: 5\n\nda"])) == (
        "group        byte  bytes      meaning\n"
        "event 1    ┌    0  ┊data:␣a␊  field data: 'a'  ┊ read 1\n"
        "           └    8  ␊          blank line: dispatches event 1 (event 'message', data 'a')\n"
        "no event   ┌    9  ┊id:␣5␊    field id: '5'  ┊ read 2\n"
        "           │   15  ␊          blank line: no data, so it dispatches nothing; commits id\n"
        "           └                  '5'\n"
        "discarded  ╶   16  da         unfinished line: discarded, its line end never came\n"
        "\n"
        "18 bytes, 1 event, 2 reads.\n"
        "␍ CR  ␊ LF  ␣ the one space taken off  ⟨ff⟩ bytes in hex  ┊ a read began"
    )


def test_every_group_of_a_response_is_named_in_order() -> None:
    groups = [line.split("  ")[0] for line in str(explain(SOUP)).splitlines()[1:]]
    named = [name for name in groups if name and not name.startswith(("Ending", "␍", "2", "1"))]
    assert named == [
        *("head", "framing", "event 1", "framing", "no event", "event 2", "framing"),
        *("discarded", "framing"),
    ]


def test_events_are_those_of_the_capture() -> None:
    assert explain(SOUP).events == SOUP.events == [Event("Hot", "token"), Event("soup é")]


def test_without_reads_neither_marks_nor_times_are_shown() -> None:
    without = explain(SOUP, reads=False)
    for shown in (str(without), without._repr_html_()):
        assert "┊" not in shown and " ms" not in shown and "read" not in shown.split("<p>")[-1]


def test_without_reads_the_network_leaves_no_trace() -> None:
    raw = SOUP.raw
    bytewise = Capture(
        SOUP.url,
        SOUP.request,
        tuple(Chunk(0.001 * n, raw[n : n + 1]) for n in range(len(raw))),
        SOUP.ending,
        9.0,
    )
    assert str(explain(bytewise, reads=False)) == str(explain(SOUP, reads=False))
    assert explain(bytewise, reads=False)._repr_html_() == explain(SOUP, reads=False)._repr_html_()


def test_times_are_whole_milliseconds_and_their_width_moves_nothing() -> None:
    soon, late = (str(explain(later(SOUP, by))) for by in (0.0, 1000.0))
    assert "┊ 50 ms" in soon and "┊ 1000050 ms" in late
    assert re.sub(r"\d+ ms", "T", soon) == re.sub(r"\d+ ms", "T", late)


def test_reads_without_a_clock_are_numbered() -> None:
    assert "┊ read 1, read 2" in str(explain([b"data: ", b"a\n\n"]))


def test_many_reads_in_one_row_are_counted() -> None:
    assert "┊ read 1 … read 9 (9 reads)" in str(explain([bytes([b]) for b in b"data: abc"]))


def test_bytes_alone_were_not_read_in_pieces() -> None:
    assert "┊" not in str(explain(b"data: a\n\n"))


def test_rows_beyond_the_limit_are_counted_not_dropped() -> None:
    body = b"data: a\n\n" * 1000
    found = explain(body, limit=10)
    assert len(found.rows) == 2000
    for shown in (str(found), found._repr_html_()):
        assert "… 1,990 more rows, 8,955 bytes" in shown
    assert "9,000 bytes, 1,000 events" in str(found)


def test_a_long_row_is_drawn_to_a_limit_and_its_rest_is_counted() -> None:
    found = explain(b"data: " + "é".encode() * 5000 + b"\n\n")
    assert "… 9,407 more bytes" in str(found) and "… 9,407 more bytes" in found._repr_html_()
    assert len(str(found)) < 4000 and len(found._repr_html_()) < 9000


def test_columns_line_up_under_wide_characters() -> None:
    lines = str(explain("data: 完了\n\ndata: ab\n\n".encode())).splitlines()
    edges = {cells(line[: line.index(" field data")]) for line in lines if "field data" in line}
    assert len(edges) == 1


def test_no_line_ends_in_spaces() -> None:
    assert not [line for line in str(explain(SOUP)).splitlines() if line != line.rstrip()]


def test_a_compressed_body_is_hex_above_and_explained_below() -> None:
    import gzip

    header = b"content-encoding: gzip\r\ntransfer-encoding: chunked"
    made = response(chunk(gzip.compress(b"data: a\n\n", mtime=0)), LAST, header=header)
    above, below = str(explain(made)).split("The body with its content coding undone:")
    assert "1f 8b 08" in above and "event 1" not in above
    assert "blank line: dispatches event 1 (event 'message', data 'a')" in below


def test_the_explanation_of_nothing_is_a_table_without_rows() -> None:
    assert "0 bytes, 0 events" in str(explain(b""))
    assert "<table" in explain(b"")._repr_html_()


def test_a_wrong_source_says_what_to_give() -> None:
    with pytest.raises(UsageError, match=r"got str\. Next: Record one with record\(url\)"):
        explain("data: a\n\n")  # type: ignore[arg-type]


HOSTILE = b'data: <script>alert(1)</script>&<img src=x onerror="a">\nevent: "><b>\n\n<i>: x\n'


def test_hostile_bytes_are_escaped_in_the_html() -> None:
    plain = explain(b"data: \n\n")._repr_html_()
    html = explain(HOSTILE)._repr_html_()
    assert "<script" not in html and "<img" not in html and "<i>" not in html and "<b>" not in html
    assert "&lt;script&gt;" in html
    assert set(re.findall(r"<(\w+)", html)) == set(re.findall(r"<(\w+)", plain))


def test_a_hostile_head_is_escaped_too() -> None:
    made = response(b"", header=b"x-<script>: <b>\r\ncontent-encoding: <u>gzip", kind=b"<i>")
    html = explain(made)._repr_html_()
    assert not re.search(r"<(script|b|u|i)\b", html)


def test_the_html_has_a_header_row_no_ids_and_no_scripts() -> None:
    html = explain(SOUP)._repr_html_()
    for column in ("group", "byte", "bytes", "meaning", "read at"):
        assert f'<th scope="col">{column}</th>' in html
    assert " id=" not in html and "<script" not in html and "url(" not in html
    assert html == explain(SOUP)._repr_html_()


def test_the_html_says_in_words_what_its_colours_mean() -> None:
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", explain(SOUP)._repr_html_(), flags=re.DOTALL)
    for word in ("event 1", "event 2", "no event", "discarded", "framing", "comment: ignored"):
        assert word in words


def test_the_html_tells_the_same_rows_as_the_text() -> None:
    found = explain(SOUP)
    assert found._repr_html_().count('<td class="place">') == len(found.rows)


def test_a_saved_capture_explains_the_same(tmp_path: Path) -> None:
    SOUP.save(tmp_path / "run.json")
    assert str(explain(Capture.load(tmp_path / "run.json"))) == str(explain(SOUP))
