"""What crosses the line between judge and answer, both ways. Lines that lie: `test_line.py`."""

from __future__ import annotations

import enum
import json
import math
from collections import OrderedDict, namedtuple
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel

from labsupport import Event
from labsupport.errors import BenchError
from labsupport.grading.values import (
    DEEPEST,
    MOST,
    Feed,
    Opaque,
    Thing,
    WireError,
    capture_from,
    dump,
    load,
    pack,
    unpack,
)
from labsupport.wire import Capture, Chunk, Ending


def crossed(value: Any) -> Any:
    """The value at the other end of the line."""
    return unpack(load(dump({"value": pack(value)}))["value"])


class Timing(NamedTuple):
    first: float
    last: float


@dataclass
class Order:
    dish: str
    timing: Timing
    notes: list[bytes] = field(default_factory=list)


class Dish(BaseModel):
    name: str
    parts: tuple[int, ...] = ()


class Kind(enum.StrEnum):
    SOUP = "soup"


SAME: list[Any] = [
    *({"$bytes": "x"}, {"$tuple": 1, "b": {"$repr": "soup"}}, {"$dict": [{"$object": 3}]}, 2**4000),
    *(None, True, False, 0, -7, 2**70, 0.5, -0.0, "", "süß 漬 🍜 \x00\u2028", b"", b"\x00\xff"),
    *([], [[], [None]], (), (1, (2, "3")), frozenset(), frozenset({1, "a", b"b", (1, 2)})),
    *({}, {"a": {"b": [1]}}, {"$": 1}, {"bytes": "$bytes"}),
    *(Event("hi"), Event("", "token", "7"), [Event("a\nb")]),
    *(Thing("Any", {"a": (1, b"2")}), Feed(), Feed(3, is_async=True)),
]


@pytest.mark.parametrize("value", SAME)
def test_it_is_the_same_at_the_other_end(value: Any) -> None:
    found = crossed(value)
    assert (found, type(found)) == (value, type(value))
    assert shown(found) == shown(value)


def shown(value: Any) -> Any:
    """A set's repr has no order of its own: equal sets may print their members differently."""
    return sorted(map(repr, value)) if isinstance(value, frozenset) else repr(value)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (bytearray(b"a"), b"a"),
        (memoryview(b"a"), b"a"),
        ({1, 2}, frozenset({1, 2})),
        ({1: "a", None: "b"}, {"1": "a", "None": "b"}),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        ("\ud800", "?"),
        ({"\ud800": 1}, {"?": 1}),
        (Kind.SOUP, "soup"),
        (namedtuple("Pair", "a b")(1, 2), Thing("Pair", {"a": 1, "b": 2})),
        (Dish(name="soup", parts=(1,)), Thing("Dish", {"name": "soup", "parts": (1,)})),
        (
            Order("soup", Timing(0.1, 0.2), [b"hot"]),
            Thing(
                "Order",
                {
                    "dish": "soup",
                    "timing": Thing("Timing", {"first": 0.1, "last": 0.2}),
                    "notes": [b"hot"],
                },
            ),
        ),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_json_has_no_word_for_comes_as_what_it_is_like(value: Any, found: Any) -> None:
    assert crossed(value) == found


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1j, print, Order, object, ...], ids=repr)
def test_anything_else_comes_as_its_looks_and_no_more(value: Any) -> None:
    found = crossed(value)
    assert isinstance(found, Opaque)
    assert repr(found) == repr(value)


def test_what_is_not_a_number_is_told_by_its_looks() -> None:
    assert crossed([math.nan]) == [Opaque("nan")]


def test_things_that_cannot_be_hashed_make_a_set_by_its_looks() -> None:
    assert crossed({Timing(1, 2)}) == Opaque("{Timing(first=1, last=2)}")


def test_an_object_that_raises_when_it_is_shown_comes_as_its_type() -> None:
    class Shy:
        def __repr__(self) -> str:
            raise RuntimeError

    assert crossed(Shy()) == Opaque("<Shy>")


def test_a_model_that_cannot_be_dumped_comes_as_its_looks() -> None:
    class Model:
        def __init__(self, made: Any) -> None:
            self.made = made

        def model_dump(self) -> Any:
            return self.made if self.made else 1 / 0

        def __repr__(self) -> str:
            return "a model"

    assert crossed([Model(None), Model("no dict")]) == [Opaque("a model")] * 2


def test_a_field_that_is_not_set_is_none() -> None:
    order = Order("soup", Timing(1, 2))
    del order.timing
    assert crossed(order).timing is None


def test_looks_are_cut() -> None:
    class Long:
        def __repr__(self) -> str:
            return "x" * 9999

    assert crossed(Long()) == Opaque("x" * 2000)


def test_what_is_too_deep_ends_in_dots_and_a_ring_ends_too() -> None:
    ring: list[Any] = []
    ring.append(ring)
    text = repr(crossed(ring))
    assert text == "[" * (DEEPEST + 1) + "..." + "]" * (DEEPEST + 1)


def test_a_thing_has_its_fields_and_says_which_it_lacks() -> None:
    thing = Thing("Timing", {"first": 0.1})
    assert (thing.first, repr(thing)) == (0.1, "Timing(first=0.1)")
    with pytest.raises(AttributeError, match=r"^Timing has no last$"):
        _ = thing.last


def test_an_event_is_one_only_with_an_events_fields() -> None:
    told = {"$object": "Event", "fields": {"data": "x", "event": "y", "id": "", "more": 1}}
    assert isinstance(unpack(told), Thing)


def test_the_answers_side_makes_the_feed_and_a_capture_of_the_judges() -> None:
    reads = (Chunk(0.1, b"HTTP/1.1 200 OK\r\n\r\n"), Chunk(0.2, b"data: hi\n\n"))
    capture = Capture("http://x/", b"GET", reads, Ending.CLEAN, 0.3)
    packed = json.loads(json.dumps(pack([capture, Feed(2)])))
    asked: list[Feed] = []
    found, feed = unpack(packed, lambda one: asked.append(one) or "the feed")  # type: ignore[func-returns-value]
    assert (found, feed, asked) == (capture, "the feed", [Feed(2)])
    ours = unpack(packed)[0]
    assert isinstance(ours, Thing)  # what an answer calls a capture proves nothing
    assert capture_from(ours.fields) == capture


@pytest.mark.parametrize(
    "told",
    [
        {"$bytes": "!"},
        {"$bytes": 7},
        {"$tuple": 1},
        {"$set": None},
        {"$feed": "x"},
        {"$object": "Any"},
        {"$object": "Any", "fields": []},
        [{"a": {"$bytes": "é"}}],
    ],
    ids=str,
)
def test_what_no_side_packs_is_a_wire_error(told: Any) -> None:
    with pytest.raises(WireError, match=r"^expected a value as labsupport.grading.values packs it"):
        unpack(told)


def test_a_value_deeper_than_any_that_is_packed_is_a_wire_error() -> None:
    told: Any = 1
    for _ in range(2 * DEEPEST + 1):
        told = [told]
    with pytest.raises(WireError, match=r"expected a value of at most 80 levels, got more\."):
        unpack(told)
    assert unpack(told[0])


def test_a_message_is_one_line_of_ascii() -> None:
    assert dump({"a": "ü\n", "b": [1]}) == b'{"a":"\\u00fc\\n","b":[1]}\n'


def test_a_message_beyond_its_bound_is_refused_and_says_what_to_do() -> None:
    assert len(dump({"a": "x" * (MOST - 9)})) == MOST
    with pytest.raises(WireError) as caught:
        dump({"a": "x" * (MOST - 8)})
    assert isinstance(caught.value, BenchError)
    assert str(caught.value) == (
        "expected a message of at most 4000000 bytes, got 4000001. "
        "Next: Give back less at once; yield it piece by piece."
    )


def test_a_line_that_is_no_message_is_quoted_and_cut() -> None:
    with pytest.raises(WireError, match=r"^expected a line with a JSON object, got b'x{60}'\. Nex"):
        load(b"x" * 99)


def test_an_integer_that_json_would_not_read_is_named() -> None:
    assert crossed([10**5000, -(2**5000)]) == [
        Opaque("an integer of 16610 bits"),
        Opaque("an integer of 5001 bits"),
    ]
