"""Bytes are drawn so that none is hidden and none looks like another."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labsupport.visible import cells, dump, visible, whole_characters


def text(data: bytes, **options: object) -> str:
    return "".join(unit.text for unit in visible(data, **options))  # type: ignore[arg-type]


@given(st.binary(max_size=40) | st.text(max_size=20).map(str.encode), st.sets(st.integers(0, 40)))
def test_the_bytes_can_be_read_back_from_the_drawing(data: bytes, marks: set[int]) -> None:
    drawn = text(data, marks=marks).replace("┊", "")
    back = drawn.replace("␍", "\r").replace("␊", "\n").encode()
    parts = re.split("⟨([0-9a-f ]+)⟩".encode(), back)
    assert (
        b"".join(
            bytes.fromhex(part.decode()) if number % 2 else part
            for number, part in enumerate(parts)
        )
        == data
    )


@pytest.mark.parametrize(
    ("data", "drawn"),
    [
        (b"a\r\nb\n", "a␍␊b␊"),
        (b"\0\t\x1b[1m", "⟨00 09 1b⟩[1m"),
        ("é漢🙂".encode(), "é漢🙂"),
        ("␊⟨┊␣".encode(), "⟨e2 90 8a e2 9f a8 e2 94⟩⟨8a e2 90 a3⟩"),
        ("\u202e\u2028\u00a0".encode(), "⟨e2 80 ae e2 80 a8 c2 a0⟩"),
        (b"\xff\xc3\xe2\x82", "⟨ff c3 e2 82⟩"),
    ],
)
def test_text_is_text_and_all_else_is_hex(data: bytes, drawn: str) -> None:
    assert text(data) == drawn


def test_marks_stand_before_their_byte_also_inside_a_character() -> None:
    assert text(b"data: a", marks=[0, 4]) == "┊data┊: a"
    assert text("é".encode(), marks=[1]) == "⟨c3⟩┊⟨a9⟩"
    assert text(b"\xff\xfe", marks=[1]) == "⟨ff⟩┊⟨fe⟩"


def test_only_the_stripped_space_is_drawn_as_one() -> None:
    assert text(b"data:  a b", stripped=5) == "data:␣ a b"


def test_a_dump_is_hex_alone_and_keeps_the_marks() -> None:
    assert "".join(unit.text for unit in dump(b"a\n\xff", marks=[0, 2])) == "┊61 0a ┊ff "


@given(st.text(min_size=1, max_size=30), st.integers(4, 40))
def test_a_cut_at_whole_characters_leaves_valid_text(words: str, most: int) -> None:
    data = words.encode()
    keep = whole_characters(data, most)
    assert data[:keep].decode() == words[: len(data[:keep].decode())]
    assert min(len(data), most) - 3 <= keep <= most


def test_wide_and_combining_characters_count_as_a_terminal_counts_them() -> None:
    assert [cells("a"), cells("漢"), cells("e\u0301")] == [1, 2, 1]
