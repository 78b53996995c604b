"""A stored widget shows its final state, under names that do not change from run to run."""

from __future__ import annotations

import uuid
from typing import Any

from nbformat.v4 import new_code_cell, new_notebook, new_output

from labsupport.authoring import widgets
from labsupport.authoring.compare import comparison
from labsupport.authoring.merge import form, merge


def ran(text: str, shown: str = "<Lanes>") -> Any:
    """A notebook fresh from a kernel: one cell that shows a box around a text, random ids."""
    box, inside, unused = (uuid.uuid4().hex for _ in range(3))
    view = {"text/plain": shown, widgets.VIEW: {"model_id": box, "version_major": 2}}
    cell = new_code_cell("show()", id="show", execution_count=1)
    cell.outputs = [new_output("display_data", view)]
    state = {
        unused: {"model_name": "LayoutModel", "state": {}},
        inside: {"model_name": "HTMLModel", "state": {"value": text}},
        box: {"model_name": "BoxModel", "state": {"children": [f"IPY_MODEL_{inside}"]}},
    }
    notebook = new_notebook(cells=[cell])
    notebook.metadata.widgets = widgets.as_node({widgets.STATE: {"state": state}})
    return notebook


def merged(old: Any, new: Any) -> Any:
    return merge(old, new, comparison(None))


def texts(notebook: Any) -> list[str]:
    state = widgets.state_of(notebook)
    values = [one["state"].get("value") for one in state.values()]
    return [value for value in values if value is not None]


def test_two_runs_give_the_same_bytes() -> None:
    empty = new_notebook(cells=[new_code_cell("show()", id="show")])
    assert form(merged(empty, ran("5 ms"))) == form(merged(empty, ran("5 ms")))


def test_every_reference_is_renamed_with_its_model() -> None:
    new = widgets.rename(ran("x"))
    state = widgets.state_of(new)
    (top,) = widgets.views(new.cells[0])
    (child,) = state[top]["state"]["children"]
    assert state[child.removeprefix("IPY_MODEL_")]["state"]["value"] == "x"


def test_kept_outputs_keep_the_state_they_came_with() -> None:
    once = merged(ran("first"), ran("first"))
    again = merged(once, ran("second"))
    assert texts(again) == ["first"]
    assert form(again) == form(once)


def test_new_outputs_bring_their_state() -> None:
    new = merged(merged(ran("first"), ran("first")), ran("second", shown="<Bars>"))
    assert texts(new) == ["second"]


def test_outputs_whose_state_was_lost_are_replaced() -> None:
    old = merged(ran("first"), ran("first"))
    del old.metadata["widgets"]
    assert texts(merged(old, ran("second"))) == ["second"]


def test_models_that_no_output_shows_are_not_stored() -> None:
    names = [one["model_name"] for one in widgets.state_of(merged(ran("x"), ran("x"))).values()]
    assert sorted(names) == ["BoxModel", "HTMLModel"]


def test_a_notebook_without_widgets_has_no_widget_metadata() -> None:
    plain = new_notebook(cells=[new_code_cell("1", id="a", execution_count=1)])
    assert "widgets" not in merged(plain, plain).metadata
