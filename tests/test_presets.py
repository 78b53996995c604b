"""What a preset is to `Proxy`, and what the recordings of tests/fidelity do not ask for."""

from __future__ import annotations

import threading

import pytest
from raw_client import ask
from sockets import CHUNKED, GENEROUS, UNTIL_CLOSE, Peer, framed, raw_server

from labsupport import Ending, Proxy, presets, record
from labsupport.errors import UsageError
from labsupport.faults import Split
from labsupport.presets import Preset

pytestmark = pytest.mark.usefixtures("no_leaks")

GET = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"
SSE = b"data: 1\n\n"
WHOLE = CHUNKED + framed(SSE) + b"0\r\n\r\n"


def through(preset: Preset, answer: bytes, request: bytes = GET) -> tuple[bytes, bytes]:
    """The request that reached the upstream, and the raw answer that came back."""
    seen = []

    def play(peer: Peer) -> None:
        seen.append(peer.request)
        peer.send(answer)

    with raw_server(play) as url, Proxy(url, preset) as path:
        got = ask(path.url, request)
    return (seen or [b""])[0], got


def test_repr_is_the_call_that_makes_it() -> None:
    made = presets.nginx(version="1.22.1", proxy_buffering="off", proxy_read_timeout="2m")
    shown = "nginx(version='1.22', proxy_buffering=False, proxy_read_timeout=120.0)"
    assert repr(made) == shown
    assert eval(shown, vars(presets)) == made
    assert [repr(program()) for program in presets.PRESETS][:3] == [
        "nginx()",
        "haproxy()",
        "caddy()",
    ]


def test_the_spelling_of_the_program_and_of_python_are_the_same_setting() -> None:
    assert presets.nginx(proxy_buffers="8 16k") == presets.nginx(proxy_buffers=(8, 16384))
    assert presets.envoy(timeout="0s") == presets.envoy(timeout=None)
    assert presets.squid(quick_abort_min="-1 KB") == presets.squid(quick_abort_min=-1024)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: presets.nginx(version="0.7"), "nginx's version as '1.22' or '1.31', got '0.7'"),
        (lambda: presets.nginx(proxy_buffering=1), "nginx's proxy_buffering as True, False"),
        (lambda: presets.haproxy(compression="br"), "haproxy's compression"),
        (lambda: presets.caddy(response_buffers="many"), "caddy's response_buffers in bytes"),
        (lambda: presets.traefik(write_timeout="soon"), "traefik's write_timeout in seconds"),
        (lambda: presets.envoy(timeout=-1), "envoy's timeout"),
        (lambda: presets.apache(flushpackets="maybe"), "apache's flushpackets as 'off', 'on'"),
        (lambda: presets.varnish(mode="hit"), "varnish's mode as 'cache', 'pass' or 'pipe'"),
        (lambda: presets.squid(read_timeout="2 weeks"), "squid's read_timeout in seconds"),
    ],
)
def test_a_setting_that_the_program_would_refuse_is_refused(make: object, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        make()  # type: ignore[operator]
    assert words in str(caught.value)


def test_a_preset_may_be_starred_and_stand_among_faults() -> None:
    with raw_server(lambda peer: peer.send(WHOLE)) as url:
        with Proxy(url, *presets.apache(), Split(3)) as path:
            assert ask(path.url, GET).count(b"\r\n3\r\n") == 3


def test_two_presets_in_one_proxy_are_refused() -> None:
    with pytest.raises(UsageError, match=r"one preset a proxy, got nginx\(\) and haproxy\(\)"):
        Proxy("http://127.0.0.1:1", presets.nginx(), presets.haproxy())


def test_a_preset_that_was_not_called_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Next: Write Nginx\(...\)"):
        Proxy("http://127.0.0.1:1", presets.nginx)  # type: ignore[arg-type]


def test_nginx_1_22_asks_in_http_1_0_and_1_31_in_http_1_1() -> None:
    asked, _ = through(presets.nginx(version="1.22"), WHOLE)
    assert asked.startswith(b"GET / HTTP/1.0\r\n") and b"connection: close" in asked.lower()
    assert through(presets.nginx(), WHOLE)[0].startswith(b"GET / HTTP/1.1\r\n")


def test_a_chunked_request_gets_a_length_for_an_upstream_of_http_1_0() -> None:
    head = b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n"
    post = head + framed(b"ab") + framed(b"c") + b"0\r\n\r\n"
    asked, got = through(presets.nginx(version="1.22"), WHOLE, post)
    assert asked.endswith(b"\r\n\r\nabc") and b"content-length: 3" in asked.lower()
    assert b"chunked" not in asked.lower() and b"data: 1" in got


def test_nginx_takes_its_own_header_away_and_others_hand_it_on() -> None:
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\nX-Accel-Buffering: no\r\n\r\n")
    answer = head + framed(SSE) + b"0\r\n\r\n"
    assert b"x-accel-buffering" not in through(presets.nginx(), answer)[1].lower()
    for other in (presets.haproxy(), presets.caddy(), presets.envoy(), presets.squid()):
        assert b"x-accel-buffering: no" in through(other, answer)[1].lower()


def test_x_accel_buffering_yes_holds_where_buffering_is_off() -> None:
    head = UNTIL_CLOSE.replace(b"\r\n\r\n", b"\r\nX-Accel-Buffering: yes\r\n\r\n")
    go = threading.Event()

    def play(peer: Peer) -> None:
        peer.send(head + SSE)
        assert go.wait(GENEROUS)
        peer.send(SSE)

    with raw_server(play) as url, Proxy(url, presets.nginx(proxy_buffering="off")) as path:
        threading.Timer(0.1, go.set).start()
        chunks = record(path.url).chunks
    assert [len(chunk.data) for chunk in chunks] == [2 * len(SSE)]


def test_nginx_refuses_a_head_that_its_first_buffer_cannot_take() -> None:
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\nx-long: " + b"a" * 4096 + b"\r\n\r\n")
    _, got = through(presets.nginx(), head + framed(SSE) + b"0\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 502 ") and b"nginx/1.31.3" in got


def test_envoy_refuses_a_client_of_http_1_0() -> None:
    asked, got = through(presets.envoy(), WHOLE, b"GET / HTTP/1.0\r\n\r\n")
    assert asked == b"" and got.startswith(b"HTTP/1.1 426 ") and got.endswith(b"Upgrade Required")


def test_haproxy_hands_on_an_answer_that_ends_by_closing_as_it_is() -> None:
    _, got = through(presets.haproxy(), UNTIL_CLOSE + SSE)
    assert b"chunked" not in got.lower() and got.endswith(b"\r\n\r\n" + SSE)


def test_caddy_sends_a_get_again_if_its_connection_had_been_used() -> None:
    asked: list[bytes] = []
    over = threading.Event()

    def play(peer: Peer) -> None:
        asked.append(peer.request)
        if len(asked) == 1:
            peer.send(WHOLE)
        else:
            over.wait(GENEROUS)

    with raw_server(play) as url, Proxy(url, presets.caddy(read_timeout="100ms")) as path:
        assert record(path.url).ending is Ending.CLEAN
        late = record(path.url)
        over.set()
    assert late.status == 504 and late.body == b"" and len(asked) == 3
