"""The state of a notebook's widgets: named by their cell, and kept with its outputs.

A widget's output holds a model's id; what it shows stands in the notebook's metadata. The ids
are random in each run, so that every run would change the file. Here they follow from the cell.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from typing import Any

import nbformat
from nbformat import NotebookNode

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
_NAMES = uuid.UUID("6f0d5d3a-8d5c-5f0e-9d0c-1b8a52a3c1de")  # any fixed number will do

State = dict[str, Any]


def as_node(value: Any) -> NotebookNode:
    """Plain JSON as nbformat's own kind of dictionary."""
    node: NotebookNode = nbformat.from_dict(value)  # type: ignore[no-untyped-call]
    return node


def views(cell: NotebookNode) -> list[str]:
    """The ids of the models that the outputs of `cell` show."""
    shown = [output.get("data", {}).get(VIEW) for output in cell.get("outputs", [])]
    return [str(view["model_id"]) for view in shown if view]


def state_of(notebook: NotebookNode) -> State:
    """Model id -> stored state; empty if the notebook has no widgets."""
    stored = notebook.metadata.get("widgets", {}).get(STATE, {})
    return dict(stored.get("state", {}))


def reached(ids: Iterable[str], state: State) -> list[str]:
    """The models of `ids` and those that they refer to, in the order in which they are met."""
    found: list[str] = []
    todo = list(ids)
    while todo:
        one = todo.pop(0)
        if one in state and one not in found:
            found.append(one)
            todo += re.findall(r"IPY_MODEL_([\w-]+)", json.dumps(state[one], sort_keys=True))
    return found


def rename(notebook: NotebookNode) -> NotebookNode:
    """A copy of a notebook that was run, with ids that are the same in every run."""
    state = state_of(notebook)
    names: dict[str, str] = {}
    for cell in notebook.cells:
        for number, one in enumerate(reached(views(cell), state)):
            names.setdefault(one, uuid.uuid5(_NAMES, f"{cell.id}/{number}").hex)
    text = json.dumps(notebook)
    for old, new in names.items():
        text = text.replace(old, new)
    return as_node(json.loads(text))


def complete(cell: NotebookNode, state: State) -> bool:
    """True if what every widget in the outputs of `cell` shows is stored."""
    return all(one in state for one in views(cell))


def stored(cells: Iterable[tuple[NotebookNode, State]]) -> State:
    """The metadata for cells and the state that each one's outputs came with; may be empty."""
    state = {one: where[one] for cell, where in cells for one in reached(views(cell), where)}
    if not state:
        return {}
    return {STATE: {"state": state, "version_major": 2, "version_minor": 0}}
