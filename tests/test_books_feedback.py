"""feedback/<student>/NN_topic.html: what a learner reads, and what nobody reads there."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from book_rows import (
    ADA,
    BEA,
    BLANK,
    CLASS,
    CUT,
    CUT_FAILED,
    CYD,
    DAN,
    ENDS_FAILED,
    EVE,
    FLO,
    GIL,
    NAME,
    NASTY,
    nasty,
    report,
    row,
)
from page_reader import PageReader

from labsupport.grading.batch.outputs.feedback import PRINTED, Differing, page, pages, parted
from labsupport.grading.batch.outputs.words import STATES, UNSEEN, Plain
from labsupport.grading.batch.rows import Row
from labsupport.grading.exercise import Exercise

PLAIN = Plain()
DECODE = Exercise(2, "Decode a stream", ("decode",), lesson="02_read_the_wire.ipynb")


def read(one: Row) -> str:
    return PageReader(page(one, DECODE, PLAIN)).text


def test_the_first_failure_is_explained() -> None:
    text = read(BEA)
    for words in (
        "1 of 6 points",
        "Not yet: it treats CRLF, LF and CR alike",
        "The CR ended chunk 1; the LF that opens chunk 2 is its other half.",
        r"Your code was given b'data: a\r', b'\n\r\n'",
        "Expected [Event(data='a')]",
        "Got [Event(data='a') , Event(data='') ]",
        "chunk 1 |-- chunk 2 |--",
        "Read again: “Half a newline” in notebooks/02_read_the_wire.ipynb",
    ):
        assert words in text
    assert "<mark>, Event(data=&#39;&#39;)</mark>" in page(BEA, DECODE, PLAIN)


def test_advice_comes_before_values_and_the_list_of_checks_last() -> None:
    text = read(BEA)
    order = ["Part of the way", "Next:", "Begin here", "The CR ended", "Your code was given"]
    order += ["Expected", "Got", "Read again", "Every check"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_every_check_is_told_in_a_word() -> None:
    text = read(BEA)
    assert "It dispatches on a blank line · passed 1 of 1" in text
    assert "It treats CRLF, LF and CR alike · failed 0 of 2" in text
    assert "It survives every cut · failed hidden 0 of 3 Decode whole lines only." in text
    assert "not tried 0 of 2 The check that it builds on comes first." in read(GIL)
    assert "The answer did not hold out." in read(GIL)


@pytest.mark.parametrize("one", CLASS, ids=lambda one: one.student)
def test_every_state_says_what_it_means_and_what_to_do(one: Row) -> None:
    text = read(one)
    words = STATES[one.state]
    assert words.name in text
    assert words.means in text
    assert "Next:" in text


def test_full_marks_have_nothing_to_mend() -> None:
    text = read(ADA)
    assert "6 of 6 points" in text
    assert "3 of 3 checks passed" in text
    assert "Begin here" not in text


def test_an_unreadable_file_says_what_was_found_and_what_to_hand_in() -> None:
    text = read(EVE)
    assert "We found: expected a Jupyter notebook, got an empty file Next: save it" in text


def test_what_is_our_fault_is_not_held_against_anybody_and_not_explained() -> None:
    text = read(FLO)
    assert "our fault" in text
    assert "KeyError" not in text
    assert "points" not in text


def test_an_odd_file_is_mentioned() -> None:
    double = "the cell 'answer' is there more than once; the first one counts"
    assert f"We found: {double}" in read(row("x", report(BLANK, ENDS_FAILED), double))
    assert "We found" not in read(BEA)
    assert "Nothing was handed in" in read(DAN)


def test_no_hidden_input_is_in_any_page_or_comment() -> None:
    for one in (BEA, CYD):
        assert "SECRET" not in page(one, DECODE, PLAIN)
    text = read(CYD)
    assert "Not yet: it survives every cut Decode whole lines only." in text
    assert "its input is not shown" in text
    assert "Every visible check passed, so your check cell is green." in text
    assert "until it is green" not in text


def test_what_was_printed_is_shown_escaped_and_cut() -> None:
    long = replace(CUT, verdict="not tried")
    one = row("x", report(ENDS_FAILED, long, output="<b>&" + "y" * PRINTED, state="zero"))
    made = page(one, DECODE, PLAIN)
    assert "&lt;b&gt;&amp;yyy" in made
    assert "4 characters more are not shown" in made
    assert "y" * (PRINTED - 4) in made
    assert "y" * (PRINTED - 3) not in made
    assert "round and round" in read(GIL)


def test_no_folder_of_this_machine_is_in_a_page() -> None:
    here = str(Path(__file__).resolve())
    failed = replace(ENDS_FAILED, got=here, fed=here, next=here, picture=here)
    waiting = replace(CUT, verdict="not tried")
    told = report(BLANK, failed, waiting, state="partial", output=here)
    for one in (row("x", told, here), row("x", "unreadable", f"got {here}. Next: mv {here}")):
        made = page(one, DECODE, Plain(Path(here).parent))
        assert "test_books_feedback.py" in made
        assert str(Path(here).parent) not in made
        assert str(Path(here).parents[1]) not in made


@pytest.mark.parametrize("which", range(2 * len(NASTY)))
def test_hostile_words_are_words(which: int) -> None:
    one = nasty()[which]
    made = page(one, DECODE if one.exercise == NAME else None, PLAIN)
    seen = PageReader(made)
    assert seen.open == []
    assert not {"script", "img", "iframe", "object", "form", "link", "base"} & set(seen.tags)
    assert not {name for name, _ in seen.attributes if name.startswith(("on", "style", "src"))}
    assert not UNSEEN.search(made)
    assert not [value for name, value in seen.attributes if name == "href"]


def test_a_page_may_load_and_run_nothing() -> None:
    made = page(BEA, DECODE, PLAIN)
    style = re.search(r"<style>(.*)</style>", made, re.DOTALL)
    assert style
    mark = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{mark}'; base-uri 'none'; form-action 'none'"
    assert policy.replace("'", "&#39;") in made
    assert "<script" not in made
    assert "url(" not in made
    assert len(made) < 20_000


@pytest.mark.parametrize("one", CLASS, ids=lambda one: one.student)
def test_a_page_can_be_read_without_seeing_it(one: Row) -> None:
    seen = PageReader(page(one, DECODE, PLAIN))
    assert ("lang", "en") in seen.attributes
    levels = seen.headings
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert {"header", "main", "footer", "title"} <= set(seen.tags)


def test_each_row_has_its_page() -> None:
    rows = [*CLASS, *nasty()]
    names = [name for name, _ in pages(rows, {NAME: DECODE}, PLAIN)]
    assert len(set(names)) == len(rows)
    assert f"feedback/ada/{NAME}.html" in names


def test_values_are_marked_where_they_part_and_only_if_they_are_alike() -> None:
    assert parted("[1, 2, 3]", "[1, 9, 3]") == (
        Differing("[1, ", "2", ", 3]"), Differing("[1, ", "9", ", 3]")
    )  # fmt: skip
    assert parted("a list", "nothing") == (Differing("a list", ""), Differing("nothing", ""))
    assert parted("same", "same") == (Differing("same", ""), Differing("same", ""))
    assert parted("", "x") == (Differing("", ""), Differing("", "x"))
    one, other = parted("aaa", "aa")
    assert (one.before + one.differs + one.after, other.before + other.after) == ("aaa", "aa")


def test_a_hidden_failure_that_is_not_the_first_keeps_its_advice() -> None:
    one = row("x", report(ENDS_FAILED, replace(CUT_FAILED, next="Mind the cut."), state="zero"))
    assert "Mind the cut." in read(one)


def test_names_in_backticks_are_shown_as_code_and_nothing_else_is_markup() -> None:
    advice = "Wait `beat` seconds, <b>then</b> yield `x < y`; a lone ` stays."
    made = page(row("x", report(replace(ENDS_FAILED, next=advice), state="zero")), DECODE, PLAIN)
    assert "Wait <code>beat</code> seconds, &lt;b&gt;then&lt;/b&gt; yield <code>x &lt; y" in made
    assert "; a lone ` stays." in made
