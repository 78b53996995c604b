"""A lesson as its rules see it: cells, prose taken apart, outputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from labsupport.authoring.merge import parse

Cell = Any


@dataclass(frozen=True)
class Notebook:
    """A notebook and the file it was read from."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def cells(self) -> list[Cell]:
        return list(parse(self.text).cells)

    @property
    def code(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def prose(self) -> list[tuple[Cell, list[Token]]]:
        """Each Markdown cell with its tokens; those inside a line follow the line's own."""
        parser = MarkdownIt("commonmark").enable("table")
        return [
            (cell, [part for token in parser.parse(cell.source) for part in flat(token)])
            for cell in self.cells
            if cell.cell_type == "markdown"
        ]

    @property
    def outputs(self) -> Iterator[tuple[Cell, Any]]:
        return ((cell, output) for cell in self.code for output in cell.outputs)


def flat(token: Token) -> list[Token]:
    return [token, *(part for child in token.children or [] for part in flat(child))]


def headings(notebook: Notebook) -> list[tuple[int, str]]:
    return [
        (int(token.tag[1]), following.content)
        for _, tokens in notebook.prose
        for token, following in zip(tokens, tokens[1:], strict=False)
        if token.type == "heading_open"
    ]


class Html(HTMLParser):
    """The text of a piece of HTML, and the alt texts of its pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.pictures = "", list[str]()

    @classmethod
    def read(cls, html: str) -> Html:
        parser = cls()
        parser.feed(html)
        return parser

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.pictures.append((dict(attrs).get("alt") or "").strip())
