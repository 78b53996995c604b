"""HTML pages from templates: everything escaped, no script, no request, one style for all.

The page's policy (Content Security Policy 3) forbids whatever is not the style written here, so
even a mistake in a template could run and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

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
    return made
