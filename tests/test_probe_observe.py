"""What a capture shows as numbers: bursts, frames, heartbeats, and odd bytes."""

import pytest
from probe_captures import event, events, flowing, taken, zipped

from labsupport.probe import observe
from labsupport.wire import Capture, Chunk, Ending


def test_each_event_in_a_read_of_its_own_is_a_burst_of_one() -> None:
    seen = observe(flowing(5))
    assert [burst.events for burst in seen.bursts] == [1] * 5
    assert (seen.events, seen.per_burst, seen.event_size) == (5, 1.0, 30)
    assert seen.frames == (30,) * 5


def test_a_burst_that_the_network_cut_in_three_is_one_burst() -> None:
    body = b"".join(events(30))
    reads = [(1.0, [body[:300]]), (1.0004, [body[300:500]]), (1.0009, [body[500:]])]
    seen = observe(taken(reads))
    assert [(burst.size, burst.events, burst.frames) for burst in seen.bursts] == [(900, 30, 3)]
    assert seen.head_with_body


def test_a_head_that_came_before_the_first_lump_did_not_come_with_it() -> None:
    assert not observe(taken([(0.2, events(4))], head_at=0.001)).head_with_body


def test_a_quick_stream_is_not_taken_for_one_burst() -> None:
    assert len(observe(flowing(200, every=0.0015)).bursts) == 200


def test_a_burst_knows_if_it_ends_where_an_event_ends() -> None:
    one = event(1)
    for cut, whole in ((one, True), (one[:-1], False), (one[:10], False), (one + b"data", False)):
        assert observe(taken([(0.1, [cut])])).bursts[0].whole is whole


def test_events_may_end_with_crlf_and_be_cut_anywhere() -> None:
    text = b"data: a\r\n\r\n"
    for cut in range(1, len(text)):
        seen = observe(taken([(0.1, [text[:cut]]), (0.2, [text[cut:]])]))
        assert (seen.events, seen.bursts[-1].whole) == (1, True)


def test_heartbeats_are_counted_with_their_interval() -> None:
    reads = [(0.1, [b"data: a\n\n"]), *((1.0 * n, [b": ping\n\n"]) for n in (1, 2, 3))]
    seen = observe(taken(reads))
    assert seen.comments == (1.0, 2.0, 3.0) and seen.heartbeat == 1.0
    assert observe(flowing()).heartbeat is None


@pytest.mark.parametrize("flush", [True, False])
def test_a_flush_of_the_compressor_is_seen(flush: bool) -> None:
    texts = [(0.1 * n, one) for n, one in enumerate(events(10))]
    seen = observe(taken(zipped(texts, flush=flush), headers={"content-encoding": "gzip"}))
    assert seen.events == 10 and (seen.flushes >= 10) is flush


def test_a_body_that_does_not_decompress_is_not_readable_and_no_error() -> None:
    seen = observe(taken([(0.1, [b"not gzip"])], headers={"content-encoding": "gzip"}))
    assert not seen.readable and seen.events == 0


def test_a_coding_that_is_unknown_here_is_not_readable() -> None:
    assert not observe(taken([(0.1, [b"x"])], headers={"content-encoding": "br"})).readable


def test_bytes_that_are_no_http_are_told() -> None:
    reads = (Chunk(0.1, b"SSH-2.0-OpenSSH\r\n"),)
    seen = observe(Capture("http://kitchen/", b"", reads, Ending.TRUNCATED, 0.2))
    assert "SSH-2.0" in seen.broken and seen.bursts == ()


def test_nothing_at_all_has_no_times() -> None:
    seen = observe(Capture("http://kitchen/", b"", (), Ending.TIMED_OUT, 5.0))
    assert (seen.first_byte, seen.first_event, seen.took) == (None, None, 5.0)
