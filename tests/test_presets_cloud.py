"""Cloud limits: a heartbeat outlives an idle limit and not an absolute one."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from sockets import CHUNKED, Peer, framed, raw_server

from labsupport import Capture, Ending, Proxy, record
from labsupport.errors import UsageError
from labsupport.presets import cloud
from labsupport.presets.cloud import Limits, alb, api_gateway, cloud_run, cloudflare, heroku

pytestmark = pytest.mark.usefixtures("no_leaks")
CLOUDS = [alb, api_gateway, cloud_run, cloudflare, heroku]
FIRST, PING, LAST = b"data: first\n\n", b": ping\n\n", b"data: last\n\n"


def beating(peer: Peer) -> None:
    """A slow answer of 1 s that is never silent for long."""
    peer.send(CHUNKED + framed(FIRST))
    for _ in range(20):
        time.sleep(0.05)
        peer.send(framed(PING))
    peer.send(framed(LAST) + b"0\r\n\r\n")


def silent(peer: Peer) -> None:
    """The same without heartbeats, and without an end unless somebody cuts it."""
    peer.send(CHUNKED + framed(FIRST))
    peer.wait_closed()


def headless(peer: Peer) -> None:
    peer.wait_closed()


def dying(peer: Peer) -> None:
    peer.send(CHUNKED + framed(FIRST))


def prompt(peer: Peer) -> None:
    peer.send(CHUNKED + framed(FIRST) + framed(LAST) + b"0\r\n\r\n")


def through(limits: Limits, play: Callable[[Peer], object]) -> Capture:
    with raw_server(play) as url, Proxy(url, limits) as path:
        return record(path.url)


STREAM = "STREAM"
IDLE = [
    alb(idle=0.7),
    cloudflare(idle="700ms"),
    heroku(idle=0.7),
    api_gateway(response_transfer_mode=STREAM, idle=0.7),
]
ABSOLUTE = [
    cloud_run(absolute=0.3),
    alb(absolute="300ms"),
    api_gateway(response_transfer_mode=STREAM, absolute=0.3),
]


@pytest.mark.parametrize("limits", IDLE, ids=repr)
def test_a_heartbeat_outlives_an_idle_limit_that_ends_a_silent_stream(limits: Limits) -> None:
    seen = through(limits, beating)
    assert (seen.ending, seen.body[-len(LAST) :]) == (Ending.CLEAN, LAST)
    cut = through(limits, silent)
    assert (cut.status, cut.ending, cut.body) == (200, Ending.TRUNCATED, FIRST)


@pytest.mark.parametrize("limits", ABSOLUTE, ids=repr)
def test_no_heartbeat_outlives_an_absolute_limit(limits: Limits) -> None:
    cut = through(limits, beating)
    assert (cut.status, cut.ending) == (200, Ending.TRUNCATED)
    assert cut.body.startswith(FIRST) and LAST not in cut.body


@pytest.mark.parametrize(
    ("limits", "status", "text"),
    [
        (alb(idle=0.1), 504, b"alb: no head within 0.1 s\n"),
        (api_gateway(absolute=0.1), 504, b"api_gateway: no end within 0.1 s\n"),
        (cloud_run(absolute=0.1), 504, b"cloud_run: no end within 0.1 s\n"),
        (cloudflare(idle=0.1), 524, b"cloudflare: no head within 0.1 s\n"),
        (heroku(first_byte=0.1), 503, b"heroku: no head within 0.1 s\n"),
    ],
)
def test_without_a_head_in_time_the_client_gets_the_clouds_own_status(
    limits: Limits, status: int, text: bytes
) -> None:
    seen = through(limits, headless)
    assert (seen.status, seen.ending, seen.body) == (status, Ending.CLEAN, text)


@pytest.mark.parametrize("api", ["REST", "HTTP"])
def test_an_api_gateway_that_buffers_gives_all_at_the_end_or_nothing(api: str) -> None:
    whole = through(api_gateway(api=api), prompt)
    assert (whole.status, whole.framing, whole.body) == (200, "content-length", FIRST + LAST)
    for play in (beating, dying):
        late = through(api_gateway(api=api, absolute=0.3), play)
        assert (late.status, late.body) == (504, b"api_gateway: no end within 0.3 s\n")


@pytest.mark.parametrize("make", CLOUDS)
def test_each_cloud_names_its_sources_and_their_date(make: Callable[[], Limits]) -> None:
    limits = make()
    assert limits.name == make.__name__ and limits.source and limits.as_of.startswith("202")
    assert all(url.startswith("https://") for url in limits.source)
    said = make.__doc__ or ""
    for word in ("ocumented, not measured", "heartbeat", "bsolute", "dle", str(limits.status)):
        assert word in said
    for value in {limits.idle, limits.absolute, limits.first_byte} - {None}:
        assert f"{value:g} s" in said


@pytest.mark.parametrize("make", CLOUDS)
def test_the_table_of_the_module_is_what_the_settings_say(make: Callable[[], Limits]) -> None:
    limits = make()
    row = next(line for line in (cloud.__doc__ or "").splitlines() if limits.name in line.split())
    cells = [cell.strip() for cell in row.strip().split("  ") if cell.strip()]
    settings = (limits.first_byte, limits.idle, limits.absolute)
    for cell, value in zip(cells[1:4], settings, strict=True):
        assert cell.startswith("-" if value is None else f"{value:g} s")
    assert cells[4] == str(limits.status)


@pytest.mark.parametrize(
    "limits",
    [
        *IDLE,
        *ABSOLUTE,
        alb(idle=None),
        alb(idle="4000s"),
        api_gateway(),
        api_gateway(api="HTTP"),
        api_gateway(response_transfer_mode=STREAM, endpoint="EDGE"),
        cloud_run(absolute="60m", first_byte=5),
        heroku(first_byte=1, idle=2, absolute=3),
    ],
    ids=repr,
)
def test_the_repr_is_the_call_that_makes_it(limits: Limits) -> None:
    assert eval(repr(limits), vars(cloud)) == limits  # our own text


def test_settings_are_documented_ones_unless_you_say_others() -> None:
    assert repr(alb(idle="4000s")) == "alb(idle=4000.0, absolute=None, first_byte=4000.0)"
    assert repr(heroku()) == "heroku(idle=55.0, absolute=None, first_byte=30.0)"
    assert api_gateway(response_transfer_mode=STREAM).idle == 300
    assert api_gateway(response_transfer_mode=STREAM, endpoint="EDGE").idle == 30
    assert api_gateway(api="HTTP").absolute == 30


@pytest.mark.parametrize(
    ("make", "settings", "message"),
    [
        (alb, {"idle": "long"}, "alb's idle in seconds such as 60 or '60s', or None for off"),
        (cloud_run, {"absolute": -1}, "cloud_run's absolute longer than 0 seconds"),
        (heroku, {"first_byte": True}, "heroku's first_byte in seconds"),
        (api_gateway, {"api": "SOAP"}, "api_gateway's api as 'REST' or 'HTTP', got 'SOAP'"),
        (api_gateway, {"endpoint": "EU"}, "api_gateway's endpoint as 'REGIONAL', 'PRIVATE' or"),
        (
            api_gateway,
            {"api": "HTTP", "response_transfer_mode": STREAM},
            "api_gateway's response_transfer_mode as 'BUFFERED', got 'STREAM'. Next: write "
            "api_gateway(response_transfer_mode='BUFFERED').",
        ),
    ],
)
def test_a_setting_that_means_nothing_is_refused(
    make: Callable[..., Limits], settings: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        make(**settings)
    assert f"expected {message}" in str(caught.value)
