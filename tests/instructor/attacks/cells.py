"""Notebooks whose cells are gone, doubled, in another order, of another kind; and magics."""

from __future__ import annotations

from typing import Any

from scratch_course import IMPORTS, NAME, NOTHING, RIGHT, answer, cell, notebook

from .attack import MOST, Attack, harmless

CHECK = cell("check", "check(2, decode=decode)")


def cells(
    name: str,
    cells: list[dict[str, Any]],
    state: str = "full",
    points: float = MOST,
    note: str = "",
) -> Attack:
    """A notebook of these cells."""

    def write(folder: Any) -> None:
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_bytes(notebook(cells))

    return Attack(name, state, points, note, write=write)


CELLS: tuple[Attack, ...] = (
    cells("no_cells", [], "zero", 0, "the cell 'answer' is not there"),
    cells("answer_deleted", [cell("imports", IMPORTS), CHECK], "zero", 0, "define decode"),
    cells("answer_twice", [answer(RIGHT), answer(NOTHING)], note="the first one counts"),
    cells("answer_twice_the_other_way", [answer(NOTHING), answer(RIGHT)], "zero", 0, "first one"),
    cells("answer_renamed", [cell("mine", RIGHT)], note="the other cells were run"),
    cells("answer_as_markdown", [cell("answer", RIGHT, "markdown")], "zero", 0, "is not there"),
    cells("answer_in_two_cells", [answer("from labsupport import Decoder"), cell("more", RIGHT)]),
    cells("another_order", [CHECK, cell("scratch", "1/0"), answer(RIGHT), cell("imports", "1/0")]),
    cells("imports_deleted", [answer("def decode(chunks):\n    Event\n" + RIGHT[1:])]),
    cells(
        "imports_replaced",
        [cell("imports", "class Event: __eq__ = lambda *a: True"), answer(NOTHING)],
        "zero",
        0,
    ),
    cells(
        "check_replaced",
        [answer(NOTHING), cell("check", "print('13 of 13')"), cell("scratch", "decode = all")],
        "zero",
        0,
    ),
    cells(
        "tags_metadata_and_outputs",
        [
            cell(
                "answer",
                NOTHING,
                metadata={"tags": ["raises-exception", "skip"], "nbgrader": {"points": 100}},
                outputs=[{"output_type": "stream", "name": "stdout", "text": "12 of 12"}],
            ),
            CHECK,
        ],
        "zero",
        0,
    ),
    cells(
        "html_in_outputs",
        [
            cell(
                "answer",
                RIGHT,
                outputs=[
                    {
                        "output_type": "display_data",
                        "metadata": {},
                        "data": {"text/html": "<script>alert(1)</script>"},
                    }
                ],
            )
        ],
    ),
    cells("a_cell_that_fails", [cell("try", "1/0"), answer(RIGHT)], note="ZeroDivisionError"),
    cells("ids_gone", [{**one, "id": None} for one in (answer(RIGHT), CHECK)], note="not there"),
    cells("ids_of_another_kind", [{**answer(RIGHT), "id": ["answer"]}], note="not there"),
    cells("sources_as_lists", [cell("answer", RIGHT.splitlines(keepends=True))]),
    cells(
        "sources_of_another_kind", [cell("x", 7), cell("y", {"a": 1}), cell("answer", [RIGHT, 7])]
    ),
    cells("windows_line_ends", [answer(RIGHT.replace("\n", "\r\n"))]),
    cells(
        "a_surrogate_in_the_source",
        [answer("x = '\ud800'\n" + RIGHT)],
        "zero",
        0,
        "UnicodeEncodeError",
    ),
    cells(
        "too_much_source", [answer("#" * 600_000 + RIGHT)], "unreadable", 0, "characters of code"
    ),
    cells("html_in_the_source", [answer("'''</pre><script>alert(1)</script>'''\n" + RIGHT)]),
    cells(
        "html_in_an_error",
        [answer("raise ValueError('<script>alert(1)</script>')")],
        "zero",
        0,
        "<script>",
    ),
    harmless("runs_a_magic", "%run /bench/labsupport/grading/judging.py\n%time 1\n%ls /"),
    harmless("asks_the_shell", "!kill -9 -1 1 0; ls / > /scratch/x\n!!echo hello"),
    cells(
        "a_cell_of_bash",
        [
            answer(RIGHT),
            cell("x", "%%bash\nkill -9 -1; sleep 600 >/dev/null 2>&1 & disown; exit 3"),
        ],
        note="CalledProcessError",
    ),
    cells("a_cell_with_await", [answer("import asyncio\nawait asyncio.sleep(0)\n" + RIGHT)]),
    cells("no_python", [answer("def decode(chunks) return")], "zero", 0, "SyntaxError"),
)
