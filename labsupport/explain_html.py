"""The HTML form of an explanation: one table, readable in light and dark, and without any style.

Rule 1: every character from outside is escaped.
Rule 2: colour never carries meaning alone: the words are in the cells.
Rule 3: no ids, no scripts, nothing random.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from .anatomy import Row
from .visible import Unit

if TYPE_CHECKING:
    from .explain import Explanation

SIGNS = ("␍ CR  ␊ LF", "boxed CR and LF: line ends ·")
# JupyterLab's own colours where there are any; elsewhere the reader's light or dark setting.
# Two classes in a selector outrank the table style that JupyterLab gives every output.
STYLE = """
.lab-explain { overflow-x: auto; line-height: 1.45;
  --ink: var(--jp-content-font-color1, currentColor);
  --quiet: color-mix(in srgb, var(--ink) 72%, transparent);
  --line: var(--jp-border-color2, rgba(127, 127, 127, .4));
  --odd: var(--jp-brand-color1, #1976d2);
  --even: var(--jp-accent-color1, #388e3c);
  --lost: var(--jp-warn-color1, #e65100);
  color: var(--ink); }
.lab-explain table.lab-bytes { border-collapse: collapse; font-size: 13px; margin: 0 0 .6em 0; }
.lab-explain table.lab-bytes caption { text-align: left; padding: .6em 0; font-weight: 600; }
.lab-explain table.lab-bytes tr, .lab-explain table.lab-bytes tbody tr:hover {
  background: transparent; }
.lab-explain table.lab-bytes th, .lab-explain table.lab-bytes td {
  text-align: left; vertical-align: top; padding: 2px 12px 2px 8px; border: 0;
  max-width: none; white-space: normal; font-weight: normal; }
.lab-explain table.lab-bytes thead th { font-weight: 600; border-bottom: 1px solid var(--line);
  color: var(--quiet); }
.lab-explain table.lab-bytes tbody tr:first-child > * { padding-top: 5px; }
.lab-explain table.lab-bytes tbody tr:last-child > td { padding-bottom: 5px; }
.lab-explain table.lab-bytes tbody > tr > th { white-space: nowrap; padding-right: 14px;
  color: var(--quiet); border-right: 3px solid transparent; }
.lab-explain table.lab-bytes tbody.event > tr > th { color: var(--ink); font-weight: 600; }
.lab-explain table.lab-bytes tbody.odd { background: color-mix(in srgb, var(--odd) 11%, transparent); }
.lab-explain table.lab-bytes tbody.even { background: color-mix(in srgb, var(--even) 11%, transparent); }
.lab-explain table.lab-bytes tbody.odd > tr > th { border-right: 3px solid var(--odd); }
.lab-explain table.lab-bytes tbody.even > tr > th { border-right: 3px solid var(--even); }
.lab-explain table.lab-bytes tbody.lost > tr > th { border-right: 3px dashed var(--lost); }
.lab-explain table.lab-bytes tbody.none > tr > th { border-right: 3px dotted var(--line); }
.lab-explain table.lab-bytes td.place { text-align: right; color: var(--quiet);
  font-variant-numeric: tabular-nums; }
.lab-explain table.lab-bytes td.bytes { min-width: 16em; max-width: 46em; }
.lab-explain table.lab-bytes td.bytes code { font-family: var(--jp-code-font-family, monospace);
  font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere; background: none; padding: 0;
  color: inherit; }
.lab-explain table.lab-bytes td.time { white-space: nowrap; color: var(--quiet);
  font-variant-numeric: tabular-nums; }
.lab-explain table.lab-bytes tr.framing td { color: var(--quiet); }
.lab-explain .more { color: var(--quiet); }
.lab-explain .end { color: var(--quiet); border: 1px solid var(--line); border-radius: 3px;
  font-size: 9px; padding: 0 2px; margin-left: 2px; vertical-align: 1px; }
.lab-explain .space { background: color-mix(in srgb, var(--ink) 18%, transparent);
  border-radius: 2px; }
.lab-explain .hex { border: 1px solid var(--line); border-radius: 3px; padding: 0 1px; }
.lab-explain .coded .hex { border: 0; }
.lab-explain .mark { color: var(--lost); font-weight: bold; }
.lab-explain p { margin: .15em 0; font-size: 13px; }
.lab-explain p.legend { color: var(--quiet); }
"""  # noqa: E501


def page(explanation: Explanation) -> str:
    """The whole explanation as one HTML element."""
    parts = ['<div class="lab-explain">', f"<style>{STYLE}</style>"]
    parts += _table(explanation, explanation.rows, "")
    if explanation.decoded:
        parts += _table(explanation, explanation.decoded, "The body with its content coding undone")
    notes = [*explanation.notes, f"{explanation.summary}."]
    parts += [f"<p>{escape(note)}</p>" for note in notes]
    parts.append(f'<p class="legend">{escape(explanation.legend.replace(*SIGNS))}</p></div>')
    return "\n".join(parts)


def _table(explanation: Explanation, rows: Sequence[Row], caption: str) -> Iterator[str]:
    from .explain import groups, left_out

    columns = ["group", "byte", "bytes", "meaning", *["read at"] * explanation.marks]
    yield '<table class="lab-bytes">'
    if caption:
        yield f"<caption>{escape(caption)}</caption>"
    heads = "".join(f'<th scope="col">{name}</th>' for name in columns)
    yield f"<thead><tr>{heads}</tr></thead>"
    for label, members in groups(rows[: explanation.limit]):
        yield f'<tbody class="{_look(label, members[0])}">'
        for number, row in enumerate(members):
            head = f'<th scope="rowgroup" rowspan="{len(members)}">{escape(label)}</th>'
            yield _row(explanation, row, head if number == 0 else "")
        yield "</tbody>"
    if rest := left_out(rows, explanation.limit):
        yield f'<tbody><tr><td colspan="{len(columns)}">{escape(rest)}</td></tr></tbody>'
    yield "</table>"


def _row(explanation: Explanation, row: Row, head: str) -> str:
    from .explain import drawn, read_times

    data = "".join(map(_unit, drawn(row, explanation.marks)))
    time = f'<td class="time">{escape(read_times(row.reads))}</td>' if explanation.marks else ""
    return (
        f'<tr class="{row.layer}">{head}<td class="place">{row.start:,}</td>'
        f'<td class="bytes"><code>{data}</code></td><td>{escape(row.meaning)}</td>{time}</tr>'
    )


def _unit(unit: Unit) -> str:
    # Many fonts lack the control pictures; letters in a box are there in all of them.
    text = {"␍": "CR", "␊": "LF"}[unit.text] if unit.style == "end" else escape(unit.text)
    return text if unit.style == "text" else f'<span class="{unit.style}">{text}</span>'


def _look(label: str, row: Row) -> str:
    if row.event:
        return f"event {'odd' if row.event % 2 else 'even'}"
    return {"discarded": "event lost", "not HTTP": "event lost", "no event": "none"}.get(label, "")
