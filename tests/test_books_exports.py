"""gradescope/<student>.json and junit.xml."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from book_rows import ADA, BEA, CLASS, CUT, DAN, EVE, FLO, GIL, NAME, NASTY, nasty

from labsupport.grading.batch.outputs import gradescope, junit
from labsupport.grading.batch.outputs.words import UNSEEN, Plain
from labsupport.grading.batch.rows import Row


def files(*rows: Row) -> dict[str, Any]:
    return {name: json.loads(text) for name, text in gradescope.files(rows, Plain())}


def test_gradescope_has_a_file_a_student_with_all_exercises() -> None:
    other = Row("ada", "03_serve", "missing", 0.0, 10.0, "nothing")
    found = files(ADA, other, BEA)
    assert list(found) == ["gradescope/ada.json", "gradescope/bea.json"]
    ada = found["gradescope/ada.json"]
    assert ada["score"] == 6
    assert [test["name"].partition(":")[0] for test in ada["tests"]] == [NAME] * 3 + ["03_serve"]
    assert ada["output"] == f"{NAME}: Full marks\n03_serve: Nothing was handed in"


def test_each_gradescope_test_has_both_scores_and_they_sum_up() -> None:
    for row in [*CLASS, *nasty()]:
        (told,) = files(row).values()
        tests = told["tests"]
        assert all({"name", "score", "max_score", "output", "visibility"} <= set(t) for t in tests)
        assert sum(test["score"] for test in tests) == told["score"] == row.points
        assert sum(test["max_score"] for test in tests) == row.max_points


def test_gradescope_shows_hidden_checks_after_publication_and_without_their_input() -> None:
    told = files(BEA)["gradescope/bea.json"]
    assert "SECRET" not in json.dumps(told)
    by_title = {test["name"].partition(": ")[2]: test for test in told["tests"]}
    hidden = by_title.pop(CUT.title)
    assert hidden["visibility"] == "after_published"
    assert hidden["output"] == "next      Decode whole lines only.\nLesson section: Cuts"
    assert {test["visibility"] for test in by_title.values()} == {"visible"}
    failed = by_title["treats CRLF, LF and CR alike"]
    assert "expected  [Event(data='a')]" in failed["output"]
    assert failed["status"] == "failed"


def test_gradescope_says_what_happened_where_nothing_was_judged() -> None:
    (missing,) = files(DAN)["gradescope/dan.json"]["tests"]
    assert missing["name"] == f"{NAME}: Nothing was handed in"
    assert (missing["score"], missing["max_score"]) == (0, 6)
    (unreadable,) = files(EVE)["gradescope/eve.json"]["tests"]
    assert "got an empty file" in unreadable["output"]
    (ours,) = files(FLO)["gradescope/flo.json"]["tests"]
    assert "our fault" in ours["output"]
    assert "KeyError" not in json.dumps(files(FLO))


def test_gradescope_says_what_was_odd_about_the_file() -> None:
    twice = replace(ADA, note="the cell 'answer' is there more than once")
    told = files(twice)["gradescope/ada.json"]
    assert told["output"] == f"{NAME}: Full marks (the cell 'answer' is there more than once)"


def test_gradescope_takes_no_text_for_markup() -> None:
    for told in files(*nasty()).values():
        formats = {told[name] for name in told if name.endswith("_format")}
        assert formats == {"text"}
        assert not any(UNSEEN.search(test["name"] + test["output"]) for test in told["tests"])


def test_junit_has_a_suite_an_exercise_and_a_case_a_student() -> None:
    root = ElementTree.fromstring(junit.as_xml(CLASS))
    assert root.tag == "testsuites"
    (suite,) = root
    counts = {"tests": "7", "failures": "2", "errors": "3", "skipped": "1"}
    assert suite.attrib == {"name": NAME, **counts}
    assert root.attrib == {"name": "grade", **counts}
    outcome = {
        case.attrib["name"]: [one.tag for one in case if one.tag != "properties"] for case in suite
    }
    assert outcome == {
        "ada": [],
        "bea": ["failure"],
        "cyd": ["failure"],
        "dan": ["skipped"],
        "eve": ["error"],
        "flo": ["error"],
        "gil": ["error"],
    }


def test_junit_carries_points_and_the_report() -> None:
    root = ElementTree.fromstring(junit.as_xml([BEA, GIL]))
    bea, gil = root.iter("testcase")
    points = {one.attrib["name"]: one.attrib["value"] for one in bea.iter("property")}
    assert points == {"points": "1", "max_points": "6"}
    failure = bea.find("failure")
    assert failure is not None
    assert failure.attrib["message"].startswith("treats CRLF, LF and CR alike: The CR")
    assert BEA.report
    assert failure.text == BEA.report.text()
    error = gil.find("error")
    assert error is not None
    assert error.attrib["type"] == "timeout"


def test_junit_is_xml_whatever_people_call_themselves() -> None:
    rows = nasty()
    root = ElementTree.fromstring(junit.as_xml(rows).encode())
    found = {case.attrib["name"] for case in root.iter("testcase")}
    assert len(list(root.iter("testcase"))) == len(rows)
    assert {NASTY["script"], NASTY["cdata"], NASTY["letters"]} <= found
    assert "bell⟨07⟩ null⟨00⟩ escape esc" in found
    assert not UNSEEN.search("".join(found))
    assert list(root.iter("x")) == []
