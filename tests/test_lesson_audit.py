"""The audit of a lesson's kernel finds what is left, and only the order excuses an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kernels import Kernel, kernel
from nbclient.exceptions import CellExecutionError
from test_rerun import BEGIN, LEFT, because_of_the_order


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for all: what a test leaves in it, `BEGIN` counts among what was there before."""
    with kernel(tmp_path_factory.mktemp("lesson")) as one:
        yield one


@pytest.mark.parametrize(
    ("cell", "leak"),
    [
        pytest.param(
            "import threading\nthreading.Thread(target=threading.Event().wait, name='cook', "
            "daemon=True).start()",
            "thread cook",
            id="thread",
        ),
        pytest.param(
            "import socket, sys\nsys.kept = socket.create_server(('127.0.0.1', 0))",
            "socket LISTEN",
            id="socket",
        ),
        pytest.param(
            "import asyncio, sys\nasync def cook(): await asyncio.Event().wait()\n"
            "sys.kept = asyncio.create_task(cook())",
            "task cook",
            id="task",
        ),
    ],
)
def test_what_a_cell_leaves_is_found(cell: str, leak: str, lesson: Kernel) -> None:
    lesson.run(BEGIN)
    lesson.run(cell)
    found = lesson.run(LEFT.replace("get_ipython()", "get_ipython(), within=0.2"))
    assert leak in found


def test_what_only_names_and_outputs_hold_is_let_go(lesson: Kernel) -> None:
    lesson.run(BEGIN)
    lesson.run("import socket\nserver = socket.create_server(('127.0.0.1', 0))\nserver")
    with pytest.raises(CellExecutionError):
        lesson.run("def use(held):\n    raise KeyError\nuse(server)")
    assert lesson.run(LEFT) == "[]"


def test_only_the_order_excuses_an_error(lesson: Kernel) -> None:
    lesson.run("class server: running = True\nclass StartError(Exception): pass")
    for source, spoiled, excused in [
        ("missing", set(), True),
        ("{}['blocks']", set(), False),
        ("runs = {}; runs['blocks']", {"runs"}, True),
        ("runs = {}; runs['blocks']", {"other"}, False),
        ("raise StartError('no thread')", set(), False),
        ("runs = {}; runs['blocks']; StartError", {"runs"}, True),
        ("runs = {}; raise StartError(runs)", {"runs"}, False),
        ("runs = {}; raise OSError('address already in use', runs)", {"runs"}, False),
        ("raise ConnectionRefusedError", set(), False),
        ("server.running = False; raise ConnectionRefusedError", set(), True),
    ]:
        with pytest.raises(CellExecutionError) as error:
            lesson.run(source)
        assert because_of_the_order(error.value, source, spoiled, lesson) == excused, source
