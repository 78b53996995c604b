"""Say whether nbval would call two outputs of one cell equal.

Rule 1: the comparison is nbval's own code, and so is the reading of the sanitize file.
Rule 2: nothing is compared that nbval does not compare, such as output metadata and pictures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, coalesce_streams, get_sanitize_patterns, nocolors

from ..errors import UsageError

# nbval sets these in `IPyNbFile.__init__`, which needs a pytest run; a test compares the two.
SKIPPED = (
    "metadata",
    "traceback",
    "prompt_number",
    "output_type",
    "name",
    "execution_count",
    "application/vnd.jupyter.widget-view+json",
    "image/png",
    "image/jpeg",
)


class Comparison:
    """nbval's comparison of outputs, with the patterns of one sanitize file.

    Arguments:
        patterns: regular expression -> what it is replaced with, on both sides.

    >>> from nbformat.v4 import new_output
    >>> old, new = (new_output("stream", text=text) for text in ["took 12 ms", "took 9 ms"])
    >>> Comparison({r"\\d+ ms": "TIME"}).same([old], [new]), Comparison({}).same([old], [new])
    (True, False)
    """

    colors = nocolors
    sanitize = IPyNbCell.sanitize
    compare_outputs = IPyNbCell.compare_outputs

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self.parent = SimpleNamespace(sanitize_patterns=dict(patterns), skip_compare=SKIPPED)

    def __repr__(self) -> str:
        return f"Comparison({len(self.parent.sanitize_patterns)} patterns)"

    def same(self, old: Sequence[NotebookNode], new: Sequence[NotebookNode]) -> bool:
        """True if a cell with the stored outputs `old` that prints `new` is green under nbval."""
        # coalesce_streams joins texts in place, hence the copies.
        test, reference = (coalesce_streams(deepcopy(list(side))) for side in (new, old))
        return bool(self.compare_outputs(test, reference))

    def format_output_compare(self, key: str, left: Any, right: Any) -> None:
        """Called by nbval to explain a difference, through pytest's hooks; none are here."""


def comparison(sanitize: Path | None) -> Comparison:
    """Read a sanitize file, as `pytest --nbval --nbval-sanitize-with` does.

    Arguments:
        sanitize: the file, or None to compare texts as they are.

    Raises:
        UsageError: a pattern in it is no regular expression.
    """
    text = sanitize.read_text(encoding="utf-8") if sanitize else ""
    patterns: dict[str, str] = dict(get_sanitize_patterns(text))
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise UsageError(
                expected=f"regular expressions in {sanitize}",
                got=f"{pattern!r} ({error})",
                next="Mend that line; the syntax is that of Python's re module.",
            ) from error
    return Comparison(patterns)
