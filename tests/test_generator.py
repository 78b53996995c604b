"""Generator: drawn words at drawn times, the same in every run."""

from __future__ import annotations

import math
import random
import statistics

import pytest

from labsupport.errors import UsageError
from labsupport.provider import Provider
from labsupport.provider.asked import Asked
from labsupport.provider.generator import Generator, Lognormal
from labsupport.recorder import record
from labsupport.script import Pause, Script
from labsupport.server import serve


def pauses(script: Script) -> list[float]:
    return [step.seconds for step in script if isinstance(step, Pause)]


def test_the_same_seed_and_request_give_the_same_script() -> None:
    assert Generator(seed=7).script(3) == Generator(seed=7).script(3)
    # Written down, so that another Python or machine that draws otherwise is noticed.
    assert Generator(seed=7, tokens=(3, 3), speed=1).script(0) == Script(
        Pause(0.989762), "With", Pause(0.028823), " serve", Pause(0.011461), " soup."
    )


def test_other_requests_and_other_seeds_get_other_scripts() -> None:
    scripts = [Generator(seed=seed).script(n) for seed in range(5) for n in range(20)]
    assert len({script.text for script in scripts}) == 100
    assert len({(*pauses(script),) for script in scripts}) == 100


def test_a_request_gets_the_script_of_its_number() -> None:
    generator = Generator(seed=7)
    assert generator.steps(Asked(number=4)) == generator.script(4)


def test_a_pause_comes_before_each_token() -> None:
    script = Generator(tokens=(5, 5)).script()
    assert [isinstance(step, Pause) for step in script] == [True, False] * 5


def test_the_number_of_tokens_covers_its_range_and_never_leaves_it() -> None:
    generator = Generator(tokens=(3, 6))
    assert {len(generator.script(n).tokens) for n in range(200)} == {3, 4, 5, 6}


def test_draws_have_the_median_and_the_95th_percentile_that_were_asked_for() -> None:
    chance = random.Random(1)
    cuts = statistics.quantiles((Lognormal(0.9, 2.4).draw(chance) for _ in range(20_000)), n=20)
    assert cuts[9] == pytest.approx(0.9, rel=0.03)
    assert cuts[18] == pytest.approx(2.4, rel=0.03)


def test_without_spread_every_draw_is_the_median() -> None:
    assert Lognormal(0.5, 0.5).draw(random.Random(1)) == 0.5


def test_first_and_between_are_drawn_from_their_own_distributions() -> None:
    generator = Generator(
        first=Lognormal(3, 3), between=Lognormal(0.5, 0.5), tokens=(4, 4), speed=1
    )
    assert pauses(generator.script(9)) == [3, 0.5, 0.5, 0.5]


def test_another_speed_says_the_same_words_in_other_time() -> None:
    slow, fast = (Generator(seed=3, speed=speed).script(1) for speed in (1, 10))
    assert slow.tokens == fast.tokens
    assert fast.seconds == pytest.approx(slow.seconds / 10, rel=0.001)


def test_at_infinite_speed_nothing_waits() -> None:
    script = Generator(speed=math.inf).script()
    assert pauses(script) == []
    assert script.tokens == Generator().script().tokens


def test_by_default_a_lesson_does_not_wait_long() -> None:
    seconds = [Generator(seed=7).script(n).seconds for n in range(200)]
    assert 0.2 < statistics.median(seconds) < 0.8
    assert max(seconds) < 3


def test_a_text_of_yours_is_said_every_time_at_drawn_times() -> None:
    generator = Generator(text="Soup is ready")
    assert generator.script(0).tokens == generator.script(1).tokens == ("Soup", " is", " ready")
    assert pauses(generator.script(0)) != pauses(generator.script(1))


@pytest.mark.usefixtures("no_leaks")
def test_a_provider_plays_another_script_to_each_request() -> None:
    generator = Generator(seed=7, speed=math.inf)
    provider = Provider(generator)
    with serve(provider.app) as server:
        said = [record(server.url + "/stream").events[:-1] for _ in range(2)]
        usages = provider.meter.settle().requests
    for number in range(2):
        assert tuple(event.data for event in said[number]) == generator.script(number).tokens
        assert usages[number].generated == len(generator.script(number).tokens)
    assert said[0] != said[1]


def test_a_generator_prints_what_is_not_the_default() -> None:
    assert repr(Generator()) == "Generator(seed=0)"
    assert repr(Generator(seed=7, speed=1)) == "Generator(seed=7, speed=1)"


@pytest.mark.parametrize(("median", "p95"), [(0, 1), (-1, 1), (2, 1), (1, math.inf), (math.nan, 1)])
def test_a_distribution_that_is_none_is_refused(median: float, p95: float) -> None:
    with pytest.raises(UsageError, match=r"expected a median above 0 s.*got Lognormal\(.*Next: W"):
        Lognormal(median, p95)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"tokens": (0, 5)}, r"got tokens=\(0, 5\)"),
        ({"tokens": (6, 5)}, r"got tokens=\(6, 5\)"),
        ({"text": " "}, "got text=' '"),
        ({"speed": 0}, "got speed=0"),
        ({"speed": math.nan}, "got speed=nan"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(setting: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=f"expected .*{words}. Next: "):
        Generator(**setting)  # type: ignore[arg-type]
