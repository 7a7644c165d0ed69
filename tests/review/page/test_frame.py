"""The frame of a page, in a real browser where that matters."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from support.review.browser import asked_for, installed, said, show
from transire.review.page import Section, page, tag

HOSTILE = (
    "</script><script>document.title = 'owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "<!--<script>",
    "]]>--!>",
    "'\"`><svg/onload=document.title='owned'>",
    "{{7*7}} ${7*7}",
    "javascript:document.title='owned'",
    "\u202edesrever\u202c \u2066isolated",
    "nul \x00, line \u2028 and paragraph \u2029, bom \ufeff",
    "\ud800 alone",
    "https://elsewhere.example/x.png",
)


def made(script: str = "", style: str = "") -> str:
    """A page that shows the hostile strings in every way there is."""
    body = tag(
        "ul",
        *(
            tag("li", each, title=each.encode("ascii", "replace").decode())
            for each in HOSTILE
            if each.isascii()
        ),
    )
    return page(
        title="Hostile </title><script>document.title='owned'</script>",
        summary=tag("p", HOSTILE[0]),
        sections=(Section(id="all", title=HOSTILE[1], lead=HOSTILE[2], body=body),),
        data={"texts": list(HOSTILE), HOSTILE[0]: HOSTILE[1]},
        style=style,
        script=script,
    )


DRAW = """
const drawn = element("ul", {id: "drawn"}, pageData().texts.map((each) =>
  element("li", {class: "free", "data-text": each}, each)));
document.getElementById("all").append(drawn);
"""


@installed
def test_hostile_strings_are_only_text(chromium: Chrome, tmp_path: Path) -> None:
    show(chromium, made(DRAW), tmp_path / "page.html")
    drawn = chromium.find_elements(By.CSS_SELECTOR, "#drawn li")

    assert chromium.title == "Hostile </title><script>document.title='owned'</script>"
    assert list(HOSTILE) == json.loads(
        chromium.execute_script("return JSON.stringify(pageData().texts)")
    )
    assert [
        *HOSTILE[:7],
        "\\u202edesrever\\u202c \\u2066isolated",
        "nul \\u0000, line \\u2028 and paragraph \\u2029, bom \\ufeff",
        "\\ud800 alone",
        HOSTILE[10],
    ] == [each.text for each in drawn]
    assert not chromium.find_elements(By.CSS_SELECTOR, "img, svg, iframe, object")
    assert len(chromium.find_elements(By.TAG_NAME, "script")) == 2
    assert said(chromium) == []


@installed
def test_nothing_is_asked_for(chromium: Chrome, tmp_path: Path) -> None:
    show(chromium, made(DRAW), tmp_path / "page.html")

    asked = asked_for(chromium)

    assert asked
    assert [
        each for each in asked if each not in {(tmp_path / "page.html").as_uri(), "data:,"}
    ] == []


@installed
@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        ("document.body.innerHTML = '<br>'", "TrustedHTML"),
        ("document.body.insertAdjacentHTML('beforeend', '<br>')", "TrustedHTML"),
        ("eval('1')", "TrustedScript"),
        ("new Function('return 1')()", "TrustedScript"),
    ],
)
def test_a_script_cannot_make_html_or_code_of_a_string(
    chromium: Chrome, tmp_path: Path, attempt: str, refusal: str
) -> None:
    script = f"try {{ {attempt}; document.title = 'done' }} catch {{ document.title = 'refused' }}"

    show(chromium, made(script), tmp_path / "page.html")

    assert chromium.title == "refused"
    assert refusal in "\n".join(said(chromium))


@installed
@pytest.mark.parametrize(
    "injected",
    [
        "<script>document.title='owned'</script>",
        "<img src=x onerror=\"document.title='owned'\">",
        "<script src='data:text/javascript,document.title=1'></script>",
        "<style>body{display:none}</style>",
        "<p style='display:none' id=styled>x</p>",
    ],
)
def test_even_html_that_got_in_runs_nothing(
    chromium: Chrome, tmp_path: Path, injected: str
) -> None:
    """As if `tag` had failed: the policy is a second wall."""
    text = made().replace("</main>", f"{injected}</main>")
    assert injected in text

    show(chromium, text, tmp_path / "page.html")

    assert chromium.title.startswith("Hostile")
    assert chromium.find_element(By.TAG_NAME, "h1").is_displayed()
    assert all(each.is_displayed() for each in chromium.find_elements(By.ID, "styled"))
    assert "violates the following Content Security Policy directive" in "\n".join(said(chromium))


@installed
def test_nothing_is_fetched_even_where_a_script_asks(chromium: Chrome, tmp_path: Path) -> None:
    script = "fetch('https://elsewhere.example/').catch(() => { document.title = 'refused' });"

    show(chromium, made(script), tmp_path / "page.html")

    assert "violates" in "\n".join(said(chromium))
    assert not [each for each in asked_for(chromium) if each.startswith("https")]


def test_the_data_holds_nothing_that_html_reads() -> None:
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', made())

    assert data.isascii()
    assert not set("<>&") & set(data)


@pytest.mark.parametrize(("name", "text"), [("script", "'</script>'"), ("style", "<!-- -->")])
def test_what_would_end_its_element_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=rf"^the page's {name} holds '</?.*', which a browser may"):
        made(**{name: text})


def test_equal_pages_are_equal_bytes() -> None:
    assert made(DRAW) == made(DRAW)
