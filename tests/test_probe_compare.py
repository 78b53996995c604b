"""Two captures: beside a direct one, and at two paces."""

import pytest
from probe_captures import at_end, corked, events, flowing, sized, taken

from labsupport.errors import UsageError
from labsupport.probe import judge
from labsupport.wire import Capture, Ending

SLOW = 4  # times as slow


def lumps(size: int, every: float, count: int = 60) -> Capture:
    """`size` events together, whole, in one HTTP chunk; the head at once."""
    made = events(count)
    return taken(
        [
            (every * (at + size), [b"".join(made[at : at + size])])
            for at in range(0, count, size)
        ],
        head_at=0.001,
    )  # fmt: skip


def test_a_direct_stream_proves_that_the_path_holds() -> None:
    found = judge(at_end(), direct=flowing())
    assert (found.verdict, found.held) == ("held until the end", True)
    assert found.evidence[0] == "direct: event by event; path: all events in one burst, at the end"


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        (sized(), "held until 4096 bytes"),
        (corked(), "corked for about 200 ms"),
        (corked(head_at=0.001), "corked for about 200 ms"),
        (lumps(6, 0.1), "held in lumps"),
    ],
)
def test_beside_a_direct_stream_each_hold_has_its_name(held: Capture, verdict: str) -> None:
    found = judge(held, direct=flowing(40, every=0.02))
    assert (found.verdict, found.held) == (verdict, True)


def test_a_path_that_streams_as_the_app_does_is_streamed() -> None:
    assert judge(flowing(20, every=0.06), direct=flowing()).verdict == "streamed"


def test_lumps_that_the_app_makes_are_not_the_paths() -> None:
    found = judge(lumps(6, 0.1), direct=lumps(6, 0.1))
    assert (found.verdict, found.held) == ("streamed", False)
    assert found.evidence == ("direct: events in lumps; path: events in lumps",)


def test_a_buffer_that_holds_but_one_event_at_a_time_is_still_a_buffer() -> None:
    found = judge(sized(1024, count=90), direct=flowing(90, size=200))
    assert found.verdict == "held until 1024 bytes"
    body, cuts = b"".join(events(40, 611)), range(884, 24000, 1024)
    edges = [0, *cuts, len(body)]
    reads = [
        (0.05 * n, [body[a:b]]) for n, (a, b) in enumerate(zip(edges, edges[1:], strict=False))
    ]
    assert judge(taken(reads), direct=flowing(40, size=611)).verdict == "held until 1024 bytes"


def test_an_app_that_relays_in_fixed_pieces_is_not_the_paths_fault() -> None:
    assert judge(sized(room=0), direct=sized(room=0)).held is False


def test_a_machine_that_was_busy_at_the_start_is_no_hold() -> None:
    made = events(60, 200)
    late = [(0.05, made[:5]), *((0.05 + 0.01 * n, [one]) for n, one in enumerate(made[5:], 1))]
    for head_at in (0.001, None):
        found = judge(taken(late, head_at=head_at), direct=flowing(60, every=0.01, size=200))
        assert found.verdict == "streamed"


def test_a_first_lump_of_an_odd_size_is_told_beside_a_direct_stream() -> None:
    made = events(60, 200)
    late = [(0.2, made[:20]), *((0.2 + 0.01 * n, [one]) for n, one in enumerate(made[20:], 1))]
    found = judge(taken(late), direct=flowing(60, every=0.01, size=200))
    assert (found.verdict, found.culprit) == ("held until 4000 bytes", "caddy-response-buffers")


def test_an_app_that_sends_all_at_the_end_is_named() -> None:
    found = judge(at_end(), direct=at_end())
    assert (found.verdict, found.held, found.culprit) == ("not streamed by the app", False, "app")
    assert found.next.startswith("Mend the app first")


def test_a_path_that_gave_nothing_until_we_left_holds() -> None:
    waiting = taken([], head_at=0.001, ending=Ending.TIMED_OUT, ended_at=30.0)
    found = judge(waiting, direct=flowing())
    assert (found.verdict, found.held) == ("held longer than we waited", True)


def test_a_direct_url_that_is_no_stream_cannot_be_compared_with() -> None:
    page = taken([(0.1, [b"<p>"])], kind="text/html")
    assert judge(at_end(), direct=page).verdict == "cannot tell"
    assert judge(sized(), direct=page).verdict == "held until 4096 bytes"


def test_at_two_paces_a_cork_keeps_its_time() -> None:
    found = judge([corked(0.02, 40, head_at=0.001), corked(0.08, 40, head_at=0.001)])
    assert (found.verdict, found.culprit) == ("corked for about 200 ms", "haproxy-cork")
    assert "waits for time" in found.evidence[0]


def test_at_two_paces_a_buffer_keeps_its_bytes() -> None:
    found = judge([sized(every=0.01), sized(every=0.04)])
    assert (found.verdict, found.culprit) == ("held until 4096 bytes", "nginx-buffering")
    assert "waits for bytes" in found.evidence[0]
    assert judge([lumps(15, 0.02), lumps(15, 0.08)]).verdict == "held in lumps"


def test_at_two_paces_all_at_the_end_is_a_hold_of_path_or_app() -> None:
    found = judge([at_end(every=0.02), at_end(every=0.08)])
    assert (found.verdict, found.held) == ("held until the end", True)
    assert found.candidates[-1].culprit == "app"


def test_a_slow_generator_is_streamed_at_both_paces_in_any_order() -> None:
    quick, slow = flowing(every=0.02), flowing(every=0.02 * SLOW)
    assert judge([quick, slow]).verdict == judge([slow, quick]).verdict == "streamed"


def test_a_pace_that_changes_nothing_tells_nothing() -> None:
    found = judge([at_end(), at_end()])
    assert (found.verdict, found.held) == ("cannot tell", None)
    assert found.cause == "the pace changed nothing" and "{pace}" in found.next


@pytest.mark.parametrize("wrong", [[], [flowing()] * 3, "x", None])
def test_anything_but_one_or_two_captures_is_refused(wrong: object) -> None:
    with pytest.raises(UsageError, match="expected one Capture, or two with different paces, got"):
        judge(wrong)  # type: ignore[arg-type]
