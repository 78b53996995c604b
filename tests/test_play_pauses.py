"""When a play goes on after a pause: at the script's own times, whatever the machine is late by."""

from __future__ import annotations

import asyncio

import pytest

from labsupport.provider.gate import Gate
from labsupport.provider.generator import Generator
from labsupport.provider.meter import Meter
from labsupport.provider.play import LATE, Play
from labsupport.script import Pause, Script


class LateClock:
    """Every sleep ends so many seconds late; nothing else takes time unless `pass_time` says so."""

    def __init__(self, late: float = 0.0) -> None:
        self.late, self.time = late, 100.0
        self.asked: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.asked.append(round(seconds, 9))
        self.time += seconds + self.late

    def pass_time(self, seconds: float) -> None:
        self.time += seconds


def played(script: Script, clock: LateClock, sending: float = 0.0) -> list[float]:
    """When each token came, from the start, if each takes so long to send."""

    async def read() -> list[float]:
        play = Play(script, clock, Meter(1).begin("/"))
        came = []
        async for part in play:
            if isinstance(part, str):
                came.append(round(clock.now() - 100, 9))
                clock.pass_time(sending)
        return came

    return asyncio.run(read())


TEN = Script(*[step for _ in range(10) for step in (Pause(0.1), "a")])


def test_timers_that_wake_late_do_not_add_up() -> None:
    came = played(TEN, LateClock(0.01))
    assert came == [round(0.1 * n + 0.01, 9) for n in range(1, 11)]


def test_time_spent_on_sending_is_taken_from_the_next_pause() -> None:
    clock = LateClock()
    assert played(TEN, clock, sending=0.03)[-1] == 1.0
    assert clock.asked == [0.1] + [0.07] * 9


def test_a_punctual_clock_is_asked_for_the_pauses_as_they_are_written() -> None:
    clock = LateClock()
    played(Script(Pause(0.5), "a", Pause(0.25), Pause(0), "b"), clock)
    assert clock.asked == [0.5, 0.25, 0]


def test_a_token_never_comes_before_its_pauses_have_passed() -> None:
    script = Generator(seed=3).script(0)
    due, came = 0.0, iter(played(script, LateClock(0.004), sending=0.0002))
    for step in script:
        if isinstance(step, Pause):
            due += step.seconds
        else:
            assert next(came) >= due - 1e-6


def test_what_a_reader_held_up_for_long_is_not_made_good_in_full() -> None:
    clock = LateClock()
    came = played(Script(Pause(1), "a", Pause(2), "b", Pause(2), "c"), clock, sending=60)
    assert LATE == 1
    assert [round(after - before) for before, after in zip(came, came[1:], strict=False)] == [
        61,
        61,
    ]


def test_waiting_at_a_gate_is_not_lateness() -> None:
    clock, gate = LateClock(), Gate()

    async def read() -> None:
        play = Play(Script("a", "b", Pause(0.5), "c"), clock, Meter(1).begin("/"), gate=gate)
        async for part in play:
            if part == "a":
                clock.pass_time(0.4)  # as if somebody had taken his time
                gate.open()

    asyncio.run(read())
    assert clock.asked == [0.5]


@pytest.mark.parametrize("seconds", [0.001, 3])
def test_a_play_knows_whether_it_waited_for_the_part(seconds: float) -> None:
    async def read() -> list[bool]:
        play = Play(Script("a", Pause(seconds), "b", "c"), LateClock(), Meter(1).begin("/"))
        return [play.waited async for part in play if isinstance(part, str)]

    assert asyncio.run(read()) == [False, True, False]


def test_a_name_is_the_same_each_time_and_another_for_another_thing() -> None:
    play = Play(Script(), LateClock(), Meter(1).begin("/"))
    names = [play.name("call_", of=index) for index in (0, 1, 0)]
    assert names[0] == names[2] != names[1]
    assert play.name("call_", 8, of=0) != names[0]
    assert Play(Script(), LateClock(), Meter(1).begin("/")).name("call_", of=0) == names[0]
