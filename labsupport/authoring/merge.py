"""Put a notebook that was run into the form in which it is stored.

Rule 1: where nbval calls old and new outputs equal, the old ones stay, byte for byte.
Rule 2: what differs from run to run and tells a reader nothing, such as timestamps, is not kept.
"""

from __future__ import annotations

import json
from copy import deepcopy
from itertools import groupby
from typing import Any

import nbformat
from nbformat import NotebookNode

from ..errors import UsageError
from . import widgets
from .compare import Comparison

_v4: Any = nbformat.v4  # it has no types

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
TIMESTAMPS = ("execution", "ExecuteTime")


def parse(text: str) -> NotebookNode:
    """Read the text of a notebook; cells without an id get one that follows from their place.

    Raises:
        UsageError: it is not a notebook, or two of its cells have the same id.
    """
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise _not_a_notebook(f"text that is not JSON ({error})") from error
    if not isinstance(raw, dict) or "cells" not in raw or raw.get("nbformat") != 4:
        raise _not_a_notebook("JSON of another kind")
    try:
        notebook: NotebookNode = _v4.reads(text)
        notebook.nbformat_minor = max(5, notebook.nbformat_minor)
        for number, cell in enumerate(notebook.cells, 1):
            cell.setdefault("id", f"cell-{number}")
        ids = [str(cell.id) for cell in notebook.cells]
        # Not left to nbformat, which would invent new ids and go on.
        if len(set(ids)) == len(ids):
            nbformat.validate(notebook)
    except (nbformat.ValidationError, KeyError, AttributeError, TypeError) as error:
        first = str(error).partition("\n")[0] or type(error).__name__
        raise _not_a_notebook(f"one that breaks the format ({first})") from error
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise UsageError(
            expected="a different id for each cell",
            got=f"{twice[0]!r} more than once",
            next="Copy the cell's text into a new cell and delete the copied cell.",
        )
    return notebook


def form(notebook: NotebookNode) -> str:
    """The text of a notebook as it is stored: nbformat's, with a line end at the end."""
    return str(_v4.writes(notebook)).rstrip("\n") + "\n"


def merge(old: NotebookNode, ran: NotebookNode, comparison: Comparison) -> NotebookNode:
    """The notebook to store.

    Arguments:
        old: as it is stored now.
        ran: the same cells, after they ran.
        comparison: says which outputs are equal.
    """
    new = widgets.rename(ran)
    states = {True: widgets.state_of(old), False: widgets.state_of(new)}
    number, came_with = 0, []
    for was, cell in zip(old.cells, new.cells, strict=True):
        for name in TIMESTAMPS:
            cell.metadata.pop(name, None)
        if cell.cell_type != "code":
            continue
        # nbval compares nothing with a cell that was never run: there is nothing to keep.
        keep = (
            was.execution_count is not None
            and widgets.complete(was, states[True])
            and comparison.same(was.outputs, cell.outputs)
        )
        cell.outputs = coalesce(deepcopy(was.outputs) if keep else cell.outputs)
        # An empty cell is not executed, here as in JupyterLab.
        number += bool(cell.source.strip())
        cell.execution_count = number if cell.source.strip() else None
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
        came_with.append((cell, states[keep]))
    new.metadata = widgets.as_node({"kernelspec": KERNELSPEC, "language_info": {"name": "python"}})
    if state := widgets.stored(came_with):
        new.metadata.widgets = widgets.as_node(state)
    return new


def coalesce(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbours that are one stream: where a kernel flushed says nothing."""
    joined: list[NotebookNode] = []
    for stream, group in groupby(outputs, lambda output: output.get("name")):
        first, *rest = group
        if stream is None:
            joined += [first, *rest]
        else:
            first.text += "".join(output.text for output in rest)
            joined.append(first)
    return joined


def changed(old: NotebookNode, new: NotebookNode) -> list[str]:
    """The ids of the cells that differ."""
    pairs = zip(old.cells, new.cells, strict=True)
    return [str(one.id) for one, other in pairs if one != other]


def _not_a_notebook(got: str) -> UsageError:
    return UsageError(
        expected="a Jupyter notebook of format 4",
        got=got,
        next="Name a file that JupyterLab opens as a notebook.",
    )
