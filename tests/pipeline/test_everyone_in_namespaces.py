"""Rules for everyone that hold in some of the enrolled namespaces, on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from support.policy_repository import copy_example, edit, run

AS_OF = ("--as-of", "2026-11-23")
PLATFORM = "values/platform.yaml"
RULES = """\
  - name: range
    reason: send traces
    to: [{cidr: 203.0.113.0/24}]
    ticket: NET-1
    namespaces: [batch, identity, payments-staging]
  - name: traces
    reason: send traces
    to: [traces.example.com]
    namespaces: [batch]
    clusters: [prod-eu, prod-us, prod-onprem, staging]
codeowners:"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = copy_example(tmp_path)
    edit(folder, PLATFORM, "codeowners:", RULES)
    return folder


def limits(repository: Path, cluster: str, half: str) -> dict[str, list[str] | None]:
    """The namespaces of each rule of half a baseline."""
    path = repository / f"charts/egress-baseline/targets/{cluster}.yaml"
    rules = yaml.safe_load(path.read_text("utf-8"))[half]["rules"]
    return {each["name"]: each.get("namespaces") for each in rules}


@pytest.mark.slow("long runs in a repository")
def test_they_are_proved_on_every_engine(repository: Path) -> None:
    made = run(repository, "generate", *AS_OF)
    checked = run(repository, "check", *AS_OF)

    assert (made.code, checked.code) == (0, 0), made.err + checked.out
    assert limits(repository, "edge", "enforce") == {
        "egress-baseline-dns": ["batch", "identity"],
        "egress-baseline-allow-range": ["batch", "identity"],
    }
    assert limits(repository, "prod-onprem", "enforce") == {
        "egress.baseline-dns": None,
        "egress.baseline-allow-range": ["batch"],
        "egress.baseline-allow-time": None,
        "egress.baseline-allow-traces": ["batch"],
    }
    assert limits(repository, "staging", "audit") == {
        "egress.baseline-dns-audit": None,
        "egress.baseline-allow-range-audit": None,
    }


@pytest.mark.slow("long runs in a repository")
def test_they_are_proved_where_names_of_queries_are_limited(repository: Path) -> None:
    edit(repository, PLATFORM, "dns: {profile: coredns}", "dns: {profile: coredns, restrict: true}")
    made = run(repository, "generate", *AS_OF)
    checked = run(repository, "check", *AS_OF)

    assert (made.code, checked.code) == (0, 0), made.err + checked.out
    found = limits(repository, "prod-eu", "enforce")
    assert sorted(str(each) for name, each in found.items() if "-dns" in name) == [
        "None",
        "['batch', 'identity']",
        "['batch']",
    ]


def test_a_namespace_that_is_enrolled_nowhere_is_an_error(repository: Path) -> None:
    edit(repository, PLATFORM, "namespaces: [batch]", "namespaces: [batch, btach]")
    ran = run(repository, "check", *AS_OF)

    assert ran.code == 1
    assert (
        ": error: 'traces' holds in no target of 'btach': where the rule holds, no team publishes "
        "there, and enrol does not name it (rule-without-target)\n"
        "  help: take btach out of namespaces, or correct it\n"
    ) in ran.out


@pytest.mark.slow("long runs in a repository")
def test_ranges_of_rules_for_different_namespaces_are_not_added_up(repository: Path) -> None:
    halves = (("16.0.0.0/8", "batch"), ("17.0.0.0/8", "identity"))
    rules = "".join(
        f"  - {{name: half-{number}, reason: x, ticket: X-1, to: [{{cidr: {cidr}}}], "
        f"namespaces: [{namespace}]}}\n"
        for number, (cidr, namespace) in enumerate(halves)
    )
    edit(repository, PLATFORM, "codeowners:", f"{rules}codeowners:")
    apart = run(repository, "check", *AS_OF).out
    edit(repository, PLATFORM, "namespaces: [identity]}", "namespaces: [batch]}")
    together = run(repository, "check", *AS_OF).out

    assert "(no-world-cidr)" not in apart
    assert (
        "egress to 16.0.0.0/7 is not allowed, which rule 'half-1' reaches together with" in together
    )
