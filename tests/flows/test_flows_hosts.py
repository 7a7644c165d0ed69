"""Sets of host names: what patterns mean, and how sets of them are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.draw.flow_parts import ANY_HOSTS, NAMES, PATTERNS, Told, hosts_like, parts_of
from transire.flows.diagrams.axes import HOST_LETTERS
from transire.flows.host_set import HostSet, Wild
from transire.model.problems import Unjudgeable

pytestmark = pytest.mark.slow("many drawn examples")


def like(*patterns: str) -> HostSet:
    return HostSet.union(HostSet.pattern(parts_of(pattern)) for pattern in patterns)


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("api.example.com", "api.example.com", "example.com x.api.example.com xapi.example.com"),
        ("*.example.com", "a.example.com -.example.com", "example.com a.b.example.com"),
        ("**.example.com", "a.example.com a.b.c.example.com", "example.com aexample.com"),
        (
            "s3-*.example.com",
            "s3-.example.com s3-eu.example.com",
            "s3.example.com s3-a.b.example.com",
        ),
        ("*example.com", "example.com myexample.com", "www.example.com"),
        ("*-*-x.com", "a-b-x.com --x.com", "a-x.com -x.com"),
        ("a*a.com", "aa.com aba.com", "a.com"),
        ("api.**.x", "api.a.x api.a.b.c.x", "api.x a.api.x"),
        ("*.*.x", "a.b.x", "a.x a.b.c.x"),
        ("*", "a com x-y", "a.b"),
        ("**", "a a.b a.b.c.d.e.f", "."),
    ],
)
def test_a_pattern_means_the_same_names_for_every_engine(
    pattern: str, inside: str, outside: str
) -> None:
    found = like(pattern)

    assert [name for name in inside.split() if name not in found] == []
    assert [name for name in outside.split() if name in found] == []


def test_a_star_for_characters_that_fills_a_label_is_one_label() -> None:
    assert HostSet.pattern([Wild.LABEL, ".x"]) == HostSet.pattern([Wild.CHARS, ".x"])


@pytest.mark.parametrize(
    ("shown", "made"),
    [
        ("no host", HostSet.nothing()),
        ("**", HostSet.everything()),
        (".", HostSet.root()),
        ("., **", HostSet.everything() | HostSet.root()),
        ("a.com, b.com", HostSet.exact(["b.com", "a.com", "b.com"])),
        ("*.x.com", like("*.x.com", "a.x.com", "s3-*.x.com")),
        ("x.com, **.x.com", like("**.x.com", "x.com", "*.x.com")),
        ("*.x.com, a.b.x.com", like("*.x.com", "a.b.x.com")),
        ("*-api.x, s3-*.x", like("s3-*.x", "*-api.x", "s3-a.x", "a*b-api.x")),
        ("*.a.x, a*.x", like("*.a.x", "a*.x")),
        ("*.x, b.s3-*.x", like("*.x", "b.s3-*.x")),
        ("**.*.x", like("**.x") - like("*.x")),
        ("a.*.x, c.b.x", like("a.*.x", "a.b.x", "c.b.x")),
        ("*.x except bad.x", like("*.x") - like("bad.x")),
        ("**.x except **.bad.x", like("**.x") - like("**.bad.x")),
        ("** except a.com and b.com", HostSet.everything() - like("a.com", "b.com")),
        ("** except (*.x except a.x)", HostSet.everything() - (like("*.x") - like("a.x"))),
        ("{* except s3-*}.x", like("*.x") - like("s3-*.x")),
        ("{*a* except b*a*}.x", like("*a*.x") - like("b*.x")),
        ("api.**.x", like("api.**.x", "api.a.b.x")),
        ("*.x, api.**.x, www.**.x", like("api.**.x", "*.x", "www.**.x")),
        ("api.**.x except api.q.x", like("api.**.x") - like("api.q.x")),
        ("a.**.*.x", like("a.**.x") - like("a.*.x")),
    ],
)
def test_a_set_of_hosts_reads_as_the_patterns_that_people_write(shown: str, made: HostSet) -> None:
    assert shown == str(made)


def test_patterns_over_every_letter_are_no_different_from_a_star() -> None:
    starting = HostSet.union(like(f"{letter}*.x") for letter in HOST_LETTERS)
    ending = HostSet.union(like(f"*{letter}.x") for letter in HOST_LETTERS)

    assert like("*.x") == starting == ending
    assert str(starting) == "*.x"


def test_patterns_over_all_letters_but_one_leave_what_starts_with_it() -> None:
    most = HostSet.union(like(f"{letter}*.x") for letter in HOST_LETTERS if letter != "q")

    assert str(like("*.x") - most) == "q*.x"


def test_a_language_that_no_globs_say_is_shown_exactly_all_the_same() -> None:
    odd = (like("*a*") - like("*b*")) | like("*c*")

    assert str(odd) == (
        "{/(([^abc][^abc]*a|a)[^bc]*(b[^c]*c.*||c.*)"
        "|([^abc][^abc]*b|b)[^c]*c.*|([^abc][^abc]*c|c).*)/}"
    )


@given(patterns=st.lists(PATTERNS, min_size=1, max_size=4))
def test_what_is_shown_of_patterns_means_the_same_when_read_again(patterns: list[str]) -> None:
    made = like(*patterns)
    shown = made.patterns()

    assert not any(" except " in each or "{" in each for each in shown)
    assert made == like(*shown)


@given(told=ANY_HOSTS, other=ANY_HOSTS, name=NAMES)
def test_operations_on_hosts_do_what_they_do_on_names(
    told: Told[HostSet, str], other: Told[HostSet, str], name: str
) -> None:
    assert (told.holds(name) or other.holds(name)) == (name in told.set | other.set)
    assert (told.holds(name) and other.holds(name)) == (name in told.set & other.set)
    assert (told.holds(name) and not other.holds(name)) == (name in told.set - other.set)


@given(a=ANY_HOSTS, b=ANY_HOSTS)
def test_sets_of_hosts_are_equal_however_they_were_built(
    a: Told[HostSet, str], b: Told[HostSet, str]
) -> None:
    one, other = (a.set | b.set) - (a.set & b.set), (a.set - b.set) | (b.set - a.set)

    assert one == other
    assert hash(one) == hash(other)
    assert str(one) == str(other)


@given(pattern=PATTERNS)
def test_a_pattern_without_stars_is_its_name(pattern: str) -> None:
    name = pattern.replace("*", "a")

    assert HostSet.exact([name]) == hosts_like(name).set


@pytest.mark.parametrize(
    ("made", "witness"),
    [
        (HostSet.nothing(), None),
        (HostSet.root(), "."),
        (HostSet.everything(), "example.com"),
        (like("*.example.com"), "a.example.com"),
        (like("**.example.com") - like("*.example.com"), "a.a.example.com"),
        (like("*.example.com") - like("a.example.com"), "b.example.com"),
        (like("s3-*.example.com"), "s3-.example.com"),
        (like("*s3*.example.com") - like("*s3.example.com", "s3*.example.com"), "as3a.example.com"),
        (HostSet.exact(["longer.example.com", "b.com"]), "b.com"),
    ],
)
def test_the_witness_is_short_and_plain(made: HostSet, witness: str | None) -> None:
    assert witness == made.witness()


def test_a_name_may_have_127_labels_and_no_more() -> None:
    longest = ".".join(["a"] * 127)
    exact = HostSet.exact([longest])

    assert [longest] == list(exact.patterns())
    assert longest == exact.witness()
    assert exact <= like("**.a")
    assert ~exact | exact == HostSet.everything()
    with pytest.raises(ValueError, match="is not a host name in lower case"):
        HostSet.exact([f"a.{longest}"])


@pytest.mark.parametrize("name", ["", "A.com", "a..b", ".a", "a.", "a b", "bücher.example", "a\n"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        HostSet.exact([name])

    assert f"{name!r} is not a host name in lower case without a trailing dot" == str(caught.value)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (["a..b"], "the pattern a..b has an empty label"),
        ([Wild.LABEL, "."], "the pattern <LABEL>. has an empty label"),
        (["A", Wild.CHARS], "the pattern A<CHARS> has characters that no host name has"),
        (["a", Wild.LABELS], "the pattern a<LABELS> has a whole-label wildcard inside a label"),
    ],
)
def test_a_pattern_that_is_none_is_refused(parts: list[str | Wild], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        HostSet.pattern(parts)

    assert message == str(caught.value)


@pytest.mark.parametrize(
    "pattern", ["*a" * 126, "*ab" * 84, "*a*b" * 63, "*" + "a" * 251 + "*", "*a.*b." * 42 + "c"]
)
def test_a_hostile_pattern_of_legal_length_is_read_exactly(pattern: str) -> None:
    made = like(pattern)
    rest = HostSet.everything() - made

    assert HostSet.everything() == made | rest
    assert made.is_disjoint(rest)
    assert pattern.replace("*", "") in made
    assert pattern.replace("*", "-") in made
    assert f"{pattern.replace('*', '')}.y" not in made


def test_patterns_that_would_need_too_many_states_together_are_not_judged() -> None:
    one, other = like("*ab" * 84), like("*ba" * 84)

    with pytest.raises(Unjudgeable) as caught:
        _ = one & other

    assert (
        str(caught.value)
        == "set of flows: patterns: the patterns overlap in too many ways to compare them"
    )


def test_more_names_side_by_side_than_are_kept_apart_are_not_judged() -> None:
    with pytest.raises(Unjudgeable) as caught:
        HostSet.exact(f"h{each}.example.com" for each in range(20_001))

    assert str(caught.value) == "set of flows: size: more than 20000 names stand side by side"
