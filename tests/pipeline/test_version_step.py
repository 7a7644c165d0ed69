"""A chart's version says what its change means, and its `Chart.yaml` lists it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from support.policy_repository import edit, git, run
from support.review.diffed_example import AS_OF, commit, copy, organisation, version
from transire.api import check, generate
from transire.model.problems import Problem

pytestmark = pytest.mark.slow("long runs in a repository")

TEAM = "values/teams/payments.yaml"
STAGING = "payments-staging: {clusters: [staging], mode: audit}"

STAGED_RULE = """\
  - name: card-processing-test
    reason: charge test cards
    from: {app: checkout}
    to: [api.sandbox.stripe.example]         # on Calico open source a proxy decides about names
    environments: [staging]
"""
"""A rule of staging alone: without staging it would hold nowhere."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organisation(tmp_path_factory.mktemp("organisation"))


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return copy(original, tmp_path / "work")


def listed(root: Path, place: str = "teams/payments") -> list[tuple[str, str]]:
    """Kind and description of every change that the chart lists."""
    chart = yaml.safe_load((root / f"charts/{place}/Chart.yaml").read_text(encoding="utf-8"))
    changes = yaml.safe_load(chart["annotations"].get("artifacthub.io/changes", "[]"))
    return [(each["kind"], each["description"]) for each in changes]


CASES = {
    "opens": ("files.stripe.com]", "files.stripe.com, api.adyen.com]", "0.2.0"),
    "closes": ("api.stripe.com, files.stripe.com]", "api.stripe.com]", "1.0.0"),
    "moves": ("files.stripe.com]", "api.adyen.com]", "1.0.0"),
    "same": ("reason: charge cards", "reason: to charge cards", "0.1.1"),
    "renamed rule": ("- name: receipts", "- name: slips", "0.1.1"),
    "audited": (
        "[prod-eu, prod-onprem]",
        "{clusters: [prod-eu, prod-onprem], mode: audit}",
        "0.2.0",
    ),
    "enforced": (STAGING, "payments-staging: [staging]", "1.0.0"),
    "other values of audit": ("{app: ledger}", "{app: books}", "1.0.0"),
    "released": ("[prod-eu, prod-onprem]", "[prod-eu]", "0.2.0"),
    "governed": ("  payments-prod: [", "  payments-new: [prod-eu]\n  payments-prod: [", "1.0.0"),
    "released from audit": (f"  {STAGING}", "  #", "0.1.1"),
    "split rule": (
        "  - name: receipts",
        (
            "  - name: more\n    reason: x\n    from: {app: checkout}\n    to: [api.stripe.com]\n"
            "    environments: [prod]\n  - name: receipts"
        ),
        "0.1.1",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_version_says_what_the_change_means(root: Path, case: str) -> None:
    before, after, expected = CASES[case]
    edit(root, TEAM, before, after)
    if case == "released from audit":
        edit(root, TEAM, STAGED_RULE, "")

    generate(root, base="main", as_of=AS_OF)

    assert (version(root), version(root, "identity")) == (expected, "0.1.0")


def test_the_chart_lists_what_its_version_changes(root: Path) -> None:
    edit(root, TEAM, "files.stripe.com]", "api.adyen.com]")
    edit(root, TEAM, "{app: ledger}", "{app: books}")

    generate(root, base="main", as_of=AS_OF)

    where = "payments-prod on prod-eu, prod-onprem"
    pods = "pods with app={} in ledger on 8080/TCP"
    assert [each for each in listed(root) if each[1].startswith(where)] == [
        ("added", f"{where}: app=checkout may reach api.adyen.com on 443/TCP"),
        ("added", f"{where}: any pod may reach {pods.format('books')}"),
        ("removed", f"{where}: app=checkout no longer reaches files.stripe.com on 443/TCP"),
        ("removed", f"{where}: any pod no longer reaches {pods.format('ledger')}"),
    ]


def test_a_chart_of_the_same_meaning_says_so(root: Path) -> None:
    edit(root, TEAM, "reason: charge cards", "reason: to charge cards")

    generate(root, base="main", as_of=AS_OF)

    assert listed(root) == [("changed", "what may be reached stays the same")]


def test_the_baseline_has_a_version_by_meaning_too(root: Path) -> None:
    edit(root, "values/platform.yaml", "to: [time.example.com]", "to: [time.example.net]")

    generate(root, base="main", as_of=AS_OF)

    text = (root / "charts/egress-baseline/Chart.yaml").read_text(encoding="utf-8")
    assert "version: 1.0.0\n" in text
    assert version(root) == "0.1.0"
    assert {kind for kind, _ in listed(root, "egress-baseline")} == {"added", "removed"}


def test_a_second_run_and_the_merge_change_nothing(root: Path) -> None:
    edit(root, TEAM, "files.stripe.com]", "files.stripe.com, api.adyen.com]")
    generate(root, base="main", as_of=AS_OF)
    chart = (root / "charts/teams/payments/Chart.yaml").read_bytes()
    commit(root)

    assert generate(root, base="main", as_of=AS_OF).written == ()
    git(root, "switch", "--quiet", "main")
    git(root, "merge", "--quiet", "--no-ff", "change")
    assert check(root, base="main", as_of=AS_OF) == ()
    assert generate(root, base="main", as_of=AS_OF).written == ()
    assert chart == (root / "charts/teams/payments/Chart.yaml").read_bytes()


def test_going_back_goes_forward(root: Path) -> None:
    edit(root, TEAM, "files.stripe.com]", "files.stripe.com, api.adyen.com]")
    generate(root, base="main", as_of=AS_OF)
    commit(root)
    git(root, "branch", "--force", "main", "HEAD")
    edit(root, TEAM, "files.stripe.com, api.adyen.com]", "files.stripe.com]")

    generate(root, base="main", as_of=AS_OF)

    assert version(root) == "1.0.0"


def behind(root: Path) -> list[str]:
    found: tuple[Problem, ...] = check(root, base="main", as_of=AS_OF)
    return [str(each) for each in found if each.id == "version-behind"]


def test_check_says_which_version_fits(root: Path) -> None:
    chart = root / "charts/teams/payments/Chart.yaml"
    kept = chart.read_text(encoding="utf-8")
    edit(root, TEAM, "api.stripe.com, files.stripe.com]", "api.stripe.com]")
    generate(root, base="main", as_of=AS_OF)
    chart.write_text(kept.replace("version: 0.1.0", "version: 0.2.0"), encoding="utf-8")

    assert behind(root) == [
        (
            "charts/teams/payments/Chart.yaml: error: version 0.2.0 does not match what the chart "
            "changes: it takes access away from workloads since 0.1.0, so 1.0.0 fits (version-behind)\n"
            "  help: run `transire generate`, or write that version"
        )
    ]
    assert run(root, "check", "--base", "main", "--as-of", str(AS_OF)).code == 1


def test_a_greater_version_is_kept(root: Path) -> None:
    edit(root, TEAM, "files.stripe.com]", "files.stripe.com, api.adyen.com]")
    generate(root, base="main", as_of=AS_OF)
    chart = root / "charts/teams/payments/Chart.yaml"
    raised = chart.read_text(encoding="utf-8").replace("version: 0.2.0", "version: 2.0.0")
    chart.write_text(raised, encoding="utf-8")

    assert behind(root) == []


def test_a_base_that_cannot_be_rendered_counts_as_access_taken_away(root: Path) -> None:
    template = root / "charts/teams/payments/templates/cilium.yaml"
    good = template.read_bytes()
    template.write_text('{{ fail "broken" }}\n', encoding="utf-8")
    commit(root)
    git(root, "branch", "--force", "main", "HEAD")
    template.write_bytes(good)

    generate(root, base="main", as_of=AS_OF)

    assert version(root) == "1.0.0"
    assert any("nobody knows what this does" in text for _, text in listed(root))


def test_values_of_the_base_that_nobody_can_read_stop_no_version(root: Path) -> None:
    edit(root, TEAM, "files.stripe.com]", "https://files.stripe.com]")
    commit(root)
    git(root, "branch", "--force", "main", "HEAD")
    edit(root, TEAM, "https://files.stripe.com]", "files.stripe.com, api.adyen.com]")

    generate(root, base="main", as_of=AS_OF)

    assert version(root) == "0.2.0"
