"""Each guardrail's own page, run: its bad example is found, its good one is clean."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from transire.intake.guardrails.registry import GUARDRAILS, Guardrail, review
from transire.intake.load import load
from transire.model.problems import Problem

AS_OF = date(2030, 6, 15)

PLATFORM = """\
apiVersion: transire/v1
kind: Platform
publish: {registry: "oci://registry.example.com/egress"}
defaults: {mode: enforce, ports: [443], inCluster: declared}
clusters:
  eu:
    engine: cilium
    version: "1.19"
    environment: prod
    dns: {profile: coredns}
    gitops: argocd
guardrails:
  maxHostsPerTeam: 3
  requireTicketFor: [wildcard, cidr]
"""

TEAM = """\
apiVersion: transire/v1
kind: TeamEgress
team: shop
contact: shop@example.com
namespaces: {shop: [eu]}
egress:
"""


def examples(guardrail: Guardrail, heading: str) -> str:
    page = guardrail.__doc__ or ""
    lines = re.search(rf"^{heading}:\n((?:    .*\n)+)", page, re.MULTILINE)
    assert lines is not None, f"{guardrail.ID} has no {heading} example"
    return (
        lines[1]
        .replace("SOON", "2030-06-20")
        .replace("HOSTS", ", ".join(f"h{number}.example.com" for number in range(4)))
    )


def found(root: Path, rules: str, as_of: date = AS_OF) -> tuple[Problem, ...]:
    (root / "values/teams").mkdir(parents=True)
    (root / "values/platform.yaml").write_text(PLATFORM, encoding="utf-8")
    entries = "".join(f"  - {line.strip()}\n" for line in rules.splitlines())
    (root / "values/teams/shop.yaml").write_text(TEAM + entries, encoding="utf-8")
    return review(load(root), as_of)


@pytest.mark.parametrize("guardrail", GUARDRAILS.values(), ids=GUARDRAILS)
def test_the_bad_example_is_found(guardrail: Guardrail, tmp_path: Path) -> None:
    problems = found(tmp_path, examples(guardrail, "Bad"))

    assert guardrail.ID in {each.id for each in problems}
    assert all(each.at.path == "values/teams/shop.yaml" and each.at.line for each in problems)


@pytest.mark.parametrize("guardrail", GUARDRAILS.values(), ids=GUARDRAILS)
def test_the_good_example_is_clean_under_every_guardrail(
    guardrail: Guardrail, tmp_path: Path
) -> None:
    assert found(tmp_path, examples(guardrail, "Good")) == ()


@pytest.mark.parametrize("guardrail", GUARDRAILS.values(), ids=GUARDRAILS)
def test_a_page_says_what_and_why(guardrail: Guardrail) -> None:
    page = guardrail.__doc__ or ""

    assert page.splitlines()[0].endswith(".")
    assert "\nWhat it does: " in page
    assert "\nWhy is this bad? " in page


def test_every_message_is_exactly_this(tmp_path: Path, update_golden: bool) -> None:
    golden = Path(__file__).parent / "messages.txt"
    shown = [
        str(problem)
        for rule_id, guardrail in GUARDRAILS.items()
        for problem in found(tmp_path / rule_id, examples(guardrail, "Bad"))
        if problem.id == rule_id
    ]
    text = "\n".join([*shown, ""])
    if update_golden:
        golden.write_text(text, encoding="utf-8")

    assert golden.read_text(encoding="utf-8") == text
