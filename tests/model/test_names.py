"""The host grammar: what is written, what it means and what it never means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transire.model.names import (
    HostKind,
    HostPattern,
    is_dns_label,
    is_label_key,
    is_label_value,
    shorten,
)


@pytest.mark.parametrize(
    ("written", "canonical", "kind"),
    [
        ("API.Example.COM.", "api.example.com", HostKind.EXACT),
        ("*.example.com", "*.example.com", HostKind.ONE_LABEL),
        ("**.example.com", "**.example.com", HostKind.ANY_DEPTH),
        ("s3-*.example.com", "s3-*.example.com", HostKind.PARTIAL),
        ("a.*.example.com", "a.*.example.com", HostKind.PARTIAL),
        ("**.s3-*.example.com", "**.s3-*.example.com", HostKind.PARTIAL),
        ("bücher.example", "xn--bcher-kva.example", HostKind.EXACT),
        ("BÜCHER.example", "xn--bcher-kva.example", HostKind.EXACT),
        ("_dmarc.example.com", "_dmarc.example.com", HostKind.EXACT),
        ("*", "*", HostKind.BARE),
        ("**", "**", HostKind.BARE),
        ("localhost", "localhost", HostKind.EXACT),
    ],
)
def test_a_host_has_one_spelling(written: str, canonical: str, kind: HostKind) -> None:
    pattern = HostPattern.parse(written)

    assert (canonical, kind) == (pattern.text, pattern.kind)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "'' has an empty label; write one dot between labels"),
        ("a..b", "'a..b' has an empty label; write one dot between labels"),
        (
            ".a",
            (
                "'.a' begins with a dot; write a for that name alone, *.a for one label before it or "
                "**.a for any number"
            ),
        ),
        (
            "https://api.stripe.com/v1",
            (
                "'https://api.stripe.com/v1' is a URL, not a host; write {host: api.stripe.com, "
                "ports: [443]}"
            ),
        ),
        (
            "api.stripe.com/",
            "'api.stripe.com/' has a path behind the host; write api.stripe.com",
        ),
        (
            "api.stripe.com:443",
            "'api.stripe.com:443' has a port in the host; write {host: api.stripe.com, ports: [443]}",
        ),
        ("2001:db8::1", "'2001:db8::1' is an address, not a host; write {cidr: 2001:db8::1/128}"),
        (
            "a.**.example.com",
            "'a.**.example.com' has ** in the wrong place; ** may only be the whole first label",
        ),
        (
            "**a.example.com",
            "'**a.example.com' has ** in the wrong place; ** may only be the whole first label",
        ),
        (
            "-a.example.com",
            "'-a.example.com' is not a host name: the label '-a' may hold letters, digits, _ and *, and - inside",
        ),
        (
            "a b.example.com",
            "'a b.example.com' is not a host name: the label 'a b' may hold letters, digits, _ and *, and - inside",
        ),
        (
            "{{ .Release.Name }}",
            "'{{ .Release.Name }}' is not a host name: the label '{{ ' may hold letters, digits, _ and *, and - inside",
        ),
        (
            "a" * 64 + ".example.com",
            "'" + "a" * 64 + ".example.com' has a label of 64 characters, a label has at most 63",
        ),
        (
            ".".join(["abcdefg"] * 31) + ".abcdef",
            "'"
            + ".".join(["abcdefg"] * 31)[:77]
            + "...' has 254 characters, a host name has at most 253",
        ),
    ],
)
def test_what_is_no_host_says_why_and_what_to_write(written: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared
        HostPattern.parse(written)

    assert message == str(refused.value)


def test_an_emoji_is_no_host() -> None:
    with pytest.raises(ValueError, match=r"^'💸\.example' is not a host name: Codepoint U\+1F4B8"):
        HostPattern.parse("💸.example")


def test_reports_show_both_forms_of_an_international_name() -> None:
    assert HostPattern.parse("bücher.example").shown == "bücher.example (xn--bcher-kva.example)"
    assert HostPattern.parse("api.example").shown == "api.example"


LABELS = st.from_regex(r"[a-z0-9_*]([-a-z0-9_*]{0,6}[a-z0-9_*])?", fullmatch=True)


@given(first=st.one_of(st.just("**"), LABELS), rest=st.lists(LABELS, max_size=4))
def test_every_pattern_reads_back(first: str, rest: list[str]) -> None:
    text = ".".join([first, *rest])
    if any("**" in label for label in text.split(".")[1:]) or ("**" in first and first != "**"):
        return
    pattern = HostPattern.parse(text)

    assert HostPattern.parse(pattern.text) == pattern


@pytest.mark.parametrize("name", ["a", "a-b", "0", "a" * 63])
def test_dns_labels_name_things(name: str) -> None:
    assert is_dns_label(name)


@pytest.mark.parametrize("name", ["", "A", "-a", "a-", "a.b", "../x", "a" * 64, "a\n", "é"])
def test_other_texts_name_nothing(name: str) -> None:
    assert not is_dns_label(name)


def test_label_keys_and_values_follow_kubernetes() -> None:
    assert is_label_key("app.kubernetes.io/name")
    assert is_label_key("app")
    assert not is_label_key("/app")
    assert not is_label_key("a/b/c")
    assert not is_label_key("App.io/x")
    assert is_label_value("")
    assert is_label_value("0755")
    assert not is_label_value("a" * 64)
    assert not is_label_value("a b")
    assert not is_label_value("a\n")


@given(st.text("abc-", min_size=64, max_size=90), st.text("abc-", min_size=64, max_size=90))
def test_long_names_stay_apart_when_shortened(one: str, other: str) -> None:
    assert len(shorten("x" + one)) <= 63
    assert (one == other) == (shorten("x" + one) == shorten("x" + other))


def test_a_name_that_fits_is_left_alone() -> None:
    assert shorten("a" * 63) == "a" * 63
    assert shorten("a" * 64) == "a" * 52 + "-ffe054fe7a"
