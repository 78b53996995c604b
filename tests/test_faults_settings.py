"""Settings that cannot mean anything are refused when the fault is made."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from labsupport.errors import UsageError
from labsupport.faults import Buffer, Corrupt, Cut, Delay, Merge, Reset, Split, Stall

WRONG: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], str]] = [
    (Buffer, (0,), {}, "Buffer's size in whole bytes, 1 or more, got 0. Next: Write Buffer(4096)"),
    (Buffer, (10.0,), {}, "Buffer's size in whole bytes, 1 or more, got 10.0"),
    (Buffer, (True,), {}, "Buffer's size in whole bytes, 1 or more, got True"),
    (Buffer, ("4k",), {}, "Buffer's size in whole bytes, 1 or more, got '4k'"),
    (Delay, (-1,), {}, "Delay's seconds in seconds, 0 or more, got -1. Next: Write Delay(0.2)"),
    (Delay, (math.inf,), {}, "Delay's seconds in seconds, 0 or more, got inf"),
    (Delay, (math.nan,), {}, "Delay's seconds in seconds, 0 or more, got nan"),
    (Delay, (1,), {"jitter": -1}, "Delay's jitter in seconds, 0 or more, got -1"),
    (Split, (0,), {}, "Split's size in whole bytes, 1 or more, got 0. Next: Write Split(1)"),
    (Split, (1,), {"gap": "x"}, "Split's gap in seconds, 0 or more, got 'x'"),
    (Merge, (None,), {}, "Merge's seconds in seconds, 0 or more, got None"),
    (Merge, (1,), {"size": 0}, "Merge's size in whole bytes, 1 or more, got 0"),
    (Stall, (-1,), {}, "Stall's after in whole bytes, 0 or more, got -1"),
    (Stall, (1, -1), {}, "Stall's seconds in seconds, 0 or more, got -1"),
    (Cut, (-1,), {}, "Cut's after in whole bytes, 0 or more, got -1. Next: Write Cut(after=100)"),
    (Reset, (1.5,), {}, "Reset's after in whole bytes, 0 or more, got 1.5"),
    (Corrupt, (), {}, "one of Corrupt's rate and at, got rate=None and at=None"),
    (Corrupt, (0.1,), {"at": 1}, "one of Corrupt's rate and at, got rate=0.1 and at=1"),
    (Corrupt, (0,), {}, "Corrupt's rate as a share of the bytes, more than 0 and up to 1, got 0"),
    (Corrupt, (2,), {}, "Corrupt's rate as a share of the bytes, more than 0 and up to 1, got 2"),
    (Corrupt, (), {"at": -1}, "Corrupt's at in whole bytes, 0 or more, got -1"),
]


@pytest.mark.parametrize(("fault", "args", "options", "message"), WRONG)
def test_a_setting_that_cannot_work_is_named_with_what_would(
    fault: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        fault(*args, **options)
    assert f"expected {message}" in str(caught.value)
