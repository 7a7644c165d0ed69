"""Find releases that change their name.

What it does: compares the releases of the base with those that the values come to. Team, namespace
and cluster make the name of an Application or a HelmRelease, so renaming one of them, or giving the
cluster to another tool, makes a new release and leaves the old one behind. A release that goes
without a new one in its place is a warning, as long as no enrolled namespace loses it.
Why is this bad? Removing the old release before the new one has taken its policies over opens the
network. So nothing here removes it: the new one is refused until a person hands the policies over,
and until then merged changes do not arrive. `transire docs publishing` has the commands. Where
somebody stands ready to run them, an entry in `values/exceptions.yaml` lets the change pass.
Bad:
    # values/teams/shop.yaml, before
    namespaces: {shop: [eu]}
    # after
    namespaces: {store: [eu]}
Good:
    # values/teams/shop.yaml, before
    namespaces: {shop: [eu]}
    # after
    namespaces: {shop: [eu], store: [eu]}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from transire.delivery.gitops.releases import DETAILS, HelmRelease, ReleaseKey, releases_of
from transire.model.guardrail import Finding
from transire.model.intent import GitOps, Organisation, Team
from transire.model.problems import Level, Position

ID = "renamed-release"
LEVEL = Level.ERROR

_HAND_OVER = (
    "hand the policies over as `transire docs publishing` describes, and ask for an entry in "
    "values/exceptions.yaml for this change"
)
_TOOLS = {GitOps.ARGOCD: "Argo CD", GitOps.FLUX: "Flux"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the base has of releases.

    `releases` are those of the files that are not the same any more; `clusters` are all clusters
    that it publishes to.
    """

    releases: tuple[HelmRelease, ...]
    clusters: frozenset[str]


def check(organisation: Organisation, before: Before) -> Iterator[Finding]:
    """Every release of the base that is not there any more, or not as it was."""
    look = _Look(organisation=organisation, before=before)
    clusters = frozenset(each.name for each in organisation.platform.clusters)
    gone: defaultdict[str, list[HelmRelease]] = defaultdict(list)
    for old in before.releases:
        if old.key in look.now:
            yield from _details(look, old, look.now[old.key])
        elif old.cluster in clusters:
            yield look.left_behind(old)
        else:
            gone[old.cluster].append(old)
    for cluster, releases in sorted(gone.items()):
        yield look.cluster_gone(cluster, releases)


def _details(look: _Look, old: HelmRelease, new: HelmRelease) -> Iterator[Finding]:
    """What a release may not change while it keeps its name: Flux would uninstall it first."""
    changed = [each for each in DETAILS if getattr(old, each) != getattr(new, each)]
    if changed:
        changes = " and ".join(
            f"{each} {getattr(old, each)!r} would become {getattr(new, each)!r}" for each in changed
        )
        yield look.about(new, f"of the release {new.name!r} {changes}", _HAND_OVER)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """Both sides, and the findings about them."""

    organisation: Organisation
    before: Before

    @cached_property
    def now(self) -> Mapping[ReleaseKey, HelmRelease]:
        return {each.key: each for each in releases_of(self.organisation)}

    @cached_property
    def _subjects(self) -> Mapping[tuple[str, str], HelmRelease]:
        return {each.subject: each for each in self.now.values()}

    def about(self, release: HelmRelease, message: str, advice: str) -> Finding:
        """A finding about a release of the values, at the line that makes it."""
        team = self._team(release.team)
        if team is None:
            cluster = self.organisation.platform.cluster(release.cluster)
            return _finding(("", cluster.name), cluster.at, message, advice)
        at = next(
            each.at
            for each in team.publications
            if (each.namespace, each.cluster) == (release.namespace, release.cluster)
        )
        return _finding((team.name, release.namespace), at, message, advice)

    def left_behind(self, old: HelmRelease) -> Finding:
        """A release of a cluster that is still there."""
        instead = self._subjects.get(old.subject)
        if instead is not None:
            return self._under_another_name(old, instead)
        earlier = {each.key for each in self.before.releases}
        added = sorted(
            (each for each in self.now.values() if each.key not in earlier and _alike(each, old)),
            key=lambda each: each.namespace,
        )
        if old.team and added:
            return self._another_namespace(old, added[0])
        if old.team and old.namespace in self.organisation.platform.enrol:
            return self._without_team(old)
        return self._gone(old)

    def _under_another_name(self, old: HelmRelease, new: HelmRelease) -> Finding:
        what = f"namespace {old.namespace!r}" if old.team else f"the chart {old.chart}"
        by_tool = f" by {_TOOLS[new.tool]} instead of {_TOOLS[old.tool]}"
        message = (
            f"{what} on {old.cluster!r} would be published as {new.name!r}"
            f"{f' instead of {old.name!r}' if old.name != new.name else ''}"
            f"{by_tool if old.tool is not new.tool else ''}, and nothing takes the old release away"
        )
        return self.about(new, message, _HAND_OVER)

    def _another_namespace(self, old: HelmRelease, new: HelmRelease) -> Finding:
        message = (
            f"team {old.team!r} would publish namespace {new.namespace!r} to {old.cluster!r} "
            f"instead of {old.namespace!r}, whose release {old.name!r} nothing takes away"
        )
        advice = (
            "publish to the new namespace first, move the workloads, and take the old one away in "
            "a change of its own"
        )
        return self.about(new, message, advice)

    def _without_team(self, old: HelmRelease) -> Finding:
        message = (
            f"namespace {old.namespace!r} on {old.cluster!r} is enrolled without a team now, and "
            f"still has the policies of the release {old.name!r}"
        )
        advice = (
            "take the old release and its policies away as `transire docs publishing` describes, "
            "and ask for an entry in values/exceptions.yaml for this change"
        )
        at = Position(path=self.organisation.platform.path)
        return _finding(("", old.namespace), at, message, advice)

    def _gone(self, old: HelmRelease) -> Finding:
        team = self._team(old.team)
        cluster = self.organisation.platform.cluster(old.cluster)
        message = (
            f"the release {old.name!r} is not in the values any more: nothing takes it away, and "
            "its policies stay as they are"
        )
        advice = "decommission it by hand, as `transire docs publishing` describes"
        if team is None:
            return _finding(("", cluster.name), cluster.at, message, advice, Level.WARNING)
        return _finding((team.name, team.name), team.at, message, advice, Level.WARNING)

    def cluster_gone(self, cluster: str, releases: Iterable[HelmRelease]) -> Finding:
        """All releases of a cluster that is gone, with the cluster that took its place."""
        left = {(each.team, each.namespace) for each in releases if each.team}
        platform = self.organisation.platform
        for each in platform.clusters:
            is_new = each.name not in self.before.clusters
            there = {
                (now.team, now.namespace) for now in self.now.values() if now.cluster == each.name
            }
            if is_new and left & there:
                message = (
                    f"what was published to {cluster!r} would be published to {each.name!r}, under "
                    "other names, and nothing takes the old releases away"
                )
                return _finding(("", each.name), each.at, message, _HAND_OVER)
        message = (
            f"cluster {cluster!r} is not in the values any more: nothing takes its releases away, "
            "and its policies stay as they are"
        )
        advice = "decommission it by hand, as `transire docs publishing` describes"
        at = Position(path=platform.path)
        return _finding(("", cluster), at, message, advice, Level.WARNING)

    def _team(self, name: str) -> Team | None:
        return next((each for each in self.organisation.teams if each.name == name), None)


def _alike(one: HelmRelease, other: HelmRelease) -> bool:
    """Whether both are releases of one team on one cluster."""
    return (one.team, one.cluster) == (other.team, other.cluster)


def _finding(
    owner: tuple[str, str], at: Position, message: str, advice: str, level: Level | None = None
) -> Finding:
    team, entry = owner
    return Finding(team=team, entry=entry, at=at, message=message, help=advice, level=level)
