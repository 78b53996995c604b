"""Ends of the process, and tries to end others."""

from __future__ import annotations

from .attack import Attack, harmless, worthless

CALLED = "def decode(chunks):\n    {0}\n"

KILLING: tuple[Attack, ...] = (
    worthless("exits", "import sys; sys.exit(0)", note="SystemExit", answer=""),
    worthless("exits_when_called", "", answer=CALLED.format("raise SystemExit(0)"), note="blank"),
    worthless("exits_hard", "import os; os._exit(0)", state="crashed", note="os._exit"),
    worthless(
        "exits_hard_when_called",
        "",
        state="crashed",
        answer=CALLED.format("import os; os._exit(0)"),
        note="os._exit",
    ),
    worthless("interrupts", "raise KeyboardInterrupt", answer="", note="KeyboardInterrupt"),
    worthless("reads_at_zero", "import ctypes; ctypes.string_at(0)", state="crashed", answer=""),
    worthless("aborts", "import os; os.abort()", state="crashed"),
    worthless("closes_every_file", "import os; os.closerange(0, 256)", state="crashed"),
    worthless(
        "becomes_another_program",
        "import os; os.execv('/bin/sleep', ['sleep', '600'])",
        state="crashed",
    ),
    worthless(
        "falls_for_ever",
        "",
        answer="import sys\nsys.setrecursionlimit(10**9)\n"
        "def decode(chunks):\n    return decode(chunks)\n",
        state="crashed",
    ),
    harmless(
        "kills_its_parent",
        """
        import os, signal
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
            try:
                os.kill(os.getppid(), number)  # 0: the parent is not to be seen, so its own group
            except OSError as error:
                print(error)
        print("parent", os.getppid())
        """,
        said="parent 0",
    ),
    harmless(
        "kills_all",
        """
        import os, signal
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(-1, number)
            except OSError as error:
                print(error)
        """,
        said="No such process",
    ),
    harmless(
        "kills_every_number",
        """
        import os, signal
        hit = []
        for pid in range(2, 40000):
            try:
                os.kill(pid, signal.SIGKILL)
                hit.append(pid)
            except OSError:
                pass
        print("hit", hit)
        """,
        said="hit []",
    ),
    harmless(
        "kills_groups_and_traces",
        """
        import ctypes, os, signal
        libc = ctypes.CDLL(None, use_errno=True)
        for group in range(2, 40000):
            try:
                os.killpg(group, signal.SIGKILL)
                print("hit", group)
            except OSError:
                pass
        print("traced", [pid for pid in range(2, 2000) if libc.ptrace(16, pid, 0, 0) == 0])
        """,
        said="traced []",
        unsaid="hit",
    ),
    harmless(
        "becomes_an_orphan_on_purpose",
        """
        import ctypes
        print("let go", ctypes.CDLL(None).prctl(1, 0, 0, 0, 0))  # PR_SET_PDEATHSIG: none
        """,
        said="let go 0",
    ),
)
