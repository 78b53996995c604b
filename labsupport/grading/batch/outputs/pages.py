"""HTML pages from templates: everything escaped, no script, no request, one style for all.

The page's policy (Content Security Policy 3) forbids whatever is not the style written here, so
even a mistake in a template could run and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent


def render(template: str, **values: Any) -> str:
    """The page that a template beside this file makes of `values`."""
    css = _css()
    mark = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{mark}'; base-uri 'none'; form-action 'none'"
    return _templates().get_template(template).render(css=css, policy=policy, **values)


@lru_cache
def _css() -> str:
    return (HERE / "page.css").read_text(encoding="utf-8")


@lru_cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["points"] = lambda number: f"{number:g}"
    made.filters["coded"] = coded
    return made


def coded(text: str) -> Markup:
    """A text with what stands in `backticks` as code, and all else escaped as ever.

    >>> coded("Yield `b` & <b>")
    Markup('Yield <code>b</code> &amp; &lt;b&gt;')
    """
    pieces = re.split(r"`([^`\n]+)`", text)
    marked = (Markup("<code>{}</code>").format(one) for one in pieces[1::2])
    return Markup("").join(chain.from_iterable(zip_longest(pieces[::2], marked, fillvalue="")))
