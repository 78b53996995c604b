"""Links from a lesson to files and headings of the repository; links to the web are not tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from labsupport.authoring.merge import parse


def targets(tokens: list[Token]) -> Iterator[str]:
    """Where the links and pictures of a Markdown text lead, in HTML pieces too."""
    for token in tokens:
        if token.type == "link_open":
            yield str(token.attrs["href"])
        elif token.type == "image":
            yield str(token.attrs["src"])
        elif token.type in ("html_block", "html_inline"):
            yield from re.findall(r"""(?:href|src)=["']([^"']*)["']""", token.content)


def broken(target: str, source: Path) -> list[str]:
    """What is wrong with a link in the file `source`; empty if nothing is."""
    url = urlsplit(target)
    if url.scheme in ("http", "https", "mailto", "data"):
        return []
    if url.scheme or url.netloc or url.path.startswith("/"):
        return [f"link {target} is neither relative nor to the web"]
    path = source.parent / unquote(url.path) if url.path else source
    if not path.exists():
        return [f"link {target} leads to no file"]
    if url.fragment and unquote(url.fragment) not in anchors(path):
        return [f"link {target}: {path.name} has no such heading"]
    return []


def anchors(path: Path) -> set[str]:
    """The anchors of a file's headings: GitHub's form, and for a notebook JupyterLab's too."""
    text = path.read_text(encoding="utf-8")
    notebook = path.suffix == ".ipynb"
    if notebook:
        cells = [cell.source for cell in parse(text).cells if cell.cell_type == "markdown"]
        text = "\n\n".join(cells)
    tokens = MarkdownIt("commonmark").parse(text)
    found = set(re.findall(r"""<[^>]*\b(?:id|name)=["']([^"']+)["']""", text))
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "heading_open":
            parts = [one.content for one in inline.children or [] if one.type in _SHOWN]
            title = "".join(parts)
            # GitHub: lower case, only letters, digits, "-" and "_", a hyphen for each space.
            found.add(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-"))
            if notebook:
                found.add(title.replace(" ", "-"))
    return found


_SHOWN = ("text", "code_inline")
