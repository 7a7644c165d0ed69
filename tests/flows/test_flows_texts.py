"""Sets of texts and pods: labels nobody mentioned, absence, and regular expressions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.draw.flow_parts import PODS, TEXTS, VALUES, WORKLOADS, Told
from transire.flows.patterns.regex_language import fewest_literals
from transire.flows.pod_set import PodSet, Workload
from transire.flows.text_set import TextSet
from transire.model.problems import Unjudgeable

APP = "app"


def app(values: TextSet) -> PodSet:
    return PodSet.label(APP, values)


def test_not_in_holds_for_a_pod_without_the_label() -> None:
    pods = app(~TextSet.of(["a", "b"]))

    assert Workload(namespace="n") in pods
    assert Workload(namespace="n", labels={APP: "c"}) in pods
    assert Workload(namespace="n", labels={APP: "a"}) not in pods


def test_exists_and_does_not_exist_are_complements() -> None:
    assert ~app(TextSet.present()) == app(TextSet.absent())


def test_values_that_nobody_mentioned_keep_sets_apart() -> None:
    some = app(TextSet.of(["a"])) | app(TextSet.of(["b"])) | app(TextSet.absent())

    assert some < PodSet.everything()
    assert Workload(namespace="default", labels={"app": "c"}) == (~some).witness()


def test_labels_are_all_demanded_and_none_is_every_pod() -> None:
    both = PodSet.labels({"b": "2", "a": "1"})

    assert both == PodSet.label("a", TextSet.of(["1"])) & PodSet.label("b", TextSet.of(["2"]))
    assert PodSet.everything() == PodSet.labels({})


def test_the_name_label_of_a_namespace_is_the_namespace() -> None:
    by_label = PodSet.namespace_label("kubernetes.io/metadata.name", TextSet.of(["team-a"]))

    assert PodSet.in_namespace("team-a") == by_label
    assert PodSet.everything() == PodSet.namespace_label(
        "kubernetes.io/metadata.name", TextSet.present()
    )


@pytest.mark.parametrize("make", [PodSet.namespace, PodSet.account])
@pytest.mark.parametrize(
    "values", [TextSet.of(["a", ""]), TextSet.starting("a"), TextSet.containing("")]
)
def test_a_namespace_and_an_account_are_never_absent(make: object, values: TextSet) -> None:
    assert callable(make)
    assert make(values) == make(values | TextSet.absent()) == ~make(~values)
    assert make(TextSet.absent()).is_empty()


def test_a_label_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="a label without a key tells no pods apart"):
        PodSet.label("", TextSet.present())


@pytest.mark.parametrize(
    ("shown", "made"),
    [
        ("no pod", PodSet.nothing()),
        ("any pod", PodSet.everything()),
        ("any pod in team-a", PodSet.in_namespace("team-a")),
        ("app=a in team-a", PodSet.in_namespace("team-a") & app(TextSet.of(["a"]))),
        ("app in (a, b), tier=x", app(TextSet.of("ab")) & PodSet.labels({"tier": "x"})),
        ("app not in (a, b)", app(~TextSet.of("ab"))),
        ("app!=a", app(~TextSet.of("a"))),
        ("app and app!=a", app(TextSet.present() - TextSet.of("a"))),
        ("!app", app(TextSet.absent())),
        ("!app or app=a", app(TextSet.absent() | TextSet.of("a"))),
        ("app", app(TextSet.present())),
        ("app like (*-db, web-*)", app(TextSet.starting("web-") | TextSet.ending("-db"))),
        ("!app or app like * but not *x*", app(~TextSet.containing("x"))),
        (
            "any pod where namespace not in (a, b)",
            PodSet.namespace(~TextSet.of("ab")),
        ),
        (
            "app=a where namespace[env]=prod and account=x and account[team]",
            app(TextSet.of("a"))
            & PodSet.namespace_label("env", TextSet.of(["prod"]))
            & PodSet.account(TextSet.of("x"))
            & PodSet.account_label("team", TextSet.present()),
        ),
        ("app=a or tier=b", PodSet.labels({"app": "a"}) | (PodSet.labels({"tier": "b"}))),
    ],
)
def test_a_set_of_pods_reads_as_a_selector(shown: str, made: PodSet) -> None:
    assert shown == str(made)


@pytest.mark.parametrize(
    ("shown", "made"),
    [
        ("no text", TextSet.nothing()),
        ("any text or none", TextSet.everything()),
        ("text=", TextSet.of([""])),
        ("text like /v1/*", TextSet.matching("/v1/.*")),
        ("text in (/v1, /v2)", TextSet.matching("^/v[12]$")),
        ("text like */x but not */*/x", TextSet.matching("[^/]*/x")),
        ("text matching /(ab|cd)*/", TextSet.matching("(ab|cd)*")),
        (
            (
                "text matching <0 a:1 b:0 else:2; 1 a:3 b:4 else:2; 2 else:2; 3 a:5 b:6 else:2; "
                "4 a:7 b:8 else:2; 5! a:5 b:6 else:2; 6! a:7 b:8 else:2; 7! a:3 b:4 else:2; "
                "8! a:1 b:0 else:2>"
            ),
            TextSet.matching("(a|b)*a(a|b){2}"),
        ),
    ],
)
def test_a_set_of_texts_reads_as_globs_or_an_expression(shown: str, made: TextSet) -> None:
    assert shown == str(made)


@given(told=TEXTS, other=TEXTS, text=st.none() | st.sampled_from(VALUES))
def test_operations_on_texts_do_what_they_do_on_each_text(
    told: Told[TextSet, str | None], other: Told[TextSet, str | None], text: str | None
) -> None:
    assert (told.holds(text) or other.holds(text)) == (text in told.set | other.set)
    assert (told.holds(text) and other.holds(text)) == (text in told.set & other.set)
    assert (told.holds(text) and not other.holds(text)) == (text in told.set - other.set)
    assert told.holds(text) != (text in ~told.set)


@pytest.mark.slow("many drawn examples")
@given(a=PODS, b=PODS, pod=WORKLOADS)
def test_operations_on_pods_do_what_they_do_on_each_pod(
    a: Told[PodSet, Workload], b: Told[PodSet, Workload], pod: Workload
) -> None:
    assert (a.holds(pod) or b.holds(pod)) == (pod in a.set | b.set)
    assert (a.holds(pod) and not b.holds(pod)) == (pod in a.set - b.set)
    assert ~(a.set | b.set) == ~a.set & ~b.set
    assert (a.set <= b.set) == (a.set - b.set).is_empty()


def test_a_finite_language_of_many_texts_is_compared_all_the_same() -> None:
    uuid = TextSet.matching("/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    starting = TextSet.starting("/0")

    assert "/01234567-89ab-cdef-0123-456789abcdef" in uuid & starting
    assert (uuid & starting) | (uuid - starting) == uuid
    assert TextSet.matching("[0-9]{4}") == TextSet.of(f"{each:04}" for each in range(10_000))


EXPRESSIONS = st.recursive(
    st.sampled_from(("a", "b", "/", ".", "[ab]", "[^a]", r"\d", r"\.", "[a-c/]", "[[:digit:]b]")),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(("*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"))).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)


@pytest.mark.slow("many drawn examples")
@given(expression=EXPRESSIONS, text=st.text("ab/.1c", max_size=5))
def test_an_expression_matches_what_python_says_it_does(expression: str, text: str) -> None:
    expected = re.fullmatch(expression.replace("[:digit:]", "0-9"), text) is not None

    assert expected == (text in TextSet.matching(expression))


@pytest.mark.slow("many drawn examples")
@given(expression=EXPRESSIONS)
def test_an_expression_that_is_shown_means_the_same_when_read_again(expression: str) -> None:
    made = TextSet.matching(expression)
    shown = str(made).removeprefix("text matching ")

    if shown.startswith("/") and shown.endswith("/"):
        assert made == TextSet.matching(shown[1:-1])


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("b(?i)a", "a group with flags or a name is not modelled"),
        ("(?i)ä", "a character that is not ASCII, without case, is not modelled"),
        ("(?i)[[:upper:]]", "the class [:upper:] without case is not modelled"),
        (r"(?i)\w", r"the escape \w without case is not modelled"),
        (r"a\b", r"the escape \b is not modelled"),
        ("a{2,1}", "a repeat of {2,1} is not modelled"),
        ("a{1001}", "a repeat of {1001} is not modelled"),
        ("a{x}", "a brace that is no repeat is not modelled"),
        ("a**", "a repeat of a repeat is not modelled"),
        ("*a", "'*' at character 1 is not modelled"),
        ("a)", "')' at character 2 is not modelled"),
        ("a$b", "'b' at character 3 is not modelled"),
        ("(a", "a group without its end is not modelled"),
        ("[a", "an expression that ends early is not modelled"),
        ("[[:xdigit:]]", "a class of this name is not modelled"),
        (r"[\d-z]", "a range between classes is not modelled"),
        ("[z-a]", "the range z-a is not modelled"),
        ("(a|b)*a(a|b){20}", "it is too intricate to judge"),
        ("((a{100}){100}){100}", "it is too intricate to judge"),
    ],
)
def test_an_expression_that_is_not_modelled_is_not_judged(expression: str, why: str) -> None:
    with pytest.raises(Unjudgeable) as caught:
        TextSet.matching(expression)

    assert f"regular expression: {expression}: {why}" == str(caught.value)


def test_an_expression_nested_too_deep_is_not_judged() -> None:
    with pytest.raises(Unjudgeable) as caught:
        TextSet.matching("(" * 2000 + ")" * 2000)

    assert (
        str(caught.value) == "set of flows: depth: the rules test too many labels one after another"
    )


def test_the_witness_of_pods_outside_the_usual_namespace_is_outside_it() -> None:
    apart = ~PodSet.in_namespace("default") & ~PodSet.account(TextSet.of(["default"]))

    assert Workload(namespace="a", account="a") == apart.witness()


def test_case_does_not_count_where_an_expression_begins_with_that() -> None:
    folded = TextSet.matching("(?i)k[a-b]s[^d]")

    assert folded == TextSet.matching("[kK\u212a][aAbB][sS\u017f][^dD]")
    assert TextSet.matching(r"(?i)a\.b") == TextSet.matching(r"[aA]\.[bB]")


@pytest.mark.parametrize(
    ("expression", "count"),
    [("/abc", 4), ("(ab|c)d", 3), ("a{3}b*c?d+", 4), ("[ab].x", 1), ("^abc", 0), ("(?i)ab1", 1)],
)
def test_what_no_text_goes_without_is_counted(expression: str, count: int) -> None:
    assert fewest_literals(expression) == count
