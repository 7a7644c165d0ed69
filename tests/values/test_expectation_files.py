"""Files of expectations: what is read, and every mistake with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.paths import ROOT
from transire.model.problems import Rejected
from transire.queries.query import Expected
from transire.values.expectations import Expectations, expectations_of, read_expectations
from transire.values.expected_targets import place
from transire.values.load import load

HEAD = "apiVersion: transire/v1\nkind: EgressExpectations\n"
PATH = "tests/egress/payments.yaml"


def read(text: str) -> Expectations:
    return expectations_of([(PATH, text.encode())])


def shown(text: str) -> str:
    """Every problem of a file, in the words that people see."""
    return "\n".join(map(str, read(text).problems))


def placed(text: str) -> str:
    """The targets of sound expectations, or what is wrong with what they name."""
    found = place(read(text).sound(), load(ROOT))
    lines = [f"{each.target.name}: {each.expectation.destination}" for each in found.placed]
    return "\n".join([*lines, *map(str, found.problems)])


def test_one_file_is_read_with_its_places() -> None:
    text = f"""\
{HEAD}team: payments
expectations:
  - from: payments-prod/app=checkout@till
    to: api.example.com:443
    expect: allow
    clusters: [prod-eu]
    reason: cards
"""
    [file] = read(text).sound()
    [one] = file.expectations

    assert (file.team, str(file.team_at)) == ("payments", f"{PATH}:3:7")
    assert (one.origin, one.destination) == (
        "payments-prod/app=checkout@till",
        "api.example.com:443",
    )
    assert (one.source.account, dict(one.source.labels)) == ("till", {"app": "checkout"})
    assert (one.expect, one.reason) == (Expected.ALLOW, "cards")
    assert [(name, str(at)) for name, at in one.clusters] == [("prod-eu", f"{PATH}:8:16")]
    assert (str(one.at), str(one.source_at)) == (f"{PATH}:5:5", f"{PATH}:5:11")


def test_every_mistake_of_a_file_is_found_in_one_run() -> None:
    text = f"""\
{HEAD}expectations:
  - {{from: payments-prod, to: api.stripe.com, expect: allo}}
  - {{from: Payments, to: "api.stripe.com:99999", expect: allow, cluster: [x]}}
  - {{to: "[::1]:443", expect: deny}}
  - {{from: payments-prod, to: "::1:443", expect: deny, reason: ""}}
  - {{from: payments-prod, to: "dns:api.example.com", expect: no}}
"""

    assert shown(text) == (
        f"{PATH}:4:31: error: 'api.stripe.com' has no port (query)\n"
        "  help: write it as api.example.com:443 or .../UDP\n"
        f"{PATH}:4:55: error: 'expect' is 'allo', and must be allow, deny or delegated (unknown-value)\n"
        "  help: write allow\n"
        f"{PATH}:5:12: error: 'Payments' in 'Payments' is not the name of a namespace (query)\n"
        "  help: write it as NAMESPACE/app=checkout\n"
        f"{PATH}:5:26: error: 99999 in 'api.stripe.com:99999' is no port (query)\n"
        "  help: write 1 to 65535\n"
        f"{PATH}:5:65: error: 'cluster' is not a key of item 2 of 'expectations' (unknown-key)\n"
        "  help: write clusters\n"
        f"{PATH}:6:5: error: item 3 of 'expectations' has no 'from' (missing-key)\n"
        "  help: add from: the pod that connects\n"
        f"{PATH}:7:31: error: '::1:443' holds a bare IPv6 address (query)\n"
        "  help: write it as [::1]:443\n"
        f"{PATH}:7:64: error: '' is blank (bad-text)\n"
        "  help: write a text\n"
        f"{PATH}:8:62: error: 'expect' is 'no', and must be allow, deny or delegated (unknown-value)\n"
        "  help: write allow, deny or delegated"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "",
            (
                f"{PATH}: error: the file is empty (empty-file)\n"
                "  help: write apiVersion and kind first, or remove the file"
            ),
        ),
        (
            HEAD,
            (
                f"{PATH}:1:1: error: the file has no 'expectations' (missing-key)\n"
                "  help: add expectations: one entry for one connection or lookup"
            ),
        ),
        (
            f"{HEAD}expectations: {{}}\n",
            (
                f"{PATH}:3:15: error: 'expectations' is a map, and must be a list (wrong-type)\n"
                "  help: write a list: [a, b], or a line with - for each item"
            ),
        ),
        (
            "kind: TeamEgress\napiVersion: transire/v1\nexpectations: []\n",
            (
                f"{PATH}:1:7: error: 'kind' is 'TeamEgress', and must be EgressExpectations in this file "
                "(unknown-value)\n  help: write kind: EgressExpectations"
            ),
        ),
    ],
)
def test_what_is_no_file_of_expectations_is_refused(text: str, problem: str) -> None:
    assert shown(text) == problem


def test_an_expectation_is_about_every_cluster_of_its_namespace_or_those_it_names() -> None:
    text = f"""\
{HEAD}expectations:
  - {{from: payments-prod, to: "a.example.com:443", expect: deny}}
  - {{from: payments-prod, to: "b.example.com:443", expect: deny, clusters: [prod-onprem]}}
  - {{from: batch, to: "c.example.com:443", expect: deny, clusters: [edge]}}
"""

    assert placed(text).splitlines() == [
        "payments-prod.prod-eu: a.example.com:443",
        "payments-prod.prod-onprem: a.example.com:443",
        "payments-prod.prod-onprem: b.example.com:443",
        "batch.edge: c.example.com:443",
    ]


def test_names_that_there_are_not_are_refused_each_in_its_place() -> None:
    text = f"""\
{HEAD}expectations:
  - {{from: paymens-prod, to: "a.example.com:443", expect: deny}}
  - {{from: payments-prod, to: "a.example.com:443", expect: deny, clusters: [edge, prod-ue]}}
  - {{from: batch, to: "a.example.com:443", expect: deny, clusters: [edge]}}
"""

    assert placed(text) == (
        "batch.edge: a.example.com:443\n"
        f"{PATH}:4:12: error: the organisation has no namespace 'paymens-prod' (unknown-namespace)\n"
        "  help: write payments-prod\n"
        f"{PATH}:5:77: error: namespace payments-prod is not on cluster edge (unknown-target)\n"
        "  help: it is on prod-eu and prod-onprem; name one of these, or leave clusters out\n"
        f"{PATH}:5:83: error: there is no cluster 'prod-ue' (unknown-cluster)\n"
        "  help: there are edge, prod-eu, prod-onprem, prod-us and staging; declare it in "
        "values/platform.yaml, or take it out here"
    )


def test_a_file_about_a_team_is_about_its_namespaces_alone() -> None:
    line = '{from: ledger, to: "a.example.com:443", expect: deny}'

    assert placed(f"{HEAD}team: payments\nexpectations:\n  - {line}\n") == (
        f"{PATH}:5:12: error: team payments has no namespace 'ledger' (unknown-namespace)\n"
        "  help: there are payments-prod and payments-staging"
    )
    assert placed(f"{HEAD}team: paymentz\nexpectations:\n  - {line}\n") == (
        f"{PATH}:3:7: error: there is no team 'paymentz' (unknown-team)\n  help: write payments"
    )


def test_files_that_are_none_and_links_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "tests/egress"
    folder.mkdir(parents=True)
    (folder / "a.yml").write_text("")
    (folder / "notes.txt").write_text("")
    (folder / ".hidden").write_text("")
    (folder / "b.yaml~").write_text("")
    (folder / "c.yaml").symlink_to("a.yml")
    (folder / "d.yaml").mkdir()

    with pytest.raises(Rejected) as rejected:
        read_expectations(tmp_path).sound()

    assert str(rejected.value) == (
        "tests/egress/a.yml: error: 'tests/egress/a.yml' is no file of expectations, and is never "
        "read (unknown-file)\n  help: rename it to a.yaml\n"
        "tests/egress/c.yaml: error: tests/egress/c.yaml is a symbolic link, and Git holds where it "
        "leads, not the values (symlink)\n  help: put what it leads to in its place\n"
        "tests/egress/d.yaml: error: 'tests/egress/d.yaml' is not a regular file (unreadable-file)\n"
        "  help: replace it with a file\n"
        "tests/egress/notes.txt: error: 'tests/egress/notes.txt' is no file of expectations, and is "
        "never read (unknown-file)\n  help: move it elsewhere"
    )


def test_without_a_folder_nothing_is_expected(tmp_path: Path) -> None:
    assert read_expectations(tmp_path).sound() == ()
