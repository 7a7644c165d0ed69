"""Targets, and what an engine makes of them: the values that a chart renders.

A target is one namespace on one cluster. A baseline is what one cluster gets for all enrolled
namespaces together. Lowering turns either into `Lowered`: values for the chart plus everything
that a report must show about them.

Lowered values are trees of strings, integers, lists and mappings in the shape that the schema of
the chart checks; `docs/chart-values.md` shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from transire.model.intent import (
    NOWHERE,
    Approximation,
    Cluster,
    Mode,
    Organisation,
    Platform,
    Publication,
    Rule,
    Team,
)
from transire.model.problems import Position
from transire.model.scoped import Place

Values = Mapping[str, Any]
"""Chart values: strings, integers, lists and mappings only, in the order they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One namespace of a team on one cluster, with the rules that hold there, sorted by name.

    `everyone` holds the platform's rules that hold in the namespace; the baseline renders them,
    a target only needs them for the names that its pods may query.
    """

    team: str
    team_path: str
    namespace: str
    cluster: Cluster
    mode: Mode
    rules: tuple[Rule, ...]
    everyone: tuple[Rule, ...]
    platform: Platform
    at: Position = field(default=NOWHERE, compare=False, repr=False)

    def __repr__(self) -> str:
        return f"<Target {self.name}: {self.mode}, rules={len(self.rules)}>"

    @property
    def name(self) -> str:
        """`NAMESPACE.CLUSTER`, as commands and file names spell it."""
        return f"{self.namespace}.{self.cluster.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What one cluster gets for its enrolled namespaces: rules for everyone and default deny.

    Namespaces are sorted; those in audit are never among those enforced. `everyone` holds what
    holds in any namespace of the cluster.
    """

    cluster: Cluster
    enforce: tuple[str, ...]
    audit: tuple[str, ...]
    everyone: tuple[Rule, ...]
    platform: Platform

    def __repr__(self) -> str:
        return f"<Baseline {self.name} enforce={len(self.enforce)} audit={len(self.audit)}>"

    @property
    def name(self) -> str:
        """The cluster's name, as commands and file names spell it."""
        return self.cluster.name

    def everyone_in(self, namespace: str) -> tuple[Rule, ...]:
        """The rules for everyone that hold in one of the namespaces."""
        return _holding(self.everyone, self.cluster.place(namespace))


@dataclass(frozen=True, slots=True, kw_only=True)
class Approximated:
    """A host that an engine was given widened or narrowed, by consent of the rule or the cluster.

    `example` is a name in the difference: allowed although not meant (widen), or meant although
    not allowed (narrow).
    """

    rule: str
    how: Approximation
    written: str
    became: tuple[str, ...]
    example: str

    def __repr__(self) -> str:
        return f"<Approximated {self.rule}: {self.written} is {self.done}>"

    @property
    def done(self) -> str:
        """What has become of the host, as every output words it."""
        return {Approximation.NARROW: "narrowed", Approximation.WIDEN: "widened"}[self.how]

    @property
    def difference(self) -> str:
        """What the example is, as every output words it."""
        return {
            Approximation.NARROW: "meant although it is not allowed",
            Approximation.WIDEN: "allowed although it is not meant",
        }[self.how]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegated:
    """A host whose verdict is delegated to something else, and what that is."""

    rule: str
    host: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something true about a rule that the objects cannot hold, printed in every report."""

    rule: str
    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """What an engine can express of a target or a baseline, exactly or by consent."""

    values: Values
    approximated: tuple[Approximated, ...] = ()
    delegated: tuple[Delegated, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def __repr__(self) -> str:
        return (
            f"<Lowered approximated={len(self.approximated)} delegated={len(self.delegated)} "
            f"remarks={len(self.remarks)}>"
        )


def targets_of(organisation: Organisation, team: Team) -> tuple[Target, ...]:
    """The team's targets, sorted by namespace and cluster."""
    platform = organisation.platform
    return tuple(
        _target(platform, team, each)
        for each in sorted(team.publications, key=lambda each: (each.namespace, each.cluster))
    )


def all_targets(organisation: Organisation) -> Iterator[Target]:
    """The targets of all teams, team by team."""
    for team in organisation.teams:
        yield from targets_of(organisation, team)


def _target(platform: Platform, team: Team, publication: Publication) -> Target:
    cluster = platform.cluster(publication.cluster)
    return Target(
        team=team.name,
        team_path=team.path,
        namespace=publication.namespace,
        cluster=cluster,
        mode=publication.mode,
        rules=_holding(team.rules, cluster.place(publication.namespace)),
        everyone=_holding(platform.everyone, cluster.place(publication.namespace)),
        platform=platform,
        at=publication.at,
    )


def baseline_of(organisation: Organisation, cluster: Cluster) -> Baseline:
    """What the cluster gets for the namespaces that are enrolled in it.

    A namespace is enrolled where a team publishes to it, or where the platform's `enrol` names
    it; the latter follow the platform's default mode.
    """
    platform = organisation.platform
    modes = dict.fromkeys(platform.enrol, platform.mode)
    modes.update(
        (each.namespace, each.mode)
        for team in organisation.teams
        for each in team.publications
        if each.cluster == cluster.name
    )
    return Baseline(
        cluster=cluster,
        enforce=tuple(sorted(name for name, mode in modes.items() if mode is Mode.ENFORCE)),
        audit=tuple(sorted(name for name, mode in modes.items() if mode is Mode.AUDIT)),
        everyone=_holding(platform.everyone, cluster.place()),
        platform=platform,
    )


def targets_without_team(organisation: Organisation, cluster: Cluster) -> Iterator[Target]:
    """The namespaces of the cluster that the platform enrols and no team publishes to.

    They have no rules of their own, and `team` is empty.
    """
    platform, baseline = organisation.platform, baseline_of(organisation, cluster)
    owned = {
        each.namespace
        for team in organisation.teams
        for each in team.publications
        if each.cluster == cluster.name
    }
    for namespace in sorted({*baseline.enforce, *baseline.audit} - owned):
        yield Target(
            team="",
            team_path=platform.path,
            namespace=namespace,
            cluster=cluster,
            mode=Mode.AUDIT if namespace in baseline.audit else Mode.ENFORCE,
            rules=(),
            everyone=baseline.everyone_in(namespace),
            platform=platform,
            at=cluster.at,
        )


def _holding(rules: tuple[Rule, ...], place: Place) -> tuple[Rule, ...]:
    held = (rule for rule in rules if rule.holds_in(place))
    return tuple(sorted(held, key=lambda rule: rule.name))
