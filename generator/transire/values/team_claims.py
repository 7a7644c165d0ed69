"""Who may claim what: the teams of the platform's file, and a team's claims held against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from transire.model.claims import TeamClaims, reserved
from transire.model.names import is_dns_label
from transire.values.known_clusters import known_cluster
from transire.values.mapping_reader import Fields, Make, each, made_by_name
from transire.values.problem_collector import Misfit, ProblemCollector, one_of, shown
from transire.values.scalars import name_key, text
from transire.yamlio import Entry, Node

_MANY = 8
_FILE = "values/platform.yaml"


def team_claims(clusters: frozenset[str] | None) -> Make[tuple[TeamClaims, ...]]:
    """Makes the teams of a map, sorted by name; `clusters` holds those that there are."""

    def make(node: Node, collector: ProblemCollector) -> tuple[TeamClaims, ...]:
        read = made_by_name(node, partial(_team, clusters), collector).values()
        made = list(filter(None, read))
        if not made:
            raise Misfit
        return tuple(sorted(made, key=lambda one: one.name))

    return make


def claims_by_team(node: Node, silent: ProblemCollector) -> Mapping[str, TeamClaims | None]:
    """The teams by name, None for one that cannot be used.

    Raises:
        Misfit: if the node is no map.
    """
    return made_by_name(node, partial(_team, None), silent)


def _team(clusters: frozenset[str] | None, entry: Entry, collector: ProblemCollector) -> TeamClaims:
    misfits = collector.misfits
    with collector:
        name_key(entry.key, collector)
    fields = Fields.of(entry.value, collector)
    namespaces = fields.need("namespaces", each(_pattern), ())
    on = fields.get("clusters", each(known_cluster(clusters)), None)
    collector.stop_after(misfits)
    if not namespaces or on == ():
        raise Misfit
    return TeamClaims(
        name=entry.key.text,
        namespaces=tuple(sorted(set(namespaces))),
        clusters=None if on is None else frozenset(on),
        at=entry.key.at,
    )


def _pattern(node: Node, collector: ProblemCollector) -> str:
    written = text(node, collector)
    if is_dns_label(written.replace("*", "x")) and "**" not in written:
        return written
    raise collector.refuse(
        node.at,
        "bad-name",
        f"{shown(written)} is not the name of a namespace, and no pattern of some",
        "use lower-case letters, digits and inner hyphens, and * for any of these",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one team may claim; `claims` is None where the platform's file does not limit it."""

    team: str
    claims: TeamClaims | None = None

    def check_namespace(self, namespace: str, node: Node, collector: ProblemCollector) -> None:
        """Note a namespace that nobody may claim, or not this team."""
        why = reserved(namespace)
        if why:
            collector.note(
                node.at,
                "system-namespace",
                f"{namespace} {why}, which no team may claim",
                "publish from a namespace of the team",
            )
        elif self.claims is not None and not self.claims.may_have(namespace):
            collector.note(
                node.at,
                "namespace-not-allowed",
                f"team {shown(self.team)} may not claim namespace {shown(namespace)}",
                f"publish from {_listed(self.claims.namespaces)}; the platform team decides, under "
                f"teams in {_FILE}",
            )

    def check_cluster(self, cluster: str, node: Node, collector: ProblemCollector) -> None:
        """Note a cluster that the team may not publish to."""
        if self.claims is not None and not self.claims.may_use(cluster):
            collector.note(
                node.at,
                "cluster-not-allowed",
                f"team {shown(self.team)} may not publish to cluster {shown(cluster)}",
                f"publish to {_listed(sorted(self.claims.clusters or ()))}; the platform team "
                f"decides, under teams in {_FILE}",
            )


def allowance(
    team: str,
    entry: Entry | None,
    teams: Mapping[str, TeamClaims | None] | None,
    collector: ProblemCollector,
) -> Allowance:
    """What the team of that name may claim; `entry` is where its file names it.

    `teams` is None where the platform's file does not limit claims, or cannot be read.
    """
    if teams is None or entry is None or not team:
        return Allowance(team=team)
    if team not in teams:
        collector.note(
            entry.value.at,
            "team-not-listed",
            f"team {shown(team)} is not among the teams of {_FILE}, so it may claim nothing",
            "have the platform team list it there, under teams, with its namespaces",
        )
    return Allowance(team=team, claims=teams.get(team))


def _listed(names: list[str] | tuple[str, ...]) -> str:
    more = f", and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return f"{one_of(list(names[:_MANY]))}{more}"
