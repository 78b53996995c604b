"""Capture: what it says of one connection, and that it survives being saved."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from labsupport.errors import NotAStream, ProtocolError, UsageError
from labsupport.wire import Capture, Chunk, Ending, capture_of, inflater, plural

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def capture(*reads: bytes, request: bytes = b"GET / HTTP/1.1\r\n\r\n", **more: Any) -> Capture:
    """A capture of these reads, one each tenth of a second."""
    chunks = tuple(Chunk((n + 1) / 10, data) for n, data in enumerate(reads))
    settings: dict[str, Any] = {"ending": Ending.CLEAN, "ended_at": 1.0, **more}
    return Capture("http://127.0.0.1:8000/", request, chunks, **settings)


WHOLE = capture(CHUNKED, b"9\r\ndata: a\n\n\r\n", b"9\r\ndata", b": b\n\n\r\n0\r\n\r\n")


def test_chunks_hold_the_body_as_it_arrived_and_reads_hold_everything() -> None:
    assert WHOLE.chunks == (
        Chunk(0.2, b"data: a\n\n"),
        Chunk(0.3, b"data"),
        Chunk(0.4, b": b\n\n"),
    )
    assert WHOLE.body == b"data: a\n\ndata: b\n\n"
    assert WHOLE.raw == b"".join(read.data for read in WHOLE.reads)
    assert b"".join(span.data for span in WHOLE.spans) == WHOLE.raw


def test_status_headers_framing_and_method_are_read_from_the_bytes() -> None:
    assert (WHOLE.status, WHOLE.framing, WHOLE.method) == (200, "chunked", "GET")
    assert WHOLE.headers["CONTENT-TYPE"] == "text/event-stream; charset=utf-8"
    assert WHOLE.encoding == "identity"


def test_an_event_has_the_time_of_the_read_that_completed_it() -> None:
    assert [(at, event.data) for at, event in WHOLE.arrivals] == [(0.2, "a"), (0.4, "b")]
    assert [event.data for event in WHOLE.events] == ["a", "b"]


def test_a_response_to_head_has_no_body() -> None:
    seen = capture(HEAD + b"Content-Length: 5\r\n\r\n", request=b"HEAD / HTTP/1.1\r\n\r\n")
    assert (seen.method, seen.framing, seen.chunks) == ("HEAD", "none", ())


def test_the_unfinished_line_is_a_span_too() -> None:
    seen = capture(CHUNKED + b"5\r\nhello\r\n1", ending=Ending.TRUNCATED)
    assert seen.spans[-1].kind == "unfinished"
    assert b"".join(span.data for span in seen.spans) == seen.raw


@pytest.mark.parametrize(
    ("head", "got"),
    [
        (
            b"HTTP/1.1 404 Not Found\r\nContent-Type: text/event-stream\r\n\r\n",
            "status 404 with te",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", "200 with application/json"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-streams\r\n\r\n", "text/event-streams"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "status 200 with no Content-Type"),
        (HEAD, "no response head"),
        (b"", "no response head"),
    ],
)
def test_events_of_what_a_browser_would_refuse_is_not_a_stream(head: bytes, got: str) -> None:
    seen = capture(head)
    assert not seen.is_stream
    with pytest.raises(NotAStream, match=f"expected status 200 .*got .*{got}.*Next: ") as caught:
        _ = seen.events
    assert caught.value.capture is seen


def test_the_content_type_is_compared_without_case_and_parameters() -> None:
    kind = b"Content-Type: Text/Event-Stream ;charset=utf-8\r\n\r\n"
    assert capture(b"HTTP/1.1 200 OK\r\n" + kind).is_stream


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_compressed_events_are_read_however_the_body_was_cut(size: int) -> None:
    packed = gzip.compress(b"data: a\n\ndata: b\n\n")
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    seen = capture(HEAD + b"Content-Encoding: GZip\r\n\r\n", *pieces)
    assert seen.encoding == "gzip"
    assert seen.body == packed
    assert [event.data for event in seen.events] == ["a", "b"]


def test_an_unknown_coding_is_left_as_it_is() -> None:
    assert inflater("br")(b"data") == b"data"


def test_bytes_that_do_not_decompress_are_a_protocol_error() -> None:
    seen = capture(HEAD + b"Content-Encoding: gzip\r\n\r\n", b"data: a\n\n")
    with pytest.raises(ProtocolError, match="expected a body in the content coding that its head"):
        _ = seen.events


def test_bytes_that_are_not_http_raise_where_they_are_read() -> None:
    seen = capture(CHUNKED, b"soup\r\n")
    assert seen.raw.endswith(b"soup\r\n")
    with pytest.raises(ProtocolError, match="got b'soup'"):
        _ = seen.chunks


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (WHOLE, "Capture(200, 3 chunks, 18 bytes, first at 0.20 s, last at 0.40 s, clean)"),
        (
            capture(HEAD + b"\r\n", b"data: a\n\n", ending=Ending.TRUNCATED),
            "Capture(200, 1 chunk, 9 bytes, first at 0.20 s, last at 0.20 s, truncated)",
        ),
        (capture(HEAD + b"\r\n"), "Capture(200, 0 chunks, 0 bytes, clean)"),
        (capture(ending=Ending.RESET), "Capture(no response, reset after 1.00 s)"),
        (capture(b"soup\r\n"), "Capture(1 read, 6 bytes, not HTTP/1.1)"),
    ],
)
def test_repr_says_how_much_came_when_and_how_it_ended(seen: Capture, text: str) -> None:
    assert repr(seen) == text


def test_repr_of_a_chunk_shows_time_and_bytes() -> None:
    assert repr(Chunk(0.25, b"data")) == "Chunk(0.250 s, b'data')"


def test_a_saved_capture_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    seen = capture(CHUNKED, b"\xff\x00", ending=Ending.TIMED_OUT, note="süß")
    seen.save(path)
    loaded = Capture.load(path)
    assert loaded == seen
    assert type(loaded.ending) is Ending
    assert list(tmp_path.iterdir()) == [path]


def test_saving_over_a_capture_replaces_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    capture(CHUNKED * 100).save(path)
    WHOLE.save(str(path))
    assert Capture.load(str(path)) == WHOLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "soup",
        '{"reads": [[0, "!"]]}',
        '{"reads": [], "request": "", "ending": "x"}',
    ],
)
def test_a_file_that_is_no_capture_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="expected a file written by Capture.save, got .*run.json"):
        Capture.load(path)


def test_a_capture_with_unknown_fields_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    WHOLE.save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"soup": 1}))
    with pytest.raises(UsageError, match="soup"):
        Capture.load(path)
    with pytest.raises(UsageError, match="FileNotFoundError"):
        Capture.load(tmp_path / "none.json")


def test_a_capture_by_hand_has_these_chunks_one_a_second() -> None:
    seen = capture_of([b"data: a\n", b"\n"], ending=Ending.TRUNCATED)
    assert seen.chunks == (Chunk(1.0, b"data: a\n"), Chunk(2.0, b"\n"))
    assert seen.ending is Ending.TRUNCATED
    assert [(at, event.data) for at, event in seen.arrivals] == [(2.0, "a")]


def test_the_five_endings_are_five_words() -> None:
    assert [str(ending) for ending in Ending] == [
        "clean",
        "truncated",
        "reset",
        "timed out",
        "stopped by us",
    ]


def test_plural_counts() -> None:
    assert [plural(n, "chunk") for n in (0, 1, 2)] == ["0 chunks", "1 chunk", "2 chunks"]
