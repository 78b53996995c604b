"""What every lesson must keep to: each rule takes a notebook and says in words what breaks it.

Adding a rule: a function here, its name in RULES, a notebook that breaks it in
test_notebook_rules.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from statistics import median
from typing import Any

import notebook_links
from nbval.plugin import comment_markers, metadata_tags
from notebook_text import Html, Notebook, headings

from labsupport.authoring.merge import parse
from labsupport.authoring.navigation import MARK, navigate, read_lessons

MEDIAN_LINES, MOST_LINES, MOST_BYTES = 5, 20, 600_000
PARTS = ["Break it", "In production", "Pause and recall", "Interview corner"]
# Written so that this line does not break the rule itself.
MACHINE_PATH = re.compile(r"(?<![\w./])/(?:tmp|work|root|home)(?![\w.-])|\b[A-Z]:\\+Users\b")


def cells_are_run_in_order(notebook: Notebook) -> list[str]:
    counts = [cell.execution_count for cell in notebook.code]
    if counts == list(range(1, len(counts) + 1)):
        return []
    return [f"execution counts are {counts}, not 1 to {len(counts)}; run refresh"]


def code_cells_are_short(notebook: Notebook) -> list[str]:
    lines = {cell.id: len(cell.source.splitlines()) for cell in notebook.code}
    found = [
        f"cell {one!r} has {n} lines, {MOST_LINES} is the most"
        for one, n in lines.items()
        if n > MOST_LINES
    ]
    if lines and median(lines.values()) > MEDIAN_LINES:
        found.append(f"the median code cell has {median(lines.values())} lines, not {MEDIAN_LINES}")
    return found


def prose_stands_before_code(notebook: Notebook) -> list[str]:
    before = [None, *notebook.cells]
    return [
        f"cell {cell.id!r} has no Markdown cell directly before it"
        for previous, cell in zip(before, notebook.cells, strict=False)
        if cell.cell_type == "code" and (previous is None or previous.cell_type != "markdown")
    ]


def navigation_is_current(notebook: Notebook) -> list[str]:
    found = [
        f"the {place} cell has no line that ends in {MARK}"
        for place, index in [("first", 0), ("last", -1)]
        if not re.search(rf"{MARK}\s*$", notebook.cells[index].source, re.MULTILINE)
    ]
    now = parse(notebook.text)
    new = navigate(now, notebook.path, read_lessons(notebook.path.parent))
    for old_cell, new_cell in zip(now.cells, new.cells, strict=True):
        if old_cell.source != new_cell.source:
            found.append(f"the navigation in cell {old_cell.id!r} is stale; run refresh")
    return found


def links_resolve(notebook: Notebook) -> list[str]:
    return [
        f"cell {cell.id!r}: {finding}"
        for cell, tokens in notebook.prose
        for target in notebook_links.targets(tokens)
        for finding in notebook_links.broken(target, notebook.path)
    ]


def no_machine_paths(notebook: Notebook) -> list[str]:
    found = []
    for cell in notebook.cells:
        shown = [{**one, "data": {k: v for k, v in one.get("data", {}).items() if "image" not in k}}
                 for one in cell.get("outputs", [])]  # fmt: skip
        for where, text in [("source", cell.source), ("output", _strings(shown))]:
            found += [f"cell {cell.id!r}, {where}: {m[0]}" for m in MACHINE_PATH.finditer(text)]
    return found


def nothing_hides_an_output(notebook: Notebook) -> list[str]:
    tags = {*metadata_tags, "skip-execution"}
    found = [
        f"cell {cell.id!r} has the tag {tag}"
        for cell in notebook.cells
        for tag in cell.metadata.get("tags", [])
        if tag in tags
    ]
    comment = re.compile(rf"^\s*#+\s*({'|'.join(comment_markers)}|NBVAL_\w+)", re.MULTILINE)
    for cell in notebook.code:
        found += [f"cell {cell.id!r} has the comment {m[1]}" for m in comment.finditer(cell.source)]
    return found


def headings_are_in_order(notebook: Notebook) -> list[str]:
    levels = headings(notebook)
    found = []
    if [level for level, _ in levels].count(1) != 1 or levels[0][0] != 1:
        found.append("there is not exactly one H1 at the top")
    for (upper, _), (lower, title) in zip(levels, levels[1:], strict=False):
        if lower > upper + 1:
            found.append(f"heading {title!r} is of level {lower}, after one of level {upper}")
    return found


def pictures_have_alternative_text(notebook: Notebook) -> list[str]:
    found = []
    for cell, tokens in notebook.prose:
        for token in tokens:
            if token.type == "image" and not token.content.strip():
                found.append(f"cell {cell.id!r}: picture {token.attrs['src']} has no text")
            if token.type in ("html_block", "html_inline"):
                pictures = Html.read(token.content).pictures
                found += [f"cell {cell.id!r}: an <img> has no alt" for alt in pictures if not alt]
    return found


def drawn_outputs_have_alternative_text(notebook: Notebook) -> list[str]:
    return [
        f"cell {cell.id!r} shows {kind} without metadata {{{kind!r}: {{'alt': ...}}}}; emit it, "
        "clear the cell's output and run refresh (nbval does not compare it)"
        for cell, output in notebook.outputs
        for kind in output.get("data", {})
        if kind.startswith("image/")
        and not str(output.metadata.get(kind, {}).get("alt", "")).strip()
    ]


def words_are_plain(notebook: Notebook) -> list[str]:
    found = []
    for cell, tokens in notebook.prose:
        texts = [token.content for token in tokens if token.type == "text"]
        texts += [Html.read(t.content).text for t in tokens if t.type == "html_block"]
        for word in re.findall(r"\b(?:simply|just|obviously)\b", " ".join(texts), re.IGNORECASE):
            found.append(f"cell {cell.id!r} says {word!r}")
    return found


def no_errors_are_stored(notebook: Notebook) -> list[str]:
    found = []
    for cell, output in notebook.outputs:
        if output.output_type == "error":
            found.append(f"cell {cell.id!r} ends in {output.ename}: {output.evalue}")
        elif output.get("name") == "stderr":
            found.append(f"cell {cell.id!r} writes to stderr: {output.text[:60]!r}")
    return found


def file_is_small(notebook: Notebook) -> list[str]:
    size = notebook.path.stat().st_size
    return [f"{size} bytes, {MOST_BYTES} is the most"] if size > MOST_BYTES else []


def parts_are_there(notebook: Notebook) -> list[str]:
    titles = [title for _, title in headings(notebook)]
    found = [f"no heading {part!r}" for part in PARTS if part not in titles]
    if not any("**Before you run" in cell.source for cell in notebook.cells):
        found.append("nowhere does it say **Before you run it**")
    return found


def _strings(value: Any) -> str:
    # ensure_ascii=False and one backslash for two: the text as a reader sees it.
    return json.dumps(value, ensure_ascii=False).replace("\\\\", "\\")


RULES: tuple[Callable[[Notebook], list[str]], ...] = (
    cells_are_run_in_order,
    code_cells_are_short,
    prose_stands_before_code,
    navigation_is_current,
    links_resolve,
    no_machine_paths,
    nothing_hides_an_output,
    headings_are_in_order,
    pictures_have_alternative_text,
    drawn_outputs_have_alternative_text,
    words_are_plain,
    no_errors_are_stored,
    file_is_small,
    parts_are_there,
)
