"""Files that are no notebooks, or not any more."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from scratch_course import NAME, NOTHING, RIGHT, answer, cell, hand_in, notebook

from .attack import MOST, Attack

FILE = f"{NAME}.ipynb"


def file(name: str, data: bytes, note: str = "", *, state: str = "unreadable") -> Attack:
    """A file with these bytes, under the exercise's name."""

    def write(folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / FILE).write_bytes(data)

    return Attack(name, state, MOST if state == "full" else 0.0, note, write=write)


def made(name: str, make: Callable[[Path], None], note: str, state: str = "unreadable") -> Attack:
    """Something else under the exercise's name."""

    def write(folder: Path) -> None:
        folder.mkdir(parents=True)
        make(folder / FILE)

    return Attack(name, state, 0.0, note, write=write)


def two_hundred_megabytes(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'{"cells": [')
        file.truncate(200_000_000)


def link_to_an_answer(path: Path) -> None:
    hand_in(path.parent.parent, "somebody_else", RIGHT)
    path.symlink_to(path.parent.parent / "somebody_else" / FILE)


def folder(path: Path) -> None:
    path.mkdir()
    (path / "answer.py").write_text(RIGHT)


def with_windows_line_ends() -> bytes:
    told = json.loads(notebook([answer(RIGHT)]))
    return json.dumps(told, indent=1).replace("\n", "\r\n").encode()


WORKSHEETS = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": []}]}
DEEP = b'{"nbformat": 4, "cells": ' + b"[" * 100_000

FILES: tuple[Attack, ...] = (
    file("empty", b"", "an empty file"),
    file("binary", bytes(range(256)) * 100, "UnicodeDecodeError"),
    file("zeros", b"\0" * 10_000, "not JSON"),
    file("half_a_notebook", notebook([answer(RIGHT)])[:-40], "not JSON"),
    file("not_json", b"def decode(chunks): pass", "not JSON"),
    file("deep", DEEP, "not JSON"),
    file("a_list", b"[1, 2, 3]", "JSON of another kind"),
    file("a_huge_number", b'{"nbformat": ' + b"9" * 100_000 + b"}", "not JSON"),
    file("cells_that_are_none", b'{"nbformat": 4, "cells": [1, "x"]}', "cells are none"),
    file("format_3", json.dumps(WORKSHEETS).encode(), "format 3"),
    file("format_5", notebook([], nbformat=5), "JSON of another kind"),
    file("another_encoding", notebook([answer(RIGHT)]).decode().encode("utf-16"), "Unicode"),
    file("a_mark_in_front", b"\xef\xbb\xbf" + notebook([answer(RIGHT)]), state="full"),
    file("windows_line_ends_in_the_file", with_windows_line_ends(), state="full"),
    file("doubled_keys", b'{"cells": [], ' + notebook([answer(NOTHING), cell("x", "")])[1:],
         state="zero"),
    made("two_hundred_megabytes", two_hundred_megabytes, "200 MB"),
    made("a_folder", folder, "a folder"),
    made("a_pipe", os.mkfifo, "a folder or a link"),
    made("a_link_to_an_answer", link_to_an_answer, "a symbolic link"),
    made("a_link_to_nowhere", lambda path: path.symlink_to("nowhere"), "a symbolic link"),
    made("a_link_to_itself", lambda path: path.symlink_to(path.name), "a symbolic link"),
    made("a_link_to_a_device", lambda path: path.symlink_to("/dev/zero"), "a symbolic link"),
    made("nothing", lambda path: None, "nothing was handed in", "missing"),
)  # fmt: skip
