"""Adding hosts keeps every comment and moves nothing else."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from transire.model.problems import Rejected
from transire.values.edit import Addition, add_hosts

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


REFUSED = [
    (
        Addition(hosts=("https://a.example/x", "a.example:443"), rule="pay", ports=("0",)),
        """\
values/teams/shop.yaml: error: 'a.example:443' has a port in the host (bad-host)
  help: write 'a.example' and put 443 under ports
values/teams/shop.yaml: error: 'https://a.example/x' is a URL or a path, not a host (bad-host)
  help: write 'a.example'
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
