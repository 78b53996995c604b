"""Cut, refused, replayed: verdicts that are not about a hold."""

import pytest
from probe_captures import at_end, event, flowing, sized, taken

from labsupport.probe import judge
from labsupport.wire import Capture, Chunk, Ending

CUT = {"ending": Ending.TRUNCATED}


def silent(quiet: float, **more: object) -> Capture:
    """Three events, silence, a cut."""
    return flowing(3, ended_at=0.102 + quiet, **CUT, **more)


@pytest.mark.parametrize("quiet", [1.9, 2.0, 2.1, 59.9, 60.1])
def test_a_cut_after_a_round_silence_is_a_read_timeout(quiet: float) -> None:
    found = judge(silent(quiet))
    assert found.culprit == "idle-timeout" and found.held
    assert f"read timeout of {round(quiet)} s" in found.cause and ": ping" in found.next


def test_a_known_limit_is_named() -> None:
    assert any("proxy_read_timeout" in words for words in judge(silent(60.0)).evidence)
    assert any("Heroku" in words for words in judge(silent(55.0)).evidence)


def test_a_cut_while_bytes_came_at_a_round_time_is_an_absolute_timeout() -> None:
    found = judge(flowing(20, every=0.1, ended_at=2.01, **CUT))
    assert (found.verdict, found.culprit) == ("cut off after 2 s", "absolute-timeout")
    assert "Heartbeats do not help" in found.next


def test_a_cut_one_second_after_a_round_time_is_envoy() -> None:
    found = judge(flowing(16, every=1.0, ended_at=16.0, **CUT))
    assert (found.verdict, found.culprit) == ("cut off after 16 s", "envoy-route-timeout")
    assert "timeout: 0s" in found.next


def test_a_cut_at_no_round_time_is_a_break() -> None:
    found = judge(flowing(20, ended_at=1.4, **CUT))
    assert (found.verdict, found.culprit) == ("cut off after 1.4 s", "broken-off")


def test_a_reset_says_so() -> None:
    found = judge(flowing(20, ended_at=1.4, ending=Ending.RESET))
    assert "the connection was reset" in found.evidence


def test_a_cut_hold_tells_both() -> None:
    found = judge(sized(ended_at=4.1, **CUT))
    assert found.verdict.startswith("cut off") and "held until 4096 bytes" in found.evidence[-1]


def test_our_own_deadline_is_no_cut() -> None:
    endless = flowing(20, ending=Ending.TIMED_OUT, ended_at=30.0)
    assert judge(endless).verdict == "streamed"
    assert judge(flowing(20, ending=Ending.STOPPED)).verdict == "streamed"


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (taken([(0.1, [b"{}"])], kind="application/json"), "status 200, application/json"),
        (taken([(0.1, [b"{}"])], status="401 Unauthorized"), "status 401, text/event-stream"),
        (taken([], status="307 X", headers={"location": "/b"}), "status 307"),
    ],
)
def test_what_is_no_event_stream_is_no_stream(seen: Capture, words: str) -> None:
    found = judge(seen)
    assert (found.verdict, found.held) == ("no stream", False) and words in found.evidence[0]
    assert found.next


def test_a_redirect_names_the_url_to_probe() -> None:
    assert judge(taken([], status="307 X", headers={"location": "/b"})).next == "Probe /b."


def test_a_504_at_a_round_time_is_a_proxy_that_gave_up() -> None:
    found = judge(taken([(60.01, [b"x"])], status="504 X", kind="text/html"))
    assert (found.verdict, found.culprit) == ("timed out after 60 s", "idle-timeout")


def test_bytes_that_are_no_http_are_no_stream() -> None:
    reads = (Chunk(0.1, b"\x15\x03\x03\x00\x02\n"),)
    found = judge(Capture("http://kitchen/", b"", reads, Ending.TRUNCATED, 0.2))
    assert found.verdict == "no stream" and "https://" in found.next


def test_no_head_until_we_left_is_no_answer() -> None:
    found = judge(Capture("http://kitchen/", b"", (), Ending.TIMED_OUT, 5.0))
    assert (found.verdict, found.held) == ("no answer", None)


def test_a_connection_closed_without_an_answer_is_cut() -> None:
    assert judge(Capture("u", b"", (), Ending.TRUNCATED, 0.4)).culprit == "broken-off"


def test_the_same_answer_at_once_is_a_replay() -> None:
    at_once = at_end(every=0.00005)
    for found in (judge(flowing(), again=at_once), judge(at_once, direct=flowing())):
        assert (found.verdict, found.culprit) == ("replayed from a cache", "cache")
        assert "no-store" in found.next and found.held


def test_another_answer_at_once_is_no_replay() -> None:
    other = taken([(0.001, [event(99 + n) for n in range(20)])])
    assert judge(flowing(), again=other).verdict == "streamed"


def test_a_second_answer_that_streams_is_no_replay() -> None:
    assert judge(flowing(), again=flowing()).verdict == "streamed"


def test_the_age_of_this_very_fetch_is_no_hit() -> None:
    assert judge(at_end(headers={"age": "1"})).verdict == "cannot tell"


@pytest.mark.parametrize("sign", [{"age": "7"}, {"x-cache": "HIT"}, {"x-varnish": "5 3"}])
def test_a_cache_that_says_so_is_believed_only_if_all_came_at_once(sign: dict[str, str]) -> None:
    assert judge(at_end(every=0.00005, headers=sign)).verdict == "replayed from a cache"
    assert judge(flowing(headers=sign)).verdict == "streamed"
