"""Script: what a provider will say, as data."""

from __future__ import annotations

import pytest

from labsupport.errors import UsageError
from labsupport.script import Fail, HangUp, Pause, Reset, Script


def test_a_script_prints_as_it_was_written() -> None:
    text = "Script('Hel', 'lo', Pause(0.4), '!', HangUp())"
    assert repr(Script("Hel", "lo", Pause(0.4), "!", HangUp())) == text
    assert repr(eval(text)) == text


def test_scripts_are_compared_by_their_steps() -> None:
    assert Script("a", Pause(1)) == Script("a", Pause(1))
    assert Script("a") != Script("b")
    assert len({Script("a"), Script("a")}) == 1


def test_tokens_text_and_seconds_are_read_from_the_steps() -> None:
    script = Script("Hel", Pause(0.5), "lo", Pause(0.25), "!")
    assert script.tokens == ("Hel", "lo", "!")
    assert script.text == "Hello!"
    assert script.seconds == 0.75


def test_an_empty_script_says_nothing() -> None:
    assert (Script().tokens, Script().text, Script().seconds) == ((), "", 0)


@pytest.mark.parametrize("end", [HangUp(), Reset(), Fail("busy")])
def test_what_follows_an_end_is_never_played(end: HangUp | Reset | Fail) -> None:
    script = Script("a", Pause(1), end, "b", Pause(5))
    assert list(script) == ["a", Pause(1), end]
    assert (script.tokens, script.seconds) == (("a",), 1)
    assert script.steps[-1] == Pause(5)  # but it stays written


def test_a_pause_alone_ends_nothing() -> None:
    assert list(Script(Pause(0), "a")) == [Pause(0), "a"]


@pytest.mark.parametrize("text", ["Soup is ready", "  two  spaces \n", "one", "a\nb\tc", "süß 🍜!"])
def test_of_loses_no_character(text: str) -> None:
    assert Script.of(text).text == text


def test_of_cuts_into_words_with_the_space_before_and_a_pause_first() -> None:
    assert Script.of("Soup is", every=0.1) == Script(Pause(0.1), "Soup", Pause(0.1), " is")


@pytest.mark.parametrize("text", ["", "   "])
def test_of_a_text_without_words_is_empty(text: str) -> None:
    assert Script.of(text) == Script()


@pytest.mark.parametrize("step", ["", 1, None, b"a", ["a"], 0.5])
def test_anything_else_among_the_steps_is_refused(step: object) -> None:
    with pytest.raises(UsageError, match="expected tokens .*Next: Write a script as Script"):
        Script("a", step)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [-1, -0.001, float("nan")])
def test_a_pause_cannot_be_negative(seconds: float) -> None:
    with pytest.raises(UsageError, match="expected a pause of 0 seconds or more"):
        Script(Pause(seconds))


def test_a_script_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Script("a").steps = ()  # type: ignore[misc]


def test_the_message_of_a_failure_is_its_own() -> None:
    assert Fail() == Fail("the model is overloaded")
    assert repr(Fail("busy")) == "Fail('busy')"
