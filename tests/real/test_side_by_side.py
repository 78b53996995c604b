"""Each preset does, beside the real program and at the same time, what the program does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest

from labsupport import presets
from labsupport.presets import Preset
from tests.fidelity.judge import Observed
from tests.fidelity.scenario import Scenario

from .programs import missing
from .side_by_side import ROWS, SMALL, STREAMS, compare, differences

Without = Callable[[str], NoReturn]


def lapses(preset: Preset, streams: dict[str, Scenario]) -> dict[str, list[str]]:
    """What differs, by stream."""
    pairs = asyncio.run(compare(preset, streams))
    found = {name: differences(*pair, streams[name]) for name, pair in pairs.items()}
    return {name: lapse for name, lapse in found.items() if lapse}


@pytest.mark.parametrize(("preset", "streams"), ROWS, ids=[repr(preset) for preset, _ in ROWS])
def test_preset_agrees_with_the_real_program(
    preset: Preset, streams: dict[str, Scenario], without: Without
) -> None:
    """A busy machine can delay a token of one of the two; a preset that is wrong is so twice."""
    if words := missing(type(preset).__name__.lower(), getattr(preset, "version", "")):
        without(words)
    first = lapses(preset, streams)
    again = lapses(preset, {name: streams[name] for name in first}) if first else {}
    assert again == {}, f"and before that {first}"


def test_a_preset_with_another_setting_does_not_agree(without: Without) -> None:
    if words := missing("nginx", "1.31"):
        without(words)
    pair = asyncio.run(compare(presets.nginx(proxy_http_version="1.0"), {"small": SMALL}))["small"]
    streamed = asyncio.run(compare(presets.nginx(), {"small": SMALL}))["small"]
    found = differences(pair[0], streamed[1], SMALL)
    assert found == ["class: held-until-end there, streamed here"]


def test_tokens_wasted_are_compared() -> None:
    seen = Observed("streamed", 1.0, (), "client-left-fin", 200, "chunked", 5, 2, 180.0)
    leaves = STREAMS["client closes"]
    assert differences(seen, replace(seen, wasted=3), leaves) == []
    told = differences(seen, replace(seen, wasted=20), leaves)
    assert told == ["tokens wasted: 2 there, 20 here"]
