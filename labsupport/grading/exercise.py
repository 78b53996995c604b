"""What an exercise is: a name, the answers it asks for, and checks of them.

    exercise = Exercise(2, "Decode a stream", answers=("decode",))

    @exercise.check("dispatches on a blank line", points=2, section="What ends an event?")
    def dispatches(answer: Answer, random: Random) -> None:
        got = answer.call("decode", [b"data: a\\n\\n"])
        expect(got, [Event("a")], fed=[b"data: a\\n\\n"], next="A blank line ends an event.")

A check passes if it returns. It is a plain function of an `Answer`, so the same one judges the
object in a learner's kernel and the child process of the instructor's run. Hidden checks stand in
a `Checks` of their own, in a file that learners do not get.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path
from random import Random
from types import CodeType, ModuleType
from typing import Any

from ..errors import LabError, UsageError
from .answer import Answer

CheckFunction = Callable[[Answer, Random], None]


class CheckFailed(LabError):
    """A check's verdict, with what a learner needs to go on. Made by `expect` and `fail`.

    Arguments:
        fed: what the answer was given. cause: a word for the mistake, for the class view.
        picture: lines to show as they are, such as a timeline.
    """

    def __init__(
        self,
        *,
        expected: str,
        got: str,
        next: str,
        fed: str = "",
        cause: str = "",
        picture: str = "",
    ) -> None:
        super().__init__(expected=expected, got=got, next=next)
        self.expected, self.got = expected, got
        self.fed, self.cause, self.picture = fed, cause, picture


def fail(expected: Any, got: Any, *, next: str, fed: Any = "", cause: str = "") -> Any:
    """End the check: the answer fails it. Values are shown as their repr, texts as they are."""
    raise CheckFailed(
        expected=shown(expected), got=shown(got), next=next, fed=shown(fed), cause=cause
    )


def expect(got: Any, expected: Any, *, next: str, fed: Any = "", cause: str = "") -> None:
    """`fail` unless the two are equal."""
    if got != expected:
        fail(Value(expected), Value(got), next=next, fed=fed, cause=cause)


class Value:
    """A value that is shown as its repr, also if it is a text."""

    def __init__(self, value: Any) -> None:
        self.value = value


def shown(value: Any, most: int = 400) -> str:
    """A value in a line."""
    if isinstance(value, Value):
        value = repr(value.value)
    elif isinstance(value, list) and value and all(isinstance(one, bytes) for one in value):
        value = ", ".join(map(repr, value))
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else f"{text[: most - 20]} ... ({len(text)} long)"


@dataclass(frozen=True)
class Check:
    """One judged property of an answer.

    Arguments:
        title: what is true of a right answer, in words that follow "it".
        points: what it is worth.
        run: the function.
        key: a short name, unique in the exercise.
        needs: keys of checks that must have passed before this one is tried.
        section: the heading of the lesson that explains it.
        hidden: whether learners are spared its input.
        patience: seconds that each request to the answer may take.
    """

    title: str
    points: float
    run: CheckFunction
    key: str
    needs: tuple[str, ...] = ()
    section: str = ""
    hidden: bool = False
    patience: float = 5.0


class Checks:
    """Checks in the order in which they are tried."""

    def __init__(self, *, hidden: bool = True) -> None:
        self.checks: list[Check] = []
        self._hidden = hidden

    def check(
        self,
        title: str,
        *,
        points: float,
        needs: tuple[str, ...] = (),
        section: str = "",
        patience: float = 5.0,
    ) -> Callable[[CheckFunction], CheckFunction]:
        """Make a check of the function below; its name is the check's key."""

        def keep(run: CheckFunction) -> CheckFunction:
            key = run.__name__.strip("_")
            known = {one.key for one in self.checks}
            if key in known:
                raise UsageError(
                    expected="a name that no check has", got=key, next="Rename the function."
                )
            self.checks.append(
                Check(title, points, run, key, needs, section, self._hidden, patience)
            )
            return run

        return keep


@dataclass
class Exercise(Checks):
    """An exercise: what is asked for, and its visible checks.

    Arguments:
        number: the lesson's. title: as a heading has it.
        answers: the names that the learner's cell must define.
        lesson: the lesson's file, for links.
        seconds: deadline of a whole judging.
        version: raise it when a check changes, so that nothing judged before is taken for new.
    """

    number: int
    title: str
    answers: tuple[str, ...]
    lesson: str = ""
    seconds: float = 30.0
    version: int = 1
    checks: list[Check] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._hidden = False

    @property
    def points(self) -> float:
        """The most that can be earned."""
        return sum(check.points for check in self.checks)

    def joined(self, hidden: Checks) -> Exercise:
        """This exercise with hidden checks after its own."""
        return Exercise(
            self.number,
            self.title,
            self.answers,
            self.lesson,
            self.seconds,
            self.version,
            [*self.checks, *hidden.checks],
        )


def load(name: str, exercises: Path, *, hidden: bool = False) -> Exercise:
    """The exercise of a notebook called `name` (`02_decode_a_stream`) in the folder `exercises`.

    Raises `UsageError` if there is none, or if `hidden` ones are asked for and not there.
    """
    number = re.match(r"\d\d(?!\d)", name)
    visible = _module(exercises / "checks", number and number[0], "checks")
    exercise: Exercise = visible.exercise
    if hidden:
        found = _module(exercises / "instructor" / "hidden", number and number[0], "hidden")
        exercise = exercise.joined(found.checks)
    return exercise


class AsWritten(SourceFileLoader):
    """Compiles the file as it is now, and writes nothing beside it.

    Python's own cache takes a file for unchanged that was written in the same second with the same
    length, and an instructor's course is to be read only.
    """

    def get_code(self, fullname: str) -> CodeType:
        """The module's code."""
        return self.source_to_code(self.get_data(self.path), self.path)


def _module(folder: Path, number: str | None, package: str) -> ModuleType:
    found = sorted(folder.glob(f"e{number}_*.py")) if number else []
    if len(found) != 1:
        there = ", ".join(path.stem for path in sorted(folder.glob("e[0-9][0-9]_*.py"))) or "none"
        raise UsageError(
            expected=f"the checks of exercise {number or '?'} in {folder.name}/",
            got=there,
            next="Give a notebook of the course, such as 02_decode_a_stream.ipynb.",
        )
    name = f"{package}.{found[0].stem}"
    spec = importlib.util.spec_from_loader(name, AsWritten(name, str(found[0])))
    assert spec and spec.loader
    if list(getattr(sys.modules.get(package), "__path__", ())) != [str(folder)]:
        for known in [one for one in sys.modules if f"{one}.".startswith(f"{package}.")]:
            del sys.modules[known]  # another course's: its helpers may have the same names
        sys.modules[package] = ModuleType(package)
        sys.modules[package].__path__ = [str(folder)]
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
