"""Judge an answer from outside its process.

A check cell, `check NOTEBOOK` and `grade SUBMISSIONS` use the same checks and the same engine:
`exercise` says what is asked, `judging` runs the checks on an `answer`, `report` says what came of
it, and `sandbox` is where the answer of somebody else runs.
"""

from .answer import Answer, Feed, Raised, Silent
from .cell import attempt, check
from .exercise import Check, CheckFailed, Checks, Exercise, Value, expect, fail

__all__ = [
    "Answer",
    "Check",
    "CheckFailed",
    "Checks",
    "Exercise",
    "Feed",
    "Raised",
    "Silent",
    "Value",
    "attempt",
    "check",
    "expect",
    "fail",
]
