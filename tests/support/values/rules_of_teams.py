"""Rules of some teams as a policy repository holds them, and what a guardrail finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from transire.model.problems import Rejected
from transire.values.guardrails.registry import review
from transire.values.load import load_files

AS_OF = date(2030, 6, 15)

PLATFORM = """\
apiVersion: transire/v1
kind: Platform
publish: {registry: "oci://registry.example.com/egress"}
defaults: {mode: enforce, ports: [443], inCluster: declared}
clusters:
  eu: {engine: cilium, version: "1.19", environment: prod, dns: {profile: coredns}, gitops: argocd}
  st: {engine: cilium, version: "1.19", environment: staging, dns: {profile: coredns}, gitops: flux}
"""


def messages(
    guardrail: str, teams: Mapping[str, Sequence[str]], everyone: Sequence[str] = ()
) -> list[str]:
    """The messages of one guardrail about these rules, each an item of `egress` as YAML."""
    files = {"values/platform.yaml": PLATFORM + _list("everyone", everyone)}
    for team, rules in teams.items():
        if rules:
            files[f"values/teams/{team}.yaml"] = (
                f"apiVersion: transire/v1\nkind: TeamEgress\nteam: {team}\n"
                f"contact: {team}@example.com\nnamespaces: {{{team}: [eu, st]}}\n"
                f"{_list('egress', rules)}"
            )
    try:
        problems = review(load_files({path: text.encode() for path, text in files.items()}), AS_OF)
    except Rejected as rejected:
        problems = rejected.problems
    return [each.message for each in problems if each.id == guardrail]


def _list(key: str, rules: Sequence[str]) -> str:
    return f"{key}:\n" + "".join(f"  - {each}\n" for each in rules) if rules else ""
