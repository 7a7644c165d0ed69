"""`transire add`: what it writes, what it refuses, and what it says comes next."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.policy_repository import contents, copy_example, run


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return copy_example(tmp_path / "repository")


def test_add_edits_the_values_file_and_nothing_else(repository: Path) -> None:
    before = contents(repository)

    ran = run(repository, "add", "payments", "api.adyen.com", "--rule", "card-processing")

    after = contents(repository)
    path = "values/teams/payments.yaml"
    assert (ran.code, ran.err) == (
        0,
        (
            f"added api.adyen.com to card-processing in {path}\n"
            "next: run `transire generate payments` and look at the difference\n"
            "next: commit values, charts and GitOps files together, and open a pull request\n"
        ),
    )
    assert [each for each in before if before[each] != after[each]] == [path]
    assert b"to: [api.stripe.com, files.stripe.com, api.adyen.com]\n" in after[path]


def test_add_shows_what_guardrails_find_in_what_it_wrote(repository: Path) -> None:
    words = ["--cidr", "203.0.113.0/24", "--rule", "depots", "--reason", "reach depots"]
    ran = run(repository, "add", "payments", *words, "--environment", "prod", "--from", "app=web")

    path = "values/teams/payments.yaml"
    assert ran.code == 0
    assert ran.err == (
        f"added 203.0.113.0/24 to depots in {path}\n"
        f"{path}:48:10: error: the address range 203.0.113.0/24 has no ticket (cidr-needs-ticket)\n"
        "  help: add ticket: with the approval that allowed it\n"
        "next: correct what is found above, or ask for an entry in values/exceptions.yaml\n"
        "next: run `transire generate payments` and look at the difference\n"
        "next: commit values, charts and GitOps files together, and open a pull request\n"
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--environment", "stagin"], "there is no environment 'stagin' (unknown-environment)"),
        (["--cluster", "nowhere"], "there is no cluster 'nowhere' (unknown-cluster)"),
        (
            ["--from", "payments-prdo/app=web"],
            "'payments-prdo' is not a namespace of the team (unknown-namespace)",
        ),
    ],
)
def test_add_writes_nothing_that_cannot_be_read(
    repository: Path, words: list[str], found: str
) -> None:
    before = contents(repository)
    ran = run(repository, "add", "payments", "a.example", "--reason", "because", *words)

    assert ran.code == 1
    assert found in ran.err
    assert contents(repository) == before


SOURCES = [
    ("payments-prod", ["namespaces: [payments-prod]"]),
    ("payments-prod/app=web", ["from: {app: web}", "namespaces: [payments-prod]"]),
    (
        "payments-prod/app=web,tier=front@billing",
        [
            "from: [{labels: {app: web, tier: front}, serviceAccount: billing}]",
            "namespaces: [payments-prod]",
        ],
    ),
    ("payments-prod@billing", ["from: [{serviceAccount: billing}]", "namespaces: [payments-prod]"]),
    ("@billing", ["from: [{serviceAccount: billing}]"]),
    ("app=web", ["from: {app: web}"]),
    ("example.com/app=web", ['from: {"example.com/app": web}']),
]


@pytest.mark.parametrize(("source", "lines"), SOURCES)
def test_add_takes_sources_in_the_notation_of_explain(
    repository: Path, source: str, lines: list[str]
) -> None:
    path = "values/teams/payments.yaml"
    before = contents(repository)[path].decode().splitlines()
    ran = run(repository, "add", "payments", "a.example", "--reason", "because", "--from", source)

    after = contents(repository)[path].decode().splitlines()
    assert ran.code == 0
    assert [each.strip() for each in after if each not in before] == [
        "- name: a-example",
        "reason: because",
        *(each for each in lines if each.startswith("from")),
        "to: [a.example]",
        *(each for each in lines if not each.startswith("from")),
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("payments-prod@", "'' in 'payments-prod@' is not the name of a service account"),
        ("payments-prod@x/y", "'x/y' in 'payments-prod@x/y' is not the name of a service account"),
        ("payments-prod/", "'payments-prod/' has no label behind the slash"),
        ("Payments", "'Payments' in 'Payments' is neither a namespace nor a label"),
    ],
)
def test_add_refuses_a_source_that_nobody_can_read(
    repository: Path, source: str, message: str
) -> None:
    before = contents(repository)
    ran = run(repository, "add", "payments", "a.example", "--reason", "because", "--from", source)

    assert (ran.code, ran.err) == (
        1,
        (
            f"values/teams/payments.yaml: error: {message} (bad-name)\n"
            "  help: give --from NAMESPACE/app=web,tier=front@SERVICEACCOUNT, or parts of it\n"
        ),
    )
    assert contents(repository) == before


def test_add_takes_the_namespace_once(repository: Path) -> None:
    words = ["a.example", "--reason", "because", "--from", "payments-prod/app=web"]
    same = run(repository, "add", "payments", *words, "--namespace", "payments-prod")
    other = run(repository, "add", "payments", *words, "--namespace", "payments-staging")

    assert (same.code, other.code) == (0, 2)
    assert other.err == (
        "--from names the namespace payments-prod, and --namespace payments-staging; name it once\n"
    )


def test_add_without_a_destination_is_a_usage_error(repository: Path) -> None:
    ran = run(repository, "add", "payments", "--rule", "card-processing")

    assert ran.code == 2
    assert ran.err.endswith("no host is named; name at least one, or a range with --cidr\n")


def test_add_refuses_a_url_and_an_unknown_team(repository: Path) -> None:
    url = run(repository, "add", "payments", "https://a.example/", "--reason", "because")
    nobody = run(repository, "add", "../payments", "a.example", "--reason", "because")

    assert (url.code, nobody.code) == (1, 2)
    assert url.err == (
        "values/teams/payments.yaml: error: 'https://a.example/' is a URL, not a host "
        "(bad-host)\n  help: give a.example and --ports 443 with a new rule\n"
    )
    assert "there is no team '../payments'; the teams are analytics," in nobody.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"team: \xff",
            (
                "values/teams/odd.yaml:1:7: error: the byte 0xff is not UTF-8 text (not-utf-8)\n"
                "  help: save the file as UTF-8\n"
            ),
        ),
        (
            b"egress: [\n",
            (
                "values/teams/odd.yaml:2:1: error: this is not YAML: did not find expected node "
                "content (yaml-syntax)\n  help: check quotes, brackets and indentation; what comes "
                "after this in the file was not looked at\n"
            ),
        ),
    ],
)
def test_add_says_where_a_file_cannot_be_read(repository: Path, content: bytes, said: str) -> None:
    (repository / "values/teams/odd.yaml").write_bytes(content)

    ran = run(repository, "add", "odd", "a.example", "--reason", "because")

    assert (ran.code, ran.err) == (1, said)
    assert (repository / "values/teams/odd.yaml").read_bytes() == content
