"""Adding hosts keeps every comment and moves nothing else."""

from __future__ import annotations

import difflib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from transire.model.problems import Rejected
from transire.values.addition import Addition
from transire.values.edit import add_hosts

PATH = "values/teams/shop.yaml"

TEXT = """\
# the shop, by hand
apiVersion: transire/v1
kind: TeamEgress
team: shop
egress:
  - name: pay   # cards
    reason: charge cards
    to: [api.stripe.com]   # one host
    ports: [443]

  # pictures
  - name: images
    reason: read pictures
    ticket: SEC-1
    to:
      - img.example.com   # the old one
      # the new ones come later
# the end
"""


def changed(after: str) -> list[str]:
    lines = difflib.unified_diff(TEXT.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def test_a_host_joins_a_list_in_one_line() -> None:
    edited = add_hosts(TEXT, PATH, Addition(hosts=("*.stripe.com",), rule="pay"))

    assert changed(edited.text) == [
        "-    to: [api.stripe.com]   # one host",
        '+    to: [api.stripe.com, "*.stripe.com"]   # one host',
    ]


def test_a_host_joins_a_list_of_lines_behind_the_last_comment_of_its_line() -> None:
    edited = add_hosts(TEXT, PATH, Addition(hosts=("new.example.com",), rule="images"))

    assert changed(edited.text) == ["+      - new.example.com"]
    assert "# the old one\n      - new.example.com\n" in edited.text


def test_a_new_rule_comes_last_and_is_named_after_its_first_host() -> None:
    edited = add_hosts(
        TEXT,
        PATH,
        Addition(
            hosts=("**.example.org", "no"),
            reason='say "hi": now',
            ticket="SEC-2",
            ports=("443", "123/UDP"),
        ),
    )

    assert edited.rule == "any-example-org"
    assert changed(edited.text) == [
        "+  - name: any-example-org",
        '+    reason: "say \\"hi\\": now"',
        "+    ticket: SEC-2",
        '+    to: ["**.example.org", "no"]',
        "+    ports: [443, 123/UDP]",
    ]


def test_a_host_that_is_there_already_changes_nothing() -> None:
    edited = add_hosts(TEXT, PATH, Addition(hosts=("API.stripe.com.",), rule="pay"))

    assert (edited.text, edited.added, edited.present) == (TEXT, (), ("API.stripe.com.",))


def test_every_term_of_a_new_rule_stands_where_people_expect_it() -> None:
    addition = Addition(
        hosts=("api.example.org",),
        cidrs=("203.0.113.0/24", "2001:db8::/32"),
        rule="depots",
        reason="reach depots",
        expires="2027-03-31",
        labels="tier=front,app.kubernetes.io/name=web",
        environments=("prod",),
        clusters=("prod-eu", "prod-us"),
        namespaces=("shop",),
    )

    assert changed(add_hosts(TEXT, PATH, addition).text) == [
        "+  - name: depots",
        "+    reason: reach depots",
        "+    expires: 2027-03-31",
        '+    from: {"app.kubernetes.io/name": web, tier: front}',
        '+    to: [api.example.org, {cidr: "203.0.113.0/24"}, {cidr: "2001:db8::/32"}]',
        "+    environments: [prod]",
        "+    clusters: [prod-eu, prod-us]",
        "+    namespaces: [shop]",
    ]


@pytest.mark.parametrize(
    ("labels", "account", "written"),
    [
        ("", "billing", "[{serviceAccount: billing}]"),
        ("app=web", "billing", "[{labels: {app: web}, serviceAccount: billing}]"),
        ("app=yes", "billing", '[{labels: {app: "yes"}, serviceAccount: billing}]'),
    ],
)
def test_a_service_account_is_a_selector_of_its_own(
    labels: str, account: str, written: str
) -> None:
    addition = Addition(
        hosts=("api.example.org",), reason="bill", rule="bill", labels=labels, account=account
    )
    once = add_hosts(TEXT, PATH, addition).text

    assert f"+    from: {written}" in changed(once)
    again = add_hosts(once, PATH, addition)
    assert (again.text, again.present) == (once, ("api.example.org",))
    with pytest.raises(Rejected) as refused:
        add_hosts(once, PATH, replace(addition, account="other"))
    has, wanted = (f"{labels}@{each}" for each in ("billing", "other"))
    assert str(refused.value) == (
        f"{PATH}: error: rule 'bill' has from '{has}', but '{wanted}' was requested (other-terms)\n"
        "  help: leave the option out, or give --rule with a new name"
    )


def test_a_range_joins_a_list_and_is_known_in_any_spelling() -> None:
    once = add_hosts(TEXT, PATH, Addition(cidrs=("203.0.113.7",), rule="pay")).text
    again = add_hosts(once, PATH, Addition(cidrs=("203.0.113.7/32",), rule="pay"))

    assert changed(once)[1] == ('+    to: [api.stripe.com, {cidr: "203.0.113.7"}]   # one host')
    assert (again.text, again.added, again.present) == (once, (), ("203.0.113.7/32",))


REFUSED = [
    (
        Addition(hosts=("203.0.113.0/24", "{cidr: 203.0.113.4/32}", "2001:db8::1"), rule="pay"),
        """\
values/teams/shop.yaml: error: '2001:db8::1' is an address, not a host (bad-host)
  help: give --cidr 2001:db8::1/128
values/teams/shop.yaml: error: '203.0.113.0/24' is an address range, not a host (bad-host)
  help: give --cidr 203.0.113.0/24
values/teams/shop.yaml: error: '{cidr: 203.0.113.4/32}' is a map (bad-host)
  help: give --cidr 203.0.113.4/32""",
    ),
    (
        Addition(
            cidrs=("203.0.113.4/24", "x"),
            labels="app",
            expires="soon",
            environments=("Prod",),
            reason="because",
        ),
        """\
values/teams/shop.yaml: error: '203.0.113.4/24' has address bits behind the prefix (bad-cidr)
  help: give 203.0.113.4/32 for the address alone, or 203.0.113.0/24 for all of it
values/teams/shop.yaml: error: 'x' is not an address range (bad-cidr)
  help: give an address and a length, as in 198.51.100.16/28 or 2001:db8::/32
values/teams/shop.yaml: error: 'soon' is not a day (bad-date)
  help: give --expires 2027-03-31, or a time such as 2027-03-31T18:00:00Z
values/teams/shop.yaml: error: 'app' is no label (bad-label)
  help: give --from NAMESPACE/app=web,tier=front@SERVICEACCOUNT, or parts of it
values/teams/shop.yaml: error: 'Prod' is not a name (bad-name)
  help: give one environment with --environment""",
    ),
    (
        Addition(hosts=("a.example",), rule="pay", labels="app=web", clusters=("prod-eu",)),
        """\
values/teams/shop.yaml: error: rule 'pay' has no clusters of its own, but 'prod-eu' was requested (other-terms)
  help: leave the option out, or give --rule with a new name
values/teams/shop.yaml: error: rule 'pay' has no from of its own, but 'app=web' was requested (other-terms)
  help: leave the option out, or give --rule with a new name""",
    ),
    (
        Addition(hosts=("https://a.example/x", "a.example:443"), rule="pay", ports=("0",)),
        """\
values/teams/shop.yaml: error: 'a.example:443' has a port in the host (bad-host)
  help: give a.example and --ports 443 with a new rule
values/teams/shop.yaml: error: 'https://a.example/x' is a URL, not a host (bad-host)
  help: give a.example and --ports 443 with a new rule
values/teams/shop.yaml: error: port 0 is not between 1 and 65535 (bad-port)
  help: give --ports 443,123/UDP""",
    ),
    (
        Addition(hosts=("a.example",)),
        """\
values/teams/shop.yaml: error: the new rule 'a-example' needs a reason (missing-reason)
  help: give --reason TEXT""",
    ),
    (
        Addition(hosts=("a.example",), rule="../x", reason="a\nb"),
        """\
values/teams/shop.yaml: error: '../x' cannot name a rule (bad-name)
  help: use lower-case letters, digits and -, at most 63 characters
values/teams/shop.yaml: error: the reason 'a\\nb' holds a line break or a control character (bad-text)
  help: write it in one line""",
    ),
    (
        Addition(hosts=("a.example",), rule="pay", reason="other", ports=("8443",), ticket="T"),
        """\
values/teams/shop.yaml: error: rule 'pay' has no ticket of its own, but 'T' was requested (other-terms)
  help: leave the option out, or give --rule with a new name
values/teams/shop.yaml: error: rule 'pay' has ports '443/TCP', but '8443/TCP' was requested (other-terms)
  help: leave the option out, or give --rule with a new name
values/teams/shop.yaml: error: rule 'pay' has reason 'charge cards', but 'other' was requested (other-terms)
  help: leave the option out, or give --rule with a new name""",
    ),
]


@pytest.mark.parametrize(("addition", "message"), REFUSED)
def test_what_cannot_be_added_is_refused_with_every_reason(
    addition: Addition, message: str
) -> None:
    with pytest.raises(Rejected) as refused:
        add_hosts(TEXT, PATH, addition)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("egress: [", "the file is not YAML (yaml-syntax)\n  help: run transire check"),
        ("- a", "the file is not a mapping (cannot-edit)\n  help: run transire check"),
        (
            "egress: []",
            ("the file has no rules under egress (cannot-edit)\n  help: edit the file by hand"),
        ),
        (
            "egress: [{name: a, to: [b.example]}]",
            "the rules are written in one line (cannot-edit)\n  help: edit the file by hand",
        ),
    ],
)
def test_a_file_in_an_unusual_form_is_left_to_a_person(text: str, message: str) -> None:
    with pytest.raises(Rejected) as refused:
        add_hosts(text, PATH, Addition(hosts=("a.example",), reason="because"))

    assert str(refused.value) == f"{PATH}: error: {message}"


@pytest.mark.slow("many drawn examples")
@given(
    reason=st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30),
    rule=st.sampled_from(["pay", "images", "fresh"]),
)
def test_whatever_is_added_reads_back_as_it_was_given(reason: str, rule: str) -> None:
    given_reason = reason if rule == "fresh" else ""
    edited = add_hosts(
        TEXT, PATH, Addition(hosts=("a.example", "*.b.example"), rule=rule, reason=given_reason)
    )

    rules = {each["name"]: each for each in YAML(typ="safe").load(edited.text)["egress"]}
    assert rules[rule]["to"][-2:] == ["a.example", "*.b.example"]
    if given_reason:
        assert rules[rule]["reason"] == given_reason
