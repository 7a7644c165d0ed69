"""HTML made of values."""

from __future__ import annotations

import pytest

from transire.review.page import joined, more, shown, table, tag


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("charge cards", "charge cards"),
        ("two\n  lines\tand a tab", "two   lines and a tab"),
        ("mark \u202etxt.exe", "mark \\u202etxt.exe"),
        ("no\u00a0break, \u200bnone, \U000e0041", "no\\u00a0break, \\u200bnone, \\ue0041"),
        ("bücher, 東京, שלום", "bücher, 東京, שלום"),
    ],
)
def test_what_cannot_be_seen_is_spelt_out(text: str, seen: str) -> None:
    assert seen == shown(text)


def test_text_is_escaped_and_markup_is_not() -> None:
    inner = tag("b", "a < b & \"c\" 'd'")

    assert (
        tag("p", "<i> ", inner, 3, class_="x", hidden=True, title=None, aria_label='"<>', data_no=0)
        == '<p class="x" hidden aria-label="&quot;&lt;&gt;" data-no="0">&lt;i&gt; '
        "<b>a &lt; b &amp; &quot;c&quot; &#x27;d&#x27;</b>3</p>"
    )


def test_an_element_without_end_has_none() -> None:
    assert joined([tag("br"), tag("input", checked=False)]) == "<br><input>"


@pytest.mark.parametrize("name", ["b onclick=x", "", "1", "b>"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"is not the name of an element or attribute"):
        tag(name)


def test_handlers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^onClick is a handler, which the page's policy refuses"):
        tag("b", onClick="alert(1)")


def test_a_table_says_its_heads_in_every_cell() -> None:
    assert table(("team", "hosts"), [("<b>", 3)], numbers=(1,), caption="Teams") == (
        '<div class="wide" tabindex="0" role="group" aria-label="Teams"><table>'
        '<caption class="unseen">Teams</caption><thead><tr><th scope="col">team</th>'
        '<th scope="col" class="number">hosts</th></tr></thead><tbody><tr>'
        '<td data-head="team">&lt;b&gt;</td><td data-head="hosts" class="number">3</td></tr>'
        "</tbody></table></div>"
    )


def test_a_long_table_states_its_cut() -> None:
    made = more(("n",), [(each,) for each in range(30)], things="rules", most=20, rest="see above")

    assert made.count("<tr>") == 22
    assert "<summary>8 more rules</summary>" in made
    assert made.endswith('<p class="cut">20 of 30 rules are listed here; see above.</p>')
