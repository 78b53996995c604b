"""One capture alone: what is specific is named, what is not is `cannot tell`, streams are left."""

import pytest
from probe_captures import at_end, corked, event, events, flowing, sized, taken, zipped

from labsupport.probe import Finding, judge
from labsupport.wire import Capture

GZIP = {"content-encoding": "gzip"}


def gzipped(count: int, *, flush: bool, size: int = 30, every: float = 0.05) -> Capture:
    texts = [(every * n, one) for n, one in enumerate(events(count, size))]
    return taken(zipped(texts, flush=flush), headers=GZIP)


@pytest.mark.parametrize("step", [1024, 4096, 8192, 16384])
def test_bursts_of_a_buffers_size_with_room_for_a_head_are_nginx(step: int) -> None:
    found = judge(sized(step))
    assert (found.verdict, found.culprit) == (f"held until {step} bytes", "nginx-buffering")
    assert found.held and not found.streamed
    assert any(f"{step} - 140" in words for words in found.evidence)
    assert "proxy_buffering off" in found.next and "X-Accel-Buffering: no" in found.next


def test_buffers_of_two_sizes_are_nginx_too() -> None:
    body = b"".join(events(200, 200))
    cuts = [0, 3956, 3956 + 16384, 3956 + 16384 + 4096, len(body)]
    reads = [(0.1 * n, [body[a:b]]) for n, (a, b) in enumerate(zip(cuts, cuts[1:], strict=False))]
    assert judge(taken(reads)).culprit == "nginx-buffering"


def test_a_first_burst_that_is_exact_too_is_a_relay_with_fixed_reads() -> None:
    found = judge(sized(4096, room=0))
    assert (found.verdict, found.culprit) == ("held until 4096 bytes", "fixed-size-reads")


def test_two_bursts_are_enough_if_the_first_is_cut_inside_an_event() -> None:
    assert judge(sized(4096, count=30)).verdict == "held until 4096 bytes"


def test_events_that_fill_a_buffer_by_themselves_are_a_stream() -> None:
    assert judge(flowing(5, size=4096)).verdict == "streamed"


@pytest.mark.parametrize("every", [0.02, 0.05, 0.09])
def test_a_rhythm_of_200_ms_with_chunks_of_their_own_is_a_cork(every: float) -> None:
    found = judge(corked(every, count=40))
    assert (found.verdict, found.culprit) == ("corked for about 200 ms", "haproxy-cork")
    assert "option http-no-delay" in found.next


def test_an_app_that_sends_a_batch_every_200_ms_is_not_accused() -> None:
    for pieces in ([b"".join(events(5))], events(5)):  # one chunk, or five as from a poll
        reads = [(0.2 * n, pieces) for n in range(1, 8)]
        assert judge(taken(reads, head_at=0.001)).held is None


def test_a_lump_of_4096_bytes_and_then_a_stream_is_caddy() -> None:
    lump = b"".join(events(21, 200))
    reads = [(0.21, [lump[:4096], lump[4096:]])]
    reads += [(0.21 + 0.01 * n, [event(n, 200)]) for n in range(1, 60)]
    found = judge(taken(reads))
    assert (found.verdict, found.culprit) == ("held until 4096 bytes", "caddy-response-buffers")


def test_a_history_that_is_replayed_before_the_stream_is_not_accused() -> None:
    reads = [(0.001, events(21, 200))]
    reads += [(0.001 + 0.01 * n, [event(n, 200)]) for n in range(1, 60)]
    assert judge(taken(reads)).held is not True


def test_a_compressor_without_flushes_is_named() -> None:
    body = gzipped(20, flush=False).body
    found = judge(taken([(1.0, [body])], headers=GZIP))
    assert found.verdict == "compressed and held"
    assert [one.culprit for one in found.candidates][:2] == ["nginx-gzip", "gzip"]


def test_a_compressor_that_is_flushed_streams() -> None:
    assert judge(gzipped(20, flush=True)).verdict == "streamed"


def test_ten_bytes_with_the_head_and_the_rest_at_the_end_are_varnish() -> None:
    reads = zipped([(1.0, one) for one in events(20)], flush=False)
    whole = b"".join(piece for _, pieces in reads for piece in pieces)
    seen = taken([(0.002, [whole[:10]]), (1.0, [whole[10:]])], headers=GZIP)
    assert judge(seen).culprit == "varnish-gzip"


@pytest.mark.parametrize("frames", [1, 20])
def test_all_at_the_end_cannot_be_told_from_an_app_that_makes_all_first(frames: int) -> None:
    found = judge(at_end(frames=frames))
    assert (found.verdict, found.held, found.culprit) == ("cannot tell", None, "")
    assert "--direct" in found.next and "{pace}" in found.next
    assert found.candidates[-1].culprit == "app" and len(found.candidates) > 2


@pytest.mark.parametrize(
    "seen",
    [
        flowing(),
        flowing(3),
        flowing(200, every=0.0015),
        flowing(20, every=0.3),
        flowing(20, every=0.204),
        taken([(10 + 0.03 * n, [one]) for n, one in enumerate(events(40))], head_at=0.01),
        taken([(0.02 * n, events(1 + n * 7 % 3)) for n in range(1, 40)], head_at=0.001),
        flowing(chunked=False),
    ],
    ids=["20", "3", "quick", "slow", "200 ms", "thinks first", "uneven", "until close"],
)
def test_streams_are_called_streamed(seen: Capture) -> None:
    found: Finding = judge(seen)
    assert (found.verdict, found.held, found.next) == ("streamed", False, "")


@pytest.mark.parametrize(("count", "words"), [(0, "no event"), (1, "one event")])
def test_one_event_or_none_proves_nothing(count: int, words: str) -> None:
    found = judge(flowing(count))
    assert (found.verdict, found.held) == ("cannot tell", None) and words in found.cause


def test_a_coding_that_cannot_be_undone_asks_for_another_probe() -> None:
    reads = [(0.1 * n, [b"\x1b" * 9]) for n in range(1, 9)]
    found = judge(taken(reads, headers={"content-encoding": "br"}))
    assert found.verdict == "cannot tell" and "Accept-Encoding: identity" in found.next
