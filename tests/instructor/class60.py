"""A made class of 60: who hands in what, in which way, and the row that each must get.

The table is written by hand. A wrong answer's points are the exercise's less those of the checks
that its mistake fails, and of those that need them. An exercise that a student has no line for is
`missing`, with 0 points.
"""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from pathlib import Path

import scratch_course
from attacks import ATTACKS
from scratch_course import HASTE, IMPORTS, cell, notebook

from labsupport.authoring.wrong_answers import wrong_answers

ROOT = next(one for one in Path(__file__).resolve().parents if (one / "exercises").is_dir())
EXERCISES = ROOT / "exercises"
INSTRUCTOR = EXERCISES / "instructor"
NAMES = {one.stem[:2]: one.stem for one in EXERCISES.glob("[0-9][0-9]_*.ipynb")} | {"52": HASTE}
"""By number: the exercises there are, and one more, exercise 2 again, which waits less long."""

STUDENTS = 60
MOST = {"01": 11, "02": 12, "03": 12, "05": 11, "06": 10, "08": 12, "52": 12}
"""Points of each exercise."""

TABLE = """
ada             folder      02 right/decoder                     full 12
                            01 right/plain_socket                full 11
                            03 right/encode                      full 12
                            08 right/match                       full 12
bo              folder      02 right/byte_by_byte                full 12
                            05 right/event_source_classes        full 11
cy              folder      06 right/by_hand                     full 10
                            08 wrong/words_only                  partial 10.5
                            wrong name                           unreadable 0
dan             deep        02 right/regular_expression          full 12
                            08 right/models_by_name              full 12
eve             deep        03 right/by_hand                     full 12
                            02 wrong/chunk_is_event              partial 4
flo             renamed     02 right/two_generators              full 12
gus             renamed     01 wrong/headers                     partial 8
                            08 right/union                       full 12
hal             zip         02 wrong/collects_first              partial 10
                            03 wrong/yields_text                 partial 1
                            08 stub                              zero 0
ida             zip         01 right/httpx_sse                   full 11
                            02 empty                             unreadable 0
jo              zip         02 right/decoder                     full 12
                            05 wrong/relays_vendor_json          zero 0
kim             zips        02 wrong/str_splitlines              partial 11
                            08 wrong/not_strict                  partial 11
lee             zips        01 right/from_a_capture              full 11
                            06 wrong/no_cache_control            partial 9.5
mia             zips        02 not a zip                         unreadable 0
                            03 right/plain_asgi                  full 12
Doe             canvas      02 right/decoder                     full 12
Roe             canvas      02 wrong/keeps_the_mark              partial 11
                            08 wrong/collects_first              partial 4
Poe             canvas      03 wrong/sleeps_in_the_loop          partial 11
                            01 stub                              zero 0
Coe             canvas      02 a pdf                             unreadable 0
                            08 right/match                       full 12
Loe             canvas      01 wrong/milliseconds                zero 0
Moe             late        02 wrong/forgets_the_id              partial 11.5
                            02 stub                              replaced
Noe             late        08 right/models_by_name              full 12
Zoe             canvas zip  02 right/byte_by_byte                full 12
                            03 wrong/nameless                    partial 9
Boe             canvas zip  02 half                              unreadable 0
Ann Oak         moodle      02 wrong/splits_on_two_newlines      partial 6
                            08 wrong/unknown_is_fatal            partial 10
Zoë Ångström    moodle      02 right/two_generators              full 12
                            01 wrong/counts_every_event          partial 7
Al-H. O'Neil    moodle      03 wrong/no_headers                  partial 11
漬物            moodle      02 wrong/dispatches_without_data     partial 11.5
Ben Elm         moodle      08 wrong/done_at_once                partial 10
                            02 binary                            unreadable 0
Cat Fir         moodle zip  02 right/regular_expression          full 12
                            01 wrong/total_to_the_last_token     partial 9
Dot Ash         moodle zip  03 wrong/one_newline                 partial 8
<b>bold<∕b>     folder      02 wrong/joins_without_newline       partial 8
=HYPERLINK(0)   folder      02 wrong/flushes_the_tail            partial 11
-rf             folder      02 wrong/needs_the_space             partial 11
%s {0} $(ls)    folder      02 stub                              zero 0
oz              folder      02 wrong/stops_at_bad_bytes          partial 11
                            01 format 3                          unreadable 0
pia             folder      02 wrong/keeps_the_field_names       zero 0
                            08 right/union                       full 12
forger          folder      02 attack/forges_the_checks          zero 0
                            08 right/match                       full 12
patcher         folder      02 attack/patches_the_event          zero 0
mimic           canvas      02 attack/imitates_a_report          zero 0
liar            moodle      02 attack/equals_everything          zero 0
breaker         zip         02 attack/patches_the_builtins       crashed 0
quitter         folder      02 attack/exits                      zero 0
hard quitter    folder      02 attack/exits_hard                 crashed 0
changeling      folder      02 attack/becomes_another_program    crashed 0
killer          folder      02 attack/kills_its_parent           full 12
mass killer     folder      02 attack/kills_all                  full 12
forker          folder      02 attack/forks_for_ever             crashed 0
eater           folder      02 attack/eats_memory                crashed 0
flooder         canvas      02 attack/prints_for_ever            flooded 0
sleeper         folder      52 attack/sleeps                     timeout 0
deadlock        moodle      52 attack/locks_itself_in            timeout 0
                            02 right/decoder                     full 12
deaf            folder      52 attack/handles_every_signal       timeout 0
writer          folder      02 attack/writes_outside             full 12
host            folder      02 attack/leaves_a_server            full 12
father          folder      02 attack/leaves_a_grandchild        full 12
slider          folder      02 file/zip_slips                    unreadable 0
bomber          folder      02 file/zip_of_many                  unreadable 0
linker          folder      02 file/a_link_to_a_device           unreadable 0
dir             folder      02 file/a_folder                     unreadable 0
absent          folder
gone            moodle
"""

Line = tuple[str, str, str, str]
"""Of one answer: student, way, what is handed in, and the row."""


def lines() -> list[Line]:
    """The table's lines, each with its student and way."""
    found: list[Line] = []
    for line in TABLE.strip().splitlines():
        student, *rest = re.split(r"\s{2,}", line)
        way, what, row = (rest if student else ["", *rest]) + [""] * 2 * (len(rest) == 1)
        found.append((student or found[-1][0], way or found[-1][1], what, row))
    return found


def expected() -> dict[tuple[str, str], tuple[str, float]]:
    """By student and exercise: the state and the points of every row of the class."""
    rows = {(one[0], name): ("missing", 0.0) for one in lines() for name in NAMES.values()}
    for student, _, what, row in lines():
        state, _, points = row.partition(" ")
        exercise = f"{WRONG_NAME}.ipynb" if what == "wrong name" else NAMES.get(what[:2], "")
        if points:
            rows[student, exercise] = state, float(points)
    return rows


def course(folder: Path) -> Path:
    """The true exercises, and beside them the one that waits less long; returns their folder."""
    made = scratch_course.make(folder / "scratch")
    shutil.copytree(EXERCISES, folder / "exercises", ignore=shutil.ignore_patterns("__pycache__"))
    for path in made.rglob("*52_*"):
        shutil.copy(path, folder / "exercises" / path.relative_to(made))
    shutil.rmtree(made.parent)
    return folder / "exercises"


WRONG_NAME = "my answers"
BROKEN = {
    "empty": b"",
    "binary": bytes(range(256)) * 40,
    "half": notebook([cell("answer", "def decode(chunks): ...")])[:-30],
    "format 3": b'{"nbformat": 3, "worksheets": [{"cells": []}]}',
    "not a zip": b"PK\3\4 and no more",
    "a pdf": b"%PDF-1.7",
}
SUFFIX = {"not a zip": "zip", "a pdf": "pdf"}


def hand_in(folder: Path) -> None:
    """Lay the class out below `folder`, as teachers get it."""
    folder.mkdir()
    for number, (student, way, what, row) in enumerate(lines()):
        exercise, _, answer = what.partition(" ")
        if row == "replaced":  # handed in before, in time, and then again
            way = "canvas earlier"
        kind, _, name = answer.partition("/")
        if kind == "file":
            made = next(one for one in ATTACKS if one.name == name)
            assert made.write
            made.write(folder / student)
        elif not what:
            _place(folder, way, student, "notes.txt", b"I was ill.")
        else:
            stem = WRONG_NAME if what == "wrong name" else NAMES[exercise]
            data = BROKEN.get(answer)
            if data is None:
                data = _notebook(exercise, kind, name, f"# {student} {number}")
            _place(folder, way, student, f"{stem}.{SUFFIX.get(answer, 'ipynb')}", data)


def _notebook(exercise: str, kind: str, name: str, mark: str) -> bytes:
    """A notebook with this answer, in bytes of its own: nothing is judged twice or once for two."""
    if kind == "attack":
        source = next(one.source for one in ATTACKS if one.name == name)
    elif kind == "right":
        source = (INSTRUCTOR / kind / NAMES[exercise] / f"{name}.py").read_text(encoding="utf-8")
    elif kind == "wrong":
        course = wrong_answers(EXERCISES, NAMES[exercise])
        source = next(one.source for one in course if one.name == name)
    elif exercise == "01":
        source = "async def measure(url):\n    raise NotImplementedError('write measure()')\n"
    elif exercise == "08":
        source = "def parse(event):\n    raise NotImplementedError\nguarded = parse\n"
    else:
        source = "def decode(chunks):\n    raise NotImplementedError('write decode()')\n"
    cells = [cell("imports", IMPORTS), cell("answer", f"{mark}\n{source}"), cell("check", "1 / 0")]
    return notebook(cells)


def _place(folder: Path, way: str, student: str, name: str, data: bytes) -> None:
    """Put one file where it belongs, in this way of handing in."""
    file = re.sub(r"\W", "", student)
    zipped = way in ("zip", "canvas zip", "moodle zip")
    where = {
        "deep": folder / student / "homework" / "week 2" / name,
        "renamed": folder / student / f"my {Path(name).stem} (1){Path(name).suffix}",
        "zip": folder / f"{student}.zip",
        "zips": folder / student / f"{Path(name).stem}.zip",
        "canvas": folder / f"{file}_12345_67890_{Path(name).stem}-1{Path(name).suffix}",
        "canvas earlier": folder / f"{file}_12345_67880_{name}",
        "late": folder / f"{file}_LATE_12345_67891_{name}",
        "canvas zip": folder / f"{file}_12345_67890_homework.zip",
        "moodle": folder / f"{student}_4711_assignsubmission_file_" / name,
        "moodle zip": folder / f"{student}_4711_assignsubmission_file" / "homework.zip",
    }.get(way, folder / student / name)
    where.parent.mkdir(parents=True, exist_ok=True)
    if zipped or (way == "zips" and not name.endswith(".zip")):
        with zipfile.ZipFile(where, "a") as packed:
            packed.writestr(f"home/{name}", data)
    else:
        where.write_bytes(data)
    if way == "canvas earlier":
        os.utime(where, (1.7e9, 1.7e9))
