"""A setting is read as the real program spells it, or refused with the line to write instead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from labsupport.errors import UsageError
from labsupport.presets.settings import one_of, seconds, size, sizes, switch

MODES = ("cache", "pass", "pipe")

READ: list[tuple[Callable[..., Any], object, dict[str, Any], object]] = [
    (switch, True, {}, True),
    (switch, False, {}, False),
    (switch, "on", {}, True),
    (switch, "OFF", {}, False),
    (switch, "yes", {}, True),
    (switch, " no ", {}, False),
    (size, 4096, {}, 4096),
    (size, "4096", {}, 4096),
    (size, "4k", {}, 4096),
    (size, "16K", {}, 16384),
    (size, "1m", {}, 1 << 20),
    (size, "2g", {}, 2 << 30),
    (size, "16 KB", {}, 16384),
    (size, "10 bytes", {}, 10),
    (size, "4KiB", {}, 4096),
    (size, "4kb", {"kilo": 1000}, 4000),
    (size, "4KiB", {"kilo": 1000}, 4096),
    (size, "-1 KB", {"least": -1024}, -1024),
    (size, 0, {"least": 0}, 0),
    (sizes, "8 16k", {}, (8, 16384)),
    (sizes, "8   4096", {}, (8, 4096)),
    (sizes, (8, 16384), {}, (8, 16384)),
    (sizes, (4, "4k"), {}, (4, 4096)),
    (sizes, ["2", "1k"], {}, (2, 1024)),
    (seconds, 60, {}, 60.0),
    (seconds, 0.5, {}, 0.5),
    (seconds, "60", {}, 60.0),
    (seconds, "60s", {}, 60.0),
    (seconds, "2m", {}, 120.0),
    (seconds, "500ms", {}, 0.5),
    (seconds, "15 minutes", {}, 900.0),
    (seconds, "1 min", {}, 60.0),
    (seconds, "1m30s", {}, 90.0),
    (seconds, "1m 30s", {}, 90.0),
    (seconds, ".5s", {}, 0.5),
    (seconds, "1h", {}, 3600.0),
    (seconds, "500", {"bare": "ms"}, 0.5),
    (seconds, 30, {"bare": "ms"}, 30.0),
    (seconds, None, {"off": True}, None),
    (seconds, "0s", {"off": True}, None),
    (seconds, 0, {"off": True}, None),
    (seconds, 0, {"least": 0}, 0.0),
    (seconds, "-1ms", {"least": -1}, -0.001),
    (seconds, -1, {"least": -1, "off": True}, -1.0),
    (one_of, "pass", {"allowed": MODES}, "pass"),
]


@pytest.mark.parametrize(("read", "value", "options", "expected"), READ)
def test_a_setting_means_what_the_program_takes_it_for(
    read: Callable[..., Any], value: object, options: dict[str, Any], expected: object
) -> None:
    got = read("nginx", "x", value, **options)
    assert (type(got), got) == (type(expected), expected)


ON_OFF = "as True, False, 'on' or 'off', got {}. Next: write nginx(x=True)."
BYTES = "in bytes such as 4096 or '4k', got {}. Next: write nginx(x='4k')."
PAIR = "as a number and a size such as '8 4k' or (8, 4096), got {}. Next: write nginx(x='8 4k')."
FEW = "of 2 buffers or more, each 1 byte or more, got {}. Next: write nginx(x='8 4k')."
TIME = "in seconds such as 60 or '60s', got {}. Next: write nginx(x='60s')."
OFF = "in seconds such as 60 or '60s', or None for off, got {}. Next: write nginx(x='60s')."
SHORT = "longer than 0 seconds, got {}. Next: write nginx(x='60s')."
WORD = "as 'cache', 'pass' or 'pipe', got {}. Next: write nginx(x='cache')."

REFUSED: list[tuple[Callable[..., Any], object, dict[str, Any], str]] = [
    *((switch, value, {}, ON_OFF) for value in ("maybe", "", 1, 0, None)),
    *((size, value, {}, BYTES) for value in ("big", "", "k", "4x", "4ib", "4.5k", "4k 4k")),
    *((size, value, {}, BYTES) for value in (True, 4.0, None, "٤k", "1_000")),
    (size, 0, {}, "of 1 bytes or more, got {}. Next: write nginx(x='4k')."),
    (size, "-1 KB", {}, "of 1 bytes or more, got {}. Next: write nginx(x='4k')."),
    (size, "-2 KB", {"least": -1024}, "of -1024 bytes or more, got {}. Next: write nginx(x='4k')."),
    *((sizes, value, {}, PAIR) for value in ("8", "4k 8", "8 4k 4k", "", 8, None, (8,))),
    *((sizes, value, {}, PAIR) for value in ((8, 4096, 1), ("x", 1), (True, 1), (8, True))),
    *((sizes, value, {}, FEW) for value in ("1 4k", "8 0", (0, 4096), (8, -1))),
    *((seconds, value, {}, TIME) for value in ("soon", "", "s", "1x", "1m30", "1..5s", "--1s")),
    *((seconds, value, {}, TIME) for value in (True, None, math.inf, math.nan, [1], "-")),
    *((seconds, value, {"off": True}, OFF) for value in ("never", math.inf)),
    *((seconds, value, {}, SHORT) for value in (0, "0s", -1, "-1ms")),
    (seconds, -1, {"off": True}, SHORT),
    (seconds, -2, {"least": -1}, "of -1 seconds or more, got {}. Next: write nginx(x='60s')."),
    *((one_of, value, {"allowed": MODES}, WORD) for value in ("Cache", "", None, 1, ["pass"])),
    (one_of, "b", {"allowed": ("a",)}, "as 'a', got {}. Next: write nginx(x='a')."),
]


@pytest.mark.parametrize(("read", "value", "options", "message"), REFUSED)
def test_a_setting_that_means_nothing_is_refused_with_the_line_to_write(
    read: Callable[..., Any], value: object, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read("nginx", "x", value, **options)
    assert str(caught.value) == f"expected nginx's x {message.format(repr(value))}"


@pytest.mark.parametrize("value", ["4k", "16 KB", "1m", "7"])
def test_the_line_to_write_is_one_that_is_taken(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        size("nginx", "proxy_buffer_size", "big" + value)
    assert str(caught.value) == (
        "expected nginx's proxy_buffer_size in bytes such as 4096 or '4k', "
        f"got 'big{value}'. Next: write nginx(proxy_buffer_size='4k')."
    )
    assert size("nginx", "proxy_buffer_size", "4k") == 4096
