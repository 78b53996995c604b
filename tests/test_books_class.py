"""class.html, and the named wrong answers it knows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from book_rows import (
    BEA,
    BLANK,
    CLASS,
    CUT,
    CUT_FAILED,
    CYD,
    DAN,
    ENDS,
    ENDS_FAILED,
    NAME,
    NOBODY,
    nasty,
    report,
    row,
)
from page_reader import PageReader

from labsupport.grading.batch.outputs import classview, write_books, wrong
from labsupport.grading.batch.outputs.words import UNSEEN

MISTAKE = report(BLANK, ENDS_FAILED, CUT, state="partial")


def read(page: str) -> str:
    return PageReader(page).text


def known(folder: Path) -> dict[str, list[wrong.Wrong]]:
    """A course with two named wrong answers, as an author makes it."""
    wrongs = folder / "instructor" / "wrong"
    wrongs.mkdir(parents=True)
    says = {NAME: {"two_newlines": "Splits on two newlines.", "cuts": "Decodes chunks."}}
    cut = report(BLANK, ENDS, CUT_FAILED, state="partial")
    text = wrong.as_json({NAME: {"two_newlines": MISTAKE, "cuts": cut}}, says)
    (wrongs / wrong.FILE).write_text(text, encoding="utf-8")
    return wrong.known(folder)


def test_a_fingerprint_is_verdict_and_cause_of_every_check() -> None:
    assert wrong.fingerprint(MISTAKE) == (
        "blank_line passed",
        "line_ends failed two line ends",
        "every_cut passed",
    )
    other_words = replace(ENDS_FAILED, got="else", fed="else", next="else", expected="else")
    assert wrong.fingerprint(report(BLANK, other_words, CUT)) == wrong.fingerprint(MISTAKE)
    assert wrong.fingerprint(report(ENDS, CUT)) != wrong.fingerprint(report(ENDS, CUT_FAILED))


def test_fingerprints_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert known(tmp_path) == {
        NAME: [
            wrong.Wrong("cuts", "Decodes chunks.", wrong.fingerprint(CYD.report or MISTAKE)),
            wrong.Wrong("two_newlines", "Splits on two newlines.", wrong.fingerprint(MISTAKE)),
        ]
    }
    told = json.loads((tmp_path / "instructor" / "wrong" / wrong.FILE).read_text())
    assert set(told[NAME]["cuts"]) == {"wrong", "checks"}


def test_a_course_without_fingerprints_has_none() -> None:
    assert wrong.known(NOBODY) == {}


def test_the_most_matched_named_mistake_comes_first(tmp_path: Path) -> None:
    rows = [row(f"s{n}", MISTAKE) for n in range(3)] + [CYD, BEA]
    text = read(classview.page(rows, {}, known(tmp_path)))
    assert f"Most frequent named mistake: Splits on two newlines. In {NAME[:2]} : 3" in text
    found = [text.index(name) for name in ("two_newlines", "cuts", "1 fail in a way that has no")]
    assert found == sorted(found)


def test_wrong_answers_that_look_alike_are_named_together() -> None:
    alike = [wrong.Wrong(name, f"{name}!", wrong.fingerprint(MISTAKE)) for name in ("one", "two")]
    text = read(classview.page([row("s", MISTAKE)], {}, {NAME: alike}))
    assert "one! Or: two!" in text
    assert "one or two" in text


def test_full_marks_match_no_mistake() -> None:
    full = report(BLANK, ENDS, CUT)
    odd = wrong.Wrong("odd", "Passes.", wrong.fingerprint(full))
    assert "Passes." not in classview.page([row("s", full)], {}, {NAME: [odd]})


def test_a_stub_that_was_handed_in_is_counted_as_such() -> None:
    stub = replace(BLANK, verdict="failed", cause="NotImplementedError")
    text = read(classview.page([row("s", report(stub, state="zero"))], {}, {}))
    assert "1 handed in with nothing written." in text


def test_the_class_says_how_points_are_spread() -> None:
    page = classview.page(CLASS, {}, {})
    text = read(page)
    assert "4 of 7 answers were judged: mean 2.5, median 2 of 6 points." in text
    assert "points answers 6 1 5 0 4 0 3 1 2 0 1 1 0 1" in text
    assert page.count('width="100.0" height="8"') >= 4  # all four bars are the longest


def test_points_of_a_long_scale_are_taken_together() -> None:
    spread = classview._spread([0, 7.5, 25, 49.5, 50], 50)
    assert [(bar.label, bar.count) for bar in spread] == [
        ("50", 1), ("45 to 50", 1), ("40 to 45", 0), ("35 to 40", 0), ("30 to 35", 0),
        ("25 to 30", 1), ("20 to 25", 0), ("15 to 20", 0), ("10 to 15", 0), ("5 to 10", 1),
        ("0 to 5", 1),
    ]  # fmt: skip


def test_the_check_that_fails_most_comes_first_with_its_cause() -> None:
    text = read(classview.page(CLASS, {}, {}))
    assert "Fails most: it survives every cut (hidden), in 02 : 2 of 4 answers." in text
    assert "survives every cut (hidden) 2 of 4 2 × cut" in text
    assert "treats CRLF, LF and CR alike 1 of 4 1 × two line ends" in text


def test_what_needs_a_person_stands_before_the_exercises() -> None:
    text = read(classview.page(CLASS, {}, {}))
    needs, exercise = text.index("What needs you"), text.index("answers were judged")
    part = text[needs:exercise]
    assert "2 rows that no machine can settle" in part
    assert "KeyError in the check 'every_cut'" in part
    assert "got an empty file" in part
    assert "every row is settled" in read(classview.page([BEA], {}, {}))


def test_every_link_of_the_class_leads_to_a_file(tmp_path: Path) -> None:
    write_books([*CLASS, *nasty()], tmp_path, NOBODY)
    seen = PageReader((tmp_path / "class.html").read_text(encoding="utf-8"))
    ids = {value for name, value in seen.attributes if name == "id"}
    links = {value for name, value in seen.attributes if name == "href"}
    assert len(links) > len(CLASS)
    for link in links:
        assert link[1:] in ids if link.startswith("#") else (tmp_path / unquote(link)).is_file()


def test_the_class_page_is_safe_whole_and_ordered() -> None:
    page = classview.page([*CLASS, *nasty()], {}, {})
    seen = PageReader(page)
    assert seen.open == []
    assert not {"script", "img", "iframe", "form"} & set(seen.tags)
    assert not {name for name, _ in seen.attributes if name.startswith(("on", "style", "src"))}
    assert not UNSEEN.search(page)
    levels = seen.headings
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert "(no name)" in seen.text


def test_a_class_of_nobody_is_a_page() -> None:
    assert "0 students" in read(classview.page([], {}, {}))


def test_an_exercise_that_nobody_handed_in_has_no_mean() -> None:
    assert "missing mean 02 · 02_decode_a_stream 1 ·" in read(classview.page([DAN], {}, {}))
