"""The one style of all pages: contrast, both schemes, paper; and no script in any template."""

from __future__ import annotations

import re
from itertools import product

import pytest
from jinja2 import UndefinedError

from labsupport.grading.batch.outputs.pages import HERE, render

CSS = (HERE / "page.css").read_text(encoding="utf-8")
SCHEMES = dict(
    zip(
        ("light", "dark", "paper"),
        (dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block)) for block in CSS.split(":root")[1:]),
        strict=True,
    )
)
INKS = ("ink", "quiet", "good", "bad", "wait", "link")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_ink_can_be_read_on_every_ground(scheme: str) -> None:
    colours = SCHEMES[scheme]
    assert set(colours) == set(SCHEMES["light"])
    for ink, ground in product(INKS, ("paper", "panel")):
        assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    assert contrast(colours["ink"], colours["mark"]) >= 4.5


def test_colours_stand_in_the_schemes_alone() -> None:
    rules = re.sub(r"--\w+: #[0-9a-f]{6};", "", CSS)
    assert not re.search(r"#[0-9a-f]{3,8}\b|\brgb|\bhsl", rules)


def test_the_style_asks_for_nothing() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    assert "prefers-color-scheme: dark" in CSS
    assert "@media print" in CSS


@pytest.mark.parametrize("path", sorted(HERE.glob("*.j2")), ids=lambda path: path.name)
def test_templates_escape_all_but_the_style(path: str) -> None:
    text = (HERE / path).read_text(encoding="utf-8")
    assert re.findall(r"\|\s*safe", text) == ["|safe"]
    assert "{{ css|safe }}" in text
    assert "<script" not in text
    assert "style=" not in text
    assert 'http-equiv="Content-Security-Policy"' in text


def test_a_value_that_a_template_misses_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("feedback.html.j2")
