"""A team takes no enrolled namespace out of enforcement without the platform's word."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from transire.values.guardrails.registry import review
from transire.values.load import load

PLATFORM = """\
apiVersion: transire/v1
kind: Platform
publish: {registry: "oci://registry.example.com/egress"}
defaults: {mode: MODE, ports: [443], inCluster: declared}
enrol: [till]
clusters:
  eu: {engine: cilium, version: "1.19", environment: prod, dns: {profile: coredns}, gitops: argocd}
  us: {engine: cilium, version: "1.19", environment: prod, dns: {profile: coredns}, gitops: argocd}
"""
TEAM = """\
apiVersion: transire/v1
kind: TeamEgress
team: shop
contact: shop@example.com
namespaces:
  NAMESPACES
egress: [{name: api, reason: sell books, to: [api.example.com]}]
"""
EXCEPTION = """\
apiVersion: transire/v1
kind: Exceptions
exceptions:
  - {rule: enrolled-in-audit, team: shop, entry: till, for: [{cluster: eu}], approvedBy: platform, reason: a trial, until: 2031-01-01}
"""


def found(root: Path, namespaces: str, mode: str = "enforce", exception: str = "") -> list[str]:
    (root / "values/teams").mkdir(parents=True)
    (root / "values/platform.yaml").write_text(PLATFORM.replace("MODE", mode))
    (root / "values/teams/shop.yaml").write_text(TEAM.replace("NAMESPACES", namespaces))
    if exception:
        (root / "values/exceptions.yaml").write_text(exception)
    return [
        f"{each.at.line}:{each.at.column} {each.id}"
        for each in review(load(root), date(2030, 6, 15))
    ]


@pytest.mark.parametrize(
    ("namespaces", "expected"),
    [
        ("till: {clusters: [eu, us], mode: audit}", ["6:3 enrolled-in-audit"] * 2),
        ("till: {clusters: {eu: {mode: audit}, us: {}}}", ["6:21 enrolled-in-audit"]),
        ("till: [eu, us]", []),
        ("other: {clusters: [eu, us], mode: audit}", []),
    ],
)
def test_each_cluster_where_it_would_be_in_audit_is_found(
    namespaces: str, expected: list[str], tmp_path: Path
) -> None:
    assert found(tmp_path, namespaces) == expected


def test_where_the_platform_audits_nothing_is_taken_out(tmp_path: Path) -> None:
    assert found(tmp_path, "till: {clusters: [eu], mode: audit}", mode="audit") == []


def test_an_exception_is_the_platform_s_word(tmp_path: Path) -> None:
    assert found(tmp_path, "till: {clusters: [eu], mode: audit}", exception=EXCEPTION) == []
