"""Answers that never come, and answers that nearly do."""

from __future__ import annotations

from .attack import Attack, worthless

CALLED = "def decode(chunks):\n    {0}\n"

WAITING: tuple[Attack, ...] = (
    worthless("loops", "while True: pass", state="timeout", note="never ends"),
    worthless("sleeps", "import time; time.sleep(10**6)", state="timeout", note="never ends"),
    worthless("loops_when_called", "", answer=CALLED.format("while True: pass"), state="timeout"),
    worthless(
        "locks_itself_in",
        "",
        answer="import threading\nlock = threading.Lock()\nlock.acquire()\n"
        + CALLED.format("lock.acquire()"),
        state="timeout",
    ),
    worthless(
        "waits_for_itself",
        "",
        answer="import asyncio\nasync def decode(chunks):\n    await asyncio.Event().wait()\n",
        state="timeout",
    ),
    worthless(
        "handles_every_signal",
        """
        import signal, time
        for number in range(1, 65):
            try:
                signal.signal(number, lambda *args: None)
            except (OSError, ValueError):
                pass
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        while True:
            try:
                time.sleep(600)
            except BaseException:
                pass
        """,
        state="timeout",
    ),
    worthless(
        "always_answers_a_little_too_late_to_be_useful",
        "",
        answer="import time\n"
        "def decode(chunks):\n"
        "    for chunk in chunks:\n"
        "        time.sleep(1.2)\n"
        "        yield Event('x')\n",
        state="timeout",
        note="blank line",
    ),
    worthless(
        "never_lets_go",
        "",
        answer="def decode(chunks):\n"
        "    while True:\n"
        "        try:\n"
        "            yield Event('x')\n"
        "        except GeneratorExit:\n"
        "            pass\n",
        note="GeneratorExit",
    ),
    worthless("asks_a_person", "name = input('Full marks? ')", answer="", note="EOFError"),
    worthless(
        "asks_a_person_when_called",
        "",
        answer=CALLED.format("return [Event(input())]"),
        note="EOFError",
    ),
    worthless(
        "reads_from_the_terminal",
        "",
        answer=CALLED.format("return open('/dev/tty').read()"),
        note="blank line",
    ),
    worthless(
        "compiles_for_ever",
        "x = ((((((2**99999)**999)**999)**999)**999)**999)",
        answer="",
        state="timeout",
    ),
    worthless(
        "a_regular_expression_without_end",
        "",
        answer=CALLED.format("import re; re.match('(a+)+$', 'a' * 60 + 'b')"),
        state="timeout",
    ),
)
