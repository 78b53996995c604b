"""The words of a script: printed as they are written, refused where they mean nothing."""

from __future__ import annotations

import math
from typing import get_args

import pytest

from labsupport import script, steps
from labsupport.errors import UsageError
from labsupport.script import Script
from labsupport.steps import (
    Cite,
    Ending,
    Fail,
    Finish,
    HangUp,
    Page,
    Pause,
    Ping,
    Raw,
    Refuse,
    Reject,
    Reset,
    Step,
    StopShort,
    Think,
    ToolCall,
)

WRITTEN = [
    (Think("hm"), "Think('hm')"),
    (Refuse("No."), "Refuse('No.')"),
    (ToolCall("weather"), "ToolCall('weather')"),
    (ToolCall("f", '{"x": 1}'), "ToolCall('f', arguments='{\"x\": 1}')"),
    (Cite("hot soup"), "Cite('hot soup')"),
    (Cite("soup", title="Menu 2"), "Cite('soup', title='Menu 2')"),
    (Ping(), "Ping()"),
    (Raw(b": hi\n\n"), "Raw(b': hi\\n\\n')"),
    (Pause(0.4), "Pause(0.4)"),
    (Finish(), "Finish()"),
    (Finish("length"), "Finish('length')"),
    (Fail("busy", form="flat"), "Fail('busy', form='flat')"),
    (HangUp(), "HangUp()"),
    (Reset(), "Reset()"),
    (StopShort(), "StopShort()"),
    (Reject(429, retry_after=1), "Reject(429, retry_after=1)"),
    (Page("<p>Hi"), "Page('<p>Hi')"),
]


@pytest.mark.parametrize(("step", "text"), WRITTEN, ids=lambda value: str(value)[:30])
def test_a_step_prints_as_it_is_written(step: Step, text: str) -> None:
    assert repr(step) == text
    assert eval(text, vars(steps)) == step


def test_every_kind_of_step_is_tried_here_and_can_be_had_from_script() -> None:
    kinds = {kind for kind in _kinds(Step) if kind is not str}
    assert kinds == {type(step) for step, _ in WRITTEN}
    assert {kind.__name__ for kind in kinds} <= {*script.__all__}


def _kinds(union: object) -> set[type]:
    inner = get_args(union)
    return {kind for one in inner for kind in _kinds(one)} if inner else {union}  # type: ignore[arg-type]


@pytest.mark.parametrize("arguments", ['{"city": "Paris"}', "{}", "{ }", '{"süß": [1, 2.5]}', ""])
def test_fragments_of_a_call_lose_no_character(arguments: str) -> None:
    assert "".join(ToolCall("f", arguments).fragments) == arguments


def test_a_fragment_of_a_call_is_not_json_by_itself() -> None:
    assert ToolCall("f", '{"city": "Paris"}').fragments == ('{"', "city", '": "', "Paris", '"}')


def test_steps_are_compared_by_what_they_say_and_cannot_be_changed() -> None:
    assert Think("a") == Think("a") != Refuse("a")
    assert len({Cite("a"), Cite("a"), Cite("b")}) == 2
    with pytest.raises(AttributeError):
        Think("a").text = "b"  # type: ignore[misc]


@pytest.mark.parametrize("end", [kind() for kind in get_args(Ending)], ids=repr)
def test_what_follows_any_ending_is_never_played(end: Ending) -> None:
    assert [*Script("a", end, "b")] == ["a", end]


def test_thoughts_calls_and_refusals_are_not_the_text() -> None:
    said = Script(Think("hm"), "a", Refuse("No."), ToolCall("f"), Cite("a"), Raw(b"b"))
    assert (said.tokens, said.text) == (("a",), "a")


def test_what_comes_instead_of_a_stream_is_not_played_in_it() -> None:
    first = Script(Reject(429), Page(times=2), "a")
    assert first.instead == (Reject(429), Page(times=2))
    assert [*first] == ["a"]


@pytest.mark.parametrize("step", [Reject(429), Page()], ids=repr)
def test_an_answer_to_a_whole_request_must_come_first(step: Step) -> None:
    name = type(step).__name__
    with pytest.raises(UsageError, match=f"expected {name} before all that is said, got {name}"):
        Script("a", step)


@pytest.mark.parametrize("step", [Think(""), Refuse("")], ids=repr)
def test_an_empty_token_is_refused(step: Step) -> None:
    with pytest.raises(UsageError, match="expected tokens "):
        Script(step)


@pytest.mark.parametrize("kind", [Think, ToolCall, HangUp, Pause])
def test_a_kind_of_step_is_no_step(kind: type) -> None:
    with pytest.raises(UsageError, match="expected tokens .*got <class"):
        Script(kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [200, 399, 600, "429", 429.0, None])
def test_a_status_that_is_no_error_is_refused(status: object) -> None:
    for step in (Reject(status), Fail(status=status)):  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="expected an HTTP error status, 400 to 599"):
            Script(step)


@pytest.mark.parametrize("times", [0, -1, 0.5, math.nan])
def test_an_answer_that_nobody_could_get_is_refused(times: float) -> None:
    for step in (Reject(429, times=times), Page(times=times)):
        with pytest.raises(UsageError, match="expected times of 1 or more"):
            Script(step)


def test_words_that_are_no_reason_and_no_form_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        Script(Finish("end_turn"))  # type: ignore[arg-type]
    assert str(caught.value) == (
        "expected reason one of stop, length, tool, blocked, got Finish('end_turn'). "
        "Next: Take one of these words."
    )
    with pytest.raises(UsageError, match="expected form one of nested, flat, failed, got Fail"):
        Script(Fail(form="round"))  # type: ignore[arg-type]
