"""The comment on a pull request, as GitHub's own parser reads it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st

from support.review.example_diff import DIFF, NARROWER, WIDER
from support.review.reviewed import basis, changed, diff, hosts, manifest, names, seen, side
from transire.k8s.manifests import ObjectRef
from transire.model.problems import Position, Problem
from transire.review.diff.changes import (
    Diff,
    PlatformSetting,
    Reason,
    SharedChange,
    TargetChange,
)
from transire.review.diff.destinations import Destination
from transire.review.diff.markdown import MARKER, as_markdown
from transire.review.diff.risk_level import RiskLevel
from transire.review.markdown_escape import cell, code, prose

MARKDOWN = """\
<!-- transire diff -->
## Egress: something opens and something closes, risk **high**

3 of 7 targets change: 2 wider, 1 narrower. Compared with `origin/main (1a2b3c4d5e6f)`.

The platform's settings change, which may touch every team:

- `clusters.eu.version`: `1.18` → `1.19`
- `enrol`: not set → `batch`

### payments: something opens, nothing closes, risk **high**

Namespace `shop` on `eu`, `us` (environment `prod`)

| change | pods | destination | ports | for example | rule |
|---|---|---|---|---|---|
| ➕ opens | `any pod` | `**.corp.example` (instead of `*.corp.example`) | `443/TCP` | `a.a.corp.example:443` | corp: reach what the company runs; SEC\\-17 |
| ➕ opens | `app=checkout` | `api.adyen.example` | `443/TCP` | `api.adyen.example:443` | allow\\-cards: take card payments; PAY\\-101; until 2027\\-06\\-30 |

Look closely, because

- **high**: \\*\\*.corp.example has hosts that nobody listed
- **medium**: the first host of adyen.example
- **medium**: every pod of the namespace to \\*\\*.corp.example
- **low**: prod is production

<details>
<summary>1 object, as helm template shows them</summary>

```diff
# eu, us: CiliumNetworkPolicy shop/allow-cards changed
# ...
 spec:
   egress:
     - toFQDNs:
+        - matchName: "api.adyen.example"
         - matchName: "api.stripe.example"
```

</details>

### ledger: something closes, nothing opens, risk **low**

Namespace `ledger` on `eu` (environment `test`)

- connections that are open stay open, since the engine judges a connection once, when it begins: restart the workloads that must lose them

- on eu: `kubectl -n ledger rollout restart deployment,statefulset,daemonset`

| change | pods | destination | ports | for example | rule |
|---|---|---|---|---|---|
| ➖ closes | `any pod` | `198.51.100.0/24` (leaves `198.51.100.16/28`) | `443/TCP` | `198.51.100.0:443` | books: send the books to the auditor |

Look closely, because

- **low**: what still uses it breaks

<sub>➕ can be reached after the merge and could not before; ➖ the other way round. *instead of* names what was in reach already, *leaves* what stays so. Read from what Helm renders, by the engines' own rules; of what can be judged, nothing else opens or closes.</sub>
"""

TAGS = {
    *("h2", "h3", "p", "ul", "li", "strong", "em", "code", "table", "thead", "tbody", "tr", "th"),
    *("td", "br", "details", "summary", "pre", "sub"),
}
"""What the comment itself is made of; a link, an image or a script is none of it."""


class Page(HTMLParser):
    """What a reader gets: the tags with their attributes, and the text in and outside code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.prose: list[str] = []
        self.code: list[str] = []
        self.cells: list[int] = []
        self.open: list[str] = []
        self.comments: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        if tag != "br":
            self.open.append(tag)
        if tag == "tr":
            self.cells.append(0)
        if tag in {"td", "th"}:
            self.cells[-1] += 1
        if tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" in self.open:
            self.code[-1] += data
        else:
            self.prose.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def page(markdown: str) -> Page:
    """The comment as GitHub's parser renders it, before anything is taken out of it."""
    return Page(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))


HOSTILE = [
    "a`b", "``", "`", "a|b", "a\\|b", "\\", "a\nb", "\n\n# heading", "| a | b |\n|---|---|",
    "</details>", "</code></td></tr></table>", "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>", "<!-- comment -->", "-->", "@team", "@org/team", "a@evil.example",
    "[x](javascript:alert(1))", "![x](https://evil.example/x.png)", "<https://evil.example>",
    "https://evil.example", "www.evil.example", "http://a.example|https://b.example", "a@evil.example|b", "#1", "org/repo#1",
    "a\u202eb", "a\u200bb", "a\x00b", "&lt;b&gt;", "&#64;team", "*a*", "_a_", "~~a~~", "**a**",
    "```\n# out of the fence", "    indented", "1. one", "- item", "> quote", "===", "[ ] box",
    "$x$", ":smile:", "\u2028", "  ", "~~~", "+++", "--- a", "<details>", "\ud7ff", "é", "{{x}}",
]  # fmt: skip


def with_text(hostile: str) -> Diff:
    """A diff that says the text in every place that values or charts can fill."""
    plain = WIDER[0]
    grant = replace(
        plain.gains[0],
        who=hostile,
        ports=hostile,
        conditions=hostile,
        destinations=(
            Destination(text=hostile, instead_of=(hostile,)), Destination(text=hostile)
        ),
        example=replace(plain.gains[0].example, host="a.example"),
        rules=(basis(hostile, hostile, hostile), basis("second", hostile)),
    )  # fmt: skip
    hostile_side = side(
        team=hostile, environment=hostile, engine=hostile, delegated=[(hostile, hostile)]
    )
    target = replace(
        plain,
        namespace=hostile,
        cluster=hostile,
        before=side(team="the team before", engine="the engine before"),
        after=hostile_side,
        gains=(grant,),
        losses=(grant,),
        unjudged=hostile,
        reasons=(Reason(id="x", level=RiskLevel.HIGH, text=hostile),),
        objects=(
            replace(
                plain.objects[0],
                object=ObjectRef(kind=hostile, namespace=hostile, name=hostile),
                lines=(f"+{hostile}", f" {hostile}", f"-{hostile}"),
            ),
        ),
    )
    setting = PlatformSetting(name=hostile, before=hostile, after=hostile)
    problem = Problem(at=Position(path=hostile), id="x", message=hostile, help=hostile)
    return replace(
        DIFF,
        base=hostile,
        head=hostile,
        targets=(target,),
        settings=(setting,),
        shared=(SharedChange(cluster=hostile, objects=target.objects),),
        out_of_step=(hostile,),
        edited=(hostile,),
        notes=(hostile,),
        refused=(problem,),
    )


def shape(found: Page) -> list[str]:
    """The tags in their order, without the code in them."""
    return [tag for tag, _ in found.tags if tag != "code"]


PLAIN = shape(page(as_markdown(with_text("plain"))))


def check_that_it_stays_text(hostile: str) -> None:
    found = page(as_markdown(with_text(hostile)))

    assert {tag for tag, _ in found.tags} <= TAGS
    assert {names_ for _, names_ in found.tags} <= {(), ("lang",)}
    assert [each for each in shape(found) if each != "em"] == [
        each for each in PLAIN if each != "em"
    ]
    assert set(found.cells) == {6}
    assert found.comments == [" transire diff "]
    assert found.open == []
    said = "".join(found.prose)
    assert re.search(r"(?:^|\W)@\w", said) is None
    assert re.search(r"#\d", said) is None
    assert re.search("[\u202e\u2028\x00]", said + "".join(found.code)) is None


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_values_and_charts_say_stays_text(hostile: str) -> None:
    check_that_it_stays_text(hostile)


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=4).map("".join) | st.text(max_size=12)
)
def test_no_mixture_of_signs_becomes_markup(hostile: str) -> None:
    check_that_it_stays_text(hostile or "plain")


@pytest.mark.parametrize("text", ["a.example", "a`b", "``a``", "a|b", "a\\|b", "a\\b", "<b>", "é"])
def test_code_reads_as_it_is_written(text: str) -> None:
    found = page(f"| a |\n|---|\n| {cell(text)} |\n\n{code(text)}\n")

    assert found.code == [text, text]


@pytest.mark.parametrize(
    "text",
    ["a \\ b", "*.a.example", "a_b_c", "x < y & z", "[a](b)", "https://a.example", "1 + 1 = 2"],
)
def test_prose_reads_as_it_is_written(text: str) -> None:
    assert "".join(page(prose(text)).prose).strip() == text


def test_what_cannot_be_seen_is_shown_as_such() -> None:
    assert code("a\u202eb\nc") == "`a�b�c`"
    assert prose("a\u202eb\nc") == "a�b�c"
    assert code("") == ""


def test_what_is_too_long_for_a_line_says_so() -> None:
    assert code("x" * 310) == f"`{'x' * 300}… (10 more characters)`"


def test_a_small_diff_reads_like_this() -> None:
    assert as_markdown(DIFF) == MARKDOWN


def test_a_small_diff_has_its_rows_and_its_objects_in_the_right_places() -> None:
    found = page(as_markdown(DIFF))

    assert found.cells == [6, 6, 6, 6, 6]
    assert [tag for tag, _ in found.tags if tag in {"h2", "h3", "details"}] == [
        "h2", "h3", "details", "h3"
    ]  # fmt: skip
    assert {"**.corp.example", "*.corp.example"} <= set(found.code)


def test_no_change_is_one_sentence() -> None:
    text = as_markdown(diff())

    assert text.startswith(
        f"{MARKER}\n## Egress: no change\n\nNothing changes for any of 7 targets. "
        "Compared with `origin/main (1a2b3c4d5e6f)`.\n"
    )


@pytest.mark.parametrize(
    ("target", "title"),
    [
        (WIDER[0], "something opens, nothing closes, risk **high**"),
        (NARROWER, "something closes, nothing opens, risk **low**"),
        (
            changed(seen(hosts("a.x.example")), seen(hosts("b.x.example"))),
            "something opens and something closes, risk **low**",
        ),
        (
            changed(seen(hosts("a.example")), seen(hosts("a.example"), unjudged="why")),
            "nobody knows what opens, risk **high**",
        ),
        (
            changed(
                seen(hosts("a.example")), seen(hosts("a.example"), objects=(manifest(),))
            ),
            "nothing opens and nothing closes, no risk seen",
        ),
    ],
)  # fmt: skip
def test_the_first_line_says_what_to_expect(target: TargetChange, title: str) -> None:
    assert as_markdown(diff(target)).splitlines()[1] == f"## Egress: {title}"


def test_many_rows_are_shown_where_there_is_room() -> None:
    grants = changed(seen(hosts("x.example")), seen(hosts("x.example", "y.example"))).gains
    rows = tuple(replace(grants[0], who=f"app=a{each}") for each in range(60))

    text = as_markdown(diff(replace(WIDER[0], gains=rows)))

    assert text.count("➕ opens") == 60
    assert "more rows" not in text


def test_many_places_notes_and_settings_are_cut_and_counted() -> None:
    targets = [
        replace(NARROWER, cluster=f"c{cluster:02}", namespace=f"n{namespace:02}")
        for namespace in range(25)
        for cluster in range(25)
    ]
    noted = side(team="ledger", delegated=[(f"h{each}.example", "proxy") for each in range(30)])
    chosen = tuple(PlatformSetting(name=f"s{each}", before="", after="x") for each in range(30))

    text = as_markdown(
        diff(*targets, replace(NARROWER, after=noted, gains=()), settings=chosen)
    )  # fmt: skip

    assert "`c19` and 5 more" in text
    assert " and 5 more namespaces (environment `test`)" in text
    assert "\n- and 10 more notes\n" in text
    assert "\n- and 10 more settings\n" in text


def test_names_of_other_scripts_are_shown_in_both_forms() -> None:
    found = changed(seen(hosts("a.example")), seen(hosts("a.example", "bücher.example")))

    assert "bücher.example (xn--bcher-kva.example)" in page(as_markdown(diff(found))).code
    assert not names("bücher.example").is_empty()
