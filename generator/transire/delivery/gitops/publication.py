"""What is published where.

A cluster is published to where a namespace is enrolled in it. Each has one tool, so each target is
published exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass

from transire.engines.api.kinds import Kinds
from transire.engines.registry import engine_of, tiered
from transire.meaning.target import baseline_of
from transire.model.intent import Cluster, GitOps, Organisation, Platform, Team


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPublication:
    """What one team publishes to one cluster; namespaces are sorted."""

    team: Team
    namespaces: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPublication:
    """Everything that is published to one cluster.

    `enrolled` holds every namespace of the baseline, sorted; teams are sorted by name.
    """

    cluster: Cluster
    platform: Platform
    enrolled: tuple[str, ...]
    teams: tuple[TeamPublication, ...]

    @property
    def kinds(self) -> Kinds:
        """The kinds that charts hold on the cluster."""
        return engine_of(self.cluster.release).kinds(self.cluster.release)

    @property
    def tiered(self) -> bool:
        """Whether the policies live in a tier of their own, which is a release of its own."""
        return tiered(self.cluster.release)

    @property
    def source(self) -> str:
        """The key path that provenance names."""
        return f"{self.platform.path}#clusters.{self.cluster.name}"


def publications(organisation: Organisation, tool: GitOps) -> tuple[ClusterPublication, ...]:
    """What the tool publishes, cluster by cluster, sorted by name."""
    platform = organisation.platform
    views = (_view(organisation, each) for each in platform.clusters if each.gitops is tool)
    enrolled = (each for each in views if each.enrolled)
    return tuple(sorted(enrolled, key=lambda each: each.cluster.name))


def _view(organisation: Organisation, cluster: Cluster) -> ClusterPublication:
    baseline = baseline_of(organisation, cluster)
    held = (
        TeamPublication(
            team=team,
            namespaces=tuple(
                sorted(each.namespace for each in team.publications if each.cluster == cluster.name)
            ),
        )
        for team in sorted(organisation.teams, key=lambda team: team.name)
    )
    return ClusterPublication(
        cluster=cluster,
        platform=organisation.platform,
        enrolled=tuple(sorted({*baseline.enforce, *baseline.audit})),
        teams=tuple(each for each in held if each.namespaces),
    )
