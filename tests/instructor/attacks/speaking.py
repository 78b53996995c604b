"""Messages that no harness sends, written straight into the socket to the judge."""

from __future__ import annotations

from .attack import Attack, worthless

SOCKET = """
import gc
from labsupport.grading.harness import Harness
judge = next(one for one in gc.get_objects() if type(one) is Harness)._sock
"""


def instead(name: str, source: str, state: str, note: str = "") -> Attack:
    """An answer that, when called, does this with `judge`, the socket."""
    body = "".join(f"    {line}\n" for line in source.strip().splitlines())
    answer = f"{SOCKET}\ndef decode(chunks):\n{body}"
    return worthless(name, "", state=state, note=note, answer=answer)


SPEAKING: tuple[Attack, ...] = (
    instead(
        "a_line_of_a_gigabyte",
        "for _ in range(1000): judge.sendall(b'x' * 1_000_000)",
        "crashed",
        "it said too much at once",
    ),
    instead("no_json", "judge.sendall(b'\\xff\\xfe full marks\\n')", "crashed", "gone"),
    instead("deep_json", "judge.sendall(b'[' * 900_000 + b'\\n')", "crashed", "gone"),
    instead(
        "deep_values",
        "judge.sendall(b'{\"value\":' + b'[' * 300 + b']' * 300 + b'}\\n')",
        "crashed",
        "levels",
    ),
    instead(
        "deep_objects",
        "inside = b'0'\n"
        'for _ in range(200): inside = b\'{"$object":"X","fields":{"x":\' + inside + b\'}}\'\n'
        "judge.sendall(b'{\"value\":' + inside + b'}\\n')",
        "crashed",
        "levels",
    ),
    instead(
        "a_number_of_a_million_digits",
        "judge.sendall(b'{\"value\":' + b'9' * 10**6 + b'}\\n')",
        "crashed",
    ),
    instead(
        "words_that_mean_nothing",
        'judge.sendall(b\'{"value": {"$bytes": "!"}}\\n\')',
        "crashed",
        "values packs it",
    ),
    instead(
        "surrogates_and_orders_to_the_terminal",
        'judge.sendall(b\'{"raised": {"type": "\\\\ud800\\\\u001b[2J", "said": '
        '[1, {"a": null}], "where": 7}}\\n\')\n'
        "import time; time.sleep(9)",
        "timeout",
        "[2J",
    ),
    instead(
        "asks_for_more_for_ever",
        "while True: judge.sendall(b'{\"want\": 0}\\n' * 1000)",
        "timeout",
    ),
    instead(
        "asks_again_each_time",
        "lines = judge.makefile('rb')\n"
        "while True:\n"
        "    judge.sendall(b'{\"want\": 0}\\n')\n"
        "    lines.readline()",
        "timeout",
        "within 1 s",
    ),
    instead(
        "brings_more_for_ever",
        "while True: judge.sendall(b'{\"out\": 0}\\n')",
        "timeout",
    ),
    instead(
        "speaks_one_byte_at_a_time",
        "import time\nwhile True: judge.sendall(b'['); time.sleep(0.01)",
        "timeout",
        "within 1 s",
    ),
    instead(
        "never_listens",
        "judge.sendall(b'{\"want\": 0}\\n'); import time; time.sleep(99)",
        "timeout",
    ),
    instead("hangs_up", "judge.shutdown(2); import time; time.sleep(99)", "crashed", "gone"),
)
