"""What a chart does beyond the one it follows: the step that its version must take.

A chart is judged alone, under the platform's settings and in the tier as they are now: what its
objects of both sides would allow if there were no others. So a version states what this chart
changes, whatever changes beside it, and it can be found for a base whose values nobody can read
any more. A namespace that a chart begins to govern loses access; one that it leaves gains it.

What cannot be judged counts as access taken away: nobody should take such a version lightly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from transire.charts.chart import TARGETS, target_name, written_mode
from transire.charts.layout import BASELINE, TIER
from transire.charts.versions.change_list import ChangeEntry, ChangeKind
from transire.charts.versions.semver import Change
from transire.engines.registry import engine_of, tiered
from transire.flows.pod_set import PodSet
from transire.helm import HelmChoice, read_yaml
from transire.k8s.manifests import Manifest
from transire.meaning.world import world
from transire.model.intent import Cluster, Mode, Platform
from transire.model.problems import HelmFailed, Rejected
from transire.pipeline.renderer import PLATFORM_NAMESPACE, Renderer
from transire.review.diff.changes import Side, TargetChange
from transire.review.diff.compare import compare
from transire.review.diff.grouped_targets import GrantRow, Group, grouped
from transire.review.diff.observed import API_SERVER, see, unknown
from transire.review.proof.cluster_objects import ClusterObjects

Files = Mapping[str, bytes]
"""A chart's files, by path in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step from one chart to the next: its class, and what it is in words."""

    change: Change
    entries: tuple[ChangeEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Two charts of one place, of which the second follows the first."""

    place: str
    before: Files
    after: Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Judges steps; `tier` holds the files of the chart of the tier as it is now."""

    platform: Platform
    tier: Files
    helm: HelmChoice | None

    def of(self, wanted: Iterable[Between]) -> list[Step]:
        """The step of each pair, in their order.

        Raises:
            HelmFailed: if there is no Helm, or it refuses a chart that is to be written.
        """
        pairs = list(wanted)
        if not pairs:
            return []
        judge = _Judge(platform=self.platform, tier=self.tier, renderer=Renderer.using(self.helm))
        return [judge.between(each.place, each.before, each.after) for each in pairs]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """Judges one step after the other; `tiers` holds what it has rendered, by cluster."""

    platform: Platform
    tier: Files
    renderer: Renderer
    tiers: dict[str, ClusterObjects] = field(default_factory=dict)

    def between(self, place: str, before: Files, after: Files) -> Step:
        """What the chart at that place does beyond the one before.

        Raises:
            HelmFailed: if Helm refuses the chart that is to be written.
        """
        clusters = {each.name: each for each in self.platform.clusters}
        found: list[TargetChange] = []
        for name in sorted({*_targets(before), *_targets(after)}):
            namespace, _, cluster = name.rpartition(".")
            if cluster in clusters:
                change = self._target(place, namespace, clusters[cluster], before, after)
                found += [] if change is None else [change]
        return Step(change=_greatest(found), entries=tuple(_entries(found)))

    def _target(
        self, place: str, namespace: str, cluster: Cluster, before: Files, after: Files
    ) -> TargetChange | None:
        """What changes on one target, or None where the objects of both sides are the same."""
        pods = PodSet.in_namespace(namespace) if namespace else PodSet.everything()
        traits = engine_of(cluster.release).traits(cluster)
        flows = world(cluster, traits).restrict(source=pods)
        new = self._objects(place, namespace, cluster, after)
        now = _side(after, namespace, cluster)
        then = _side(before, namespace, cluster)
        try:
            old = self._objects(place, namespace, cluster, before)
        except (HelmFailed, Rejected) as error:
            seen = unknown(then, (), str(error))
        else:
            if [each.body for each in old] == [each.body for each in new] and then == now:
                return None
            seen = see(then, old, cluster, flows, API_SERVER)
        return compare(
            namespace, cluster.name, seen, see(now, new, cluster, flows, API_SERVER), flows
        )

    def _objects(
        self, place: str, namespace: str, cluster: Cluster, files: Files
    ) -> tuple[Manifest, ...]:
        """The chart's objects for a target, in the tier where the engine has one."""
        shared = self._shared(place, cluster, files)
        if not namespace:
            return shared.all
        text = self.renderer.target(files, f"{namespace}.{cluster.name}", namespace)
        return shared.with_own(namespace, read_yaml(text, f"charts/{place}") if text else ())

    def _shared(self, place: str, cluster: Cluster, files: Files) -> ClusterObjects:
        """The platform's objects that count: the tier beside a team's, or those of the chart."""
        if place not in {BASELINE, TIER}:
            if cluster.name not in self.tiers:
                self.tiers[cluster.name] = self._with(cluster, tier=self.tier)
            return self.tiers[cluster.name]
        if place == TIER:
            return self._with(cluster, tier=files)
        return self._with(cluster, tier=self.tier, baseline=files)

    def _with(
        self, cluster: Cluster, *, tier: Files, baseline: Files | None = None
    ) -> ClusterObjects:
        def text(files: Files) -> str:
            return self.renderer.target(files, cluster.name, PLATFORM_NAMESPACE)

        return ClusterObjects(
            cluster=cluster,
            baseline=text(baseline or {}),
            tier=text(tier) if tiered(cluster.release) else "",
        )


def _targets(files: Files) -> Iterator[str]:
    return (target_name(each) for each in files if each.startswith(TARGETS))


def _side(files: Files, namespace: str, cluster: Cluster) -> Side | None:
    """How the chart has the target; the platform's charts hold both modes at once."""
    name = f"{namespace}.{cluster.name}" if namespace else cluster.name
    content = files.get(f"{TARGETS}{name}.yaml")
    if content is None:
        return None
    mode = written_mode(content) if namespace else Mode.ENFORCE
    return Side(team="", engine=str(cluster.release), mode=mode, environment=cluster.environment)


def _greatest(changes: Iterable[TargetChange]) -> Change:
    """Access taken away is a major step, access added a minor one, anything else a patch."""
    classes = {each.change for each in changes}
    if any(each.closes for each in classes):
        return Change.MAJOR
    return Change.MINOR if any(each.opens for each in classes) else Change.PATCH


def _entries(changes: Iterable[TargetChange]) -> Iterator[ChangeEntry]:
    """The changes in sentences, those of several clusters together."""
    changed = False
    for group in grouped(changes):
        for note in group.notes:
            changed = True
            yield ChangeEntry(kind=ChangeKind.CHANGED, description=f"{_where(group)}: {note}")
        for row in group.rows:
            changed = True
            kind = ChangeKind.ADDED if row.sign == "+" else ChangeKind.REMOVED
            yield ChangeEntry(kind=kind, description=_sentence(group, row))
    if not changed:
        yield ChangeEntry(kind=ChangeKind.CHANGED, description="what may be reached stays the same")


def _where(group: Group) -> str:
    return "; ".join(
        f"{namespace or 'the baseline'} on {', '.join(clusters)}"
        for namespace, clusters in group.places
    )


def _sentence(group: Group, row: GrantRow) -> str:
    verb = "may reach" if row.sign == "+" else "no longer reaches"
    return f"{_where(group)}: {row.who} {verb} {row.to} on {row.ports}"
