"""Colours that everybody can read, by the contrast of WCAG 2.2."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

SHEET = (files("transire.review.page") / "page.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block))
    for block in re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)[:2]
)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "raised", "hit"])
def test_text_is_read_on_every_ground(theme: dict[str, str], ground: str) -> None:
    texts = [name for name in theme if name.endswith("-ink")] if ground != "hit" else []

    for name in ["ink", "soft", "accent", *texts][: 1 if ground == "hit" else None]:
        assert contrast(theme[name], theme[ground]) >= 4.5, name


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_parts_of_plots_stand_out_from_the_paper(theme: dict[str, str]) -> None:
    for name in ("name", "wild", "range", "left", "warn"):
        assert contrast(theme[name], theme["paper"]) >= 2.5, name


def test_both_themes_name_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert "paper" in LIGHT
