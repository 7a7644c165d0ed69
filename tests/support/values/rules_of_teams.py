"""Rules of some teams as a policy repository holds them, and what guardrails find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from transire.model.problems import Problem, Rejected
from transire.values.guardrails.registry import review
from transire.values.load import load_files

AS_OF = datetime(2030, 6, 15, tzinfo=UTC)

PLATFORM = """\
apiVersion: transire/v1
kind: Platform
publish: {registry: "oci://registry.example.com/egress"}
defaults: {mode: enforce, ports: [443], inCluster: declared}
"""

CLUSTERS = {
    "eu": 'engine: cilium, version: "1.19", environment: prod',
    "st": 'engine: cilium, version: "1.19", environment: staging',
}
"""What differs between clusters, by name; a repository's teams publish to all of them."""


def messages(
    guardrail: str,
    teams: Mapping[str, Sequence[str]],
    everyone: Sequence[str] = (),
    clusters: Mapping[str, str] = CLUSTERS,
    more: str = "",
) -> list[str]:
    """The messages of one guardrail about these rules, each an item of `egress` as YAML."""
    found = problems(teams, everyone, clusters, more)
    return [each.message for each in found if each.id == guardrail]


def problems(
    teams: Mapping[str, Sequence[str]],
    everyone: Sequence[str] = (),
    clusters: Mapping[str, str] = CLUSTERS,
    more: str = "",
) -> tuple[Problem, ...]:
    """Everything that guardrails find about these rules; `more` is put at the platform's end."""
    try:
        return review(load_files(files_of(teams, everyone, clusters, more)), AS_OF)
    except Rejected as rejected:
        return rejected.problems


def files_of(
    teams: Mapping[str, Sequence[str]],
    everyone: Sequence[str] = (),
    clusters: Mapping[str, str] = CLUSTERS,
    more: str = "",
) -> dict[str, bytes]:
    """The values files of these rules, by path."""
    names = ", ".join(clusters)
    files = {"values/platform.yaml": PLATFORM + _clusters(clusters) + _list("everyone", everyone)}
    files["values/platform.yaml"] += more
    for team, rules in teams.items():
        if rules:
            files[f"values/teams/{team}.yaml"] = (
                f"apiVersion: transire/v1\nkind: TeamEgress\nteam: {team}\n"
                f"contact: {team}@example.com\n"
                f"namespaces: {{{team}: [{names}], {team}-jobs: [{names}]}}\n"
                f"{_list('egress', rules)}"
            )
    return {path: text.encode() for path, text in files.items()}


def _clusters(clusters: Mapping[str, str]) -> str:
    return "clusters:\n" + "".join(
        f"  {name}: {{{what}, dns: {{profile: coredns}}, gitops: argocd}}\n"
        for name, what in clusters.items()
    )


def _list(key: str, rules: Sequence[str]) -> str:
    return f"{key}:\n" + "".join(f"  - {each}\n" for each in rules) if rules else ""
