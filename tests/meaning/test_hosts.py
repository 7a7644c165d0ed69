"""Hosts of values files, one name at a time and as sets, are one grammar."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support.draw.flow_parts import NAMES
from transire.flows.host_set import HostSet
from transire.meaning.host_sets import covers, host_set, host_sets
from transire.meaning.hosts import Wildcards, matches
from transire.model.names import HostPattern

LABEL = st.sampled_from(("com", "a", "b", "s3-x", "aab", "*", "*", "a*", "*b", "a*b", "*a*"))
PATTERNS = st.builds(
    lambda first, rest: HostPattern.parse(".".join([first, *rest])),
    st.one_of(st.just("**"), LABEL),
    st.lists(LABEL, max_size=3),
)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("api.example.com", "api.example.com", True),
        ("api.example.com", "a.api.example.com", False),
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.b.example.com", False),
        ("**.example.com", "a.example.com", True),
        ("**.example.com", "a.b.c.example.com", True),
        ("**.example.com", "example.com", False),
        ("**.example.com", "evilexample.com", False),
        ("s3-*.example.com", "s3-.example.com", True),
        ("s3-*.example.com", "s3-eu.example.com", True),
        ("s3-*.example.com", "s3-eu.x.example.com", False),
        ("a*b*c.example.com", "abc.example.com", True),
        ("a*b*c.example.com", "axxbc.example.com", True),
        ("a*b*c.example.com", "acb.example.com", False),
        ("aa*aa.example.com", "aaa.example.com", False),
        ("**.s3-*.example.com", "x.y.s3-eu.example.com", True),
        ("*", "localhost", True),
        ("*", "a.b", False),
        ("**", "a.b", True),
    ],
)
def test_a_pattern_means_these_names_and_no_others(
    pattern: str, name: str, *, expected: bool
) -> None:
    assert expected == matches(HostPattern.parse(pattern), name)


@given(pattern=PATTERNS)
def test_a_pattern_matches_its_own_example(pattern: HostPattern) -> None:
    assert matches(pattern, pattern.example())


@given(pattern=PATTERNS, name=NAMES)
@example(pattern=HostPattern("**"), name="a")
@example(pattern=HostPattern("*"), name="a.b")
def test_a_pattern_matches_the_names_of_its_set(pattern: HostPattern, name: str) -> None:
    assert matches(pattern, name) == (name in host_set(pattern))


@given(patterns=st.lists(PATTERNS, max_size=4), name=NAMES)
def test_many_hosts_are_the_union_of_their_sets(patterns: list[HostPattern], name: str) -> None:
    assert host_sets(patterns) == HostSet.union(map(host_set, patterns))
    assert (name in host_sets(patterns)) == any(matches(each, name) for each in patterns)


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("**.x.example", "a.b.x.example", True),
        ("**.x.example", "*.x.example", True),
        ("**.x.example", "x.example", False),
        ("*.x.example", "a.x.example", True),
        ("*.x.example", "s-*.x.example", True),
        ("*.x.example", "**.x.example", False),
        ("*.x.example", "a.b.x.example", False),
        ("s-*.x.example", "s-a.x.example", True),
        ("s-*.x.example", "t-a.x.example", False),
        ("s-*.x.example", "s-a*.x.example", True),
        ("s-*.x.example", "*-a.x.example", False),
        ("**", "a.b", True),
        ("*", "a.b", False),
    ],
)
def test_a_wildcard_covers_what_it_matches_whole(wide: str, narrow: str, *, expected: bool) -> None:
    assert expected == covers(HostPattern.parse(wide), HostPattern.parse(narrow))


@given(wide=PATTERNS, narrow=st.one_of(PATTERNS, NAMES.map(HostPattern)))
@example(wide=HostPattern("a*.com"), narrow=HostPattern("aa*.com"))
@example(wide=HostPattern("*.com"), narrow=HostPattern("**.com"))
def test_a_pattern_covers_another_whose_set_is_within_its_own(
    wide: HostPattern, narrow: HostPattern
) -> None:
    assert covers(wide, narrow) == (host_set(narrow) <= host_set(wide))


@given(patterns=st.lists(PATTERNS, max_size=6), name=NAMES)
def test_the_wildcards_for_a_name_are_those_that_match_it(
    patterns: list[HostPattern], name: str
) -> None:
    found = list(Wildcards.of([*patterns, HostPattern(name)]).matching(name))

    expected = {each for each in patterns if "*" in each.text and matches(each, name)}
    assert len(found) == len(expected)
    assert set(found) == expected


@given(pattern=st.one_of(PATTERNS, NAMES.map(HostPattern)), domain=NAMES)
@example(pattern=HostPattern("**.a.b"), domain="a.b")
@example(pattern=HostPattern("aa.b"), domain="a.b")
@example(pattern=HostPattern("a.b"), domain="a.b")
def test_a_pattern_is_within_a_domain_if_all_its_names_are(
    pattern: HostPattern, domain: str
) -> None:
    inside = host_sets([HostPattern(domain), HostPattern(f"**.{domain}")])

    assert pattern.is_within(domain) == (host_set(pattern) <= inside)
