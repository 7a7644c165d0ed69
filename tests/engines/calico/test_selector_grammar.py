from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.measured.pattern_steps import CountedPattern
from support.measured.steps import assert_linear
from transire.engines.calico.objects import selector_grammar
from transire.engines.calico.objects.selector import (
    AllOf,
    AnyOf,
    Everything,
    Has,
    HasPart,
    Labels,
    Not,
    OneOf,
    Selector,
    ValuePart,
    prefixed,
)
from transire.engines.calico.objects.selector_grammar import (
    IntricateSelectorError,
    SelectorError,
    is_only_global,
    parse_selector,
)

SELECTOR_ERRORS = (SelectorError, IntricateSelectorError)


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("", Everything()),
        (" \t ", Everything()),
        ("all()", Everything()),
        ("all( )", Everything()),
        ("has(app.example.com/name)", Has("app.example.com/name")),
        ("has( app )", Has("app")),
        ("app == 'web'", OneOf("app", frozenset({"web"}))),
        ('app=="it\'s"', OneOf("app", frozenset({"it's"}))),
        ("app != ''", Not(OneOf("app", frozenset({""})))),
        ("app in {'a','b',}", OneOf("app", frozenset({"a", "b"}))),
        ("app in{}", OneOf("app", frozenset())),
        ("app notin {'a'}", Not(OneOf("app", frozenset({"a"})))),
        ("app not \t in {'a'}", Not(OneOf("app", frozenset({"a"})))),
        ("app contains'b'", HasPart("app", ValuePart.CONTAINS, "b")),
        ("app starts with 'b'", HasPart("app", ValuePart.STARTS, "b")),
        ("app endswith 'b'", HasPart("app", ValuePart.ENDS, "b")),
        ("all == 'x'", OneOf("all", frozenset({"x"}))),
        ("in == 'x'", OneOf("in", frozenset({"x"}))),
        ("!!!has(a)", Not(Has("a"))),
        ("! ! has(a)", Has("a")),
        ("has(a) && has(b) || has(c)", AnyOf((AllOf((Has("a"), Has("b"))), Has("c")))),
        ("has(a) && (has(b) || has(c))", AllOf((Has("a"), AnyOf((Has("b"), Has("c")))))),
        ("!has(a) && has(b)", AllOf((Not(Has("a")), Has("b")))),
    ],
)
def test_a_selector_means_what_it_says(text: str, selector: Selector) -> None:
    assert parse_selector(text) == selector


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("app == web", "the value 'web' is not in quotes"),
        ("app in {web}", "the value 'web' is not in quotes"),
        ("app = 'web'", "no operator follows the label 'app'"),
        ("app", "no operator follows the label 'app'"),
        ("app & has(b)", "no operator follows the label 'app'"),
        ("has()", "has( is not closed behind what belongs in it"),
        ("has(a, b)", "has( is not closed behind what belongs in it"),
        ("all(", "all( is not closed behind what belongs in it"),
        ("app == 'a' app == 'b'", "'app' follows a complete selector"),
        ("app == 'a')", "')' follows a complete selector"),
        ("(app == 'a'", "a parenthesis is not closed"),
        ("!", "its end stands where a condition belongs"),
        ("has(a) &&", "its end stands where a condition belongs"),
        ("|| has(a)", "'||' stands where a condition belongs"),
        ("app == ", "no value in quotes follows the label 'app'"),
        ("app in 'a'", "the values of the label 'app' are not in braces"),
        ("app in {'a' 'b'}", "the braces after the label 'app' do not close after a value"),
        ("app in {,}", "the braces after the label 'app' do not close after a value"),
        ("app == 'a", 'the text that begins with "\'a" has no closing quote'),
        (
            "has(a)\n",
            "it holds a line break, and only spaces and tabs may separate its parts",
        ),
        ("has(a) & has(b)", "'& has(b)' is no part of a selector"),
        ("ä == 'b'", "\"ä == 'b'\" is no part of a selector"),
        (f"has({'a' * 513})", "a label key has 513 characters, at most 512 are taken"),
    ],
)
def test_what_is_no_selector_says_why(text: str, message: str) -> None:
    with pytest.raises(SelectorError) as caught:
        parse_selector(text)

    assert str(caught.value) == message


def test_a_selector_that_is_too_deep_is_no_mistake_but_not_followed() -> None:
    parse_selector("(" * 60 + "has(a)" + ")" * 60)

    with pytest.raises(IntricateSelectorError) as caught:
        parse_selector("(" * 61 + "has(a)" + ")" * 61)

    assert str(caught.value) == "it has more than 60 nested parentheses"


def test_a_selector_that_is_too_long_is_not_followed() -> None:
    with pytest.raises(IntricateSelectorError) as caught:
        parse_selector(" " * 16_385)

    assert str(caught.value) == "it has more than 16384 characters"


@pytest.mark.slow("many drawn examples")
@pytest.mark.parametrize(
    "part",
    ["(", "!", " ", "has(a) && ", "a in {'x',", "'", "has( ", "starts ", "a starts ", "a not "],
)
@pytest.mark.parametrize("last", ["", "?"])
def test_a_selector_takes_steps_in_proportion_to_its_length(
    part: str, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_TOKEN", "_OPERATOR"):
        counted = CountedPattern(getattr(selector_grammar, name))
        monkeypatch.setattr(selector_grammar, name, counted)

    def parse(size: int) -> None:
        text = part * (size // len(part)) + last
        parse_selector.cache_clear()
        with pytest.raises(SELECTOR_ERRORS) if text.strip() else nullcontext():
            parse_selector(text)

    assert_linear(parse, 1_000)


@pytest.mark.parametrize("part", ["(", "!(", "has(a) || ("])
def test_a_selector_takes_steps_in_proportion_to_its_depth(part: str) -> None:
    def parse(depth: int) -> None:
        parse_selector.cache_clear()
        parse_selector(part * depth + "has(a)" + ")" * depth)

    assert_linear(parse, 20)


@pytest.mark.parametrize(
    ("text", "only"),
    [("global()", True), (" global( ) ", True), ("!global()", False), ("global() ||", False)],
)
def test_global_stands_alone_or_not(text: str, only: bool) -> None:
    assert is_only_global(text) == only


WORDS = st.sampled_from(("a", "b", "ab"))


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    key, value = draw(WORDS), draw(WORDS)
    return draw(
        st.sampled_from(
            (
                f"has({key})", f"{key} == '{value}'", f"{key} != '{value}'",
                f"{key} in {{'{value}', 'b'}}", f"{key} not in {{'{value}'}}",
                f"{key} contains '{value}'", f"{key} starts with '{value}'",
                f"{key} ends with '{value}'",
            )
        )
    )  # fmt: skip


LABELS = st.dictionaries(WORDS, WORDS)


@given(comparisons(), comparisons(), LABELS)
def test_the_operators_obey_logic(one: str, other: str, labels: dict[str, str]) -> None:
    def holds(text: str) -> bool | None:
        return parse_selector(text).holds(Labels(known=labels))

    assert holds(f"{one} && {other}") == (holds(one) and holds(other))
    assert holds(f"{one} || {other}") == (holds(one) or holds(other))
    assert holds(f"!({one})") == (not holds(one))
    assert holds(f"!({one} && {other})") == holds(f"!({one}) || !({other})")


@given(comparisons(), comparisons(), LABELS, LABELS)
def test_an_answer_without_a_label_holds_whatever_the_label_is(
    one: str, other: str, labels: dict[str, str], more: dict[str, str]
) -> None:
    selector = parse_selector(f"{one} && !({other})")
    missing = frozenset({"a", "b", "ab"} - labels.keys())
    answer = selector.holds(Labels(known=labels, open_keys=missing))

    assert answer in {None, selector.holds(Labels(known={**more, **labels}))}


def test_a_prefix_goes_before_every_key() -> None:
    selector = parse_selector("all() && !has(a) || b in {'x'} || c ends with 'y'")

    assert prefixed(selector, "pcns.", Has("in-a-namespace")) == AnyOf(
        (
            AllOf((Has("in-a-namespace"), Not(Has("pcns.a")))),
            OneOf("pcns.b", frozenset({"x"})),
            HasPart("pcns.c", ValuePart.ENDS, "y"),
        )
    )
