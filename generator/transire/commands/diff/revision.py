"""One side of a comparison: what its values mean and what its charts render, on demand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from transire.charts.chart import README, TARGETS, written_mode
from transire.charts.chart_yaml import NAME
from transire.charts.layout import BASELINE, TIER, team_place
from transire.delivery.gitops.release_names import baseline_release, team_release
from transire.engines.registry import ENGINES, engine_of, tiered
from transire.git.snapshots import Snapshot, values_of
from transire.helm import read_yaml
from transire.k8s.manifests import Manifest
from transire.meaning.target import Lowered, Target, all_targets, baseline_of
from transire.model.ends import End
from transire.model.intent import Cluster, GitOps, Mode, Organisation
from transire.model.problems import Rejected
from transire.pipeline.renderer import PLATFORM_NAMESPACE, Renderer
from transire.review.diff.bases import Bases, bases_of
from transire.review.diff.changes import Side
from transire.review.proof.cluster_objects import ClusterObjects
from transire.values.load import load_files
from transire.workspace.value_paths import EXCEPTIONS

TOOLS = {GitOps.ARGOCD: "Argo CD", GitOps.FLUX: "Flux"}
"""What tools are called."""

TargetKey = tuple[str, str]
"""A namespace and a cluster."""


@dataclass(frozen=True, kw_only=True)
class ValuesSnapshot:
    """A snapshot with the values of some teams, or of all."""

    snapshot: Snapshot
    organisation: Organisation
    renderer: Renderer

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        teams: frozenset[str] | None,
        renderer: Renderer,
        *,
        excepted: bool = False,
    ) -> ValuesSnapshot:
        """The snapshot with the values of those teams; None stands for all.

        Exceptions are left out unless `excepted`: nothing is reached through them.

        Raises:
            Rejected: if the values are wrong; each place begins with the commit's id.
        """
        try:
            files = values_of(snapshot)
            if not excepted:
                files = {path: each for path, each in files.items() if path != EXCEPTIONS}
            organisation = load_files(files, teams=teams)
        except Rejected as rejected:
            where = f"{snapshot.commit[:12]}:" if snapshot.commit else ""
            raise Rejected(
                replace(each, at=replace(each.at, path=f"{where}{each.at.path}"))
                for each in rejected.problems
            ) from None
        return cls(snapshot=snapshot, organisation=organisation, renderer=renderer)

    @cached_property
    def targets(self) -> Mapping[TargetKey, Target]:
        """The targets of the teams at hand."""
        return {
            (each.namespace, each.cluster.name): each for each in all_targets(self.organisation)
        }

    @cached_property
    def clusters(self) -> Mapping[str, Cluster]:
        """The clusters by name."""
        return {each.name: each for each in self.organisation.platform.clusters}

    @cached_property
    def published(self) -> frozenset[tuple[str, str, Mode]]:
        """Every namespace and cluster of the teams at hand, with its mode."""
        return frozenset(
            (each.namespace, each.cluster, each.mode)
            for team in self.organisation.teams
            for each in team.publications
        )

    def alone(self) -> Iterator[TargetKey]:
        """The namespaces that the platform enrols, on every cluster."""
        for namespace in self.organisation.platform.enrol:
            yield from ((namespace, cluster) for cluster in self.clusters)

    def side(self, key: TargetKey) -> Side | None:
        """How the namespace is enforced; None where it is not enrolled.

        The mode is the one that the chart renders, also where the values have another by now.
        """
        declared, target = self.declared(key), self.targets.get(key)
        if declared is None or target is None:
            return declared
        values = self._files(team_place(target.team)).get(f"{TARGETS}{target.name}.yaml")
        return declared if values is None else replace(declared, mode=written_mode(values))

    def declared(self, key: TargetKey) -> Side | None:
        """The same, from the values."""
        namespace, cluster = key
        target = self.targets.get(key)
        platform = self.organisation.platform
        if target is None and (namespace not in platform.enrol or cluster not in self.clusters):
            return None
        lowered = self._lowered(target)
        at = self.clusters[cluster]
        return Side(
            team=target.team if target else "",
            release=team_release(target.team, namespace, cluster)
            if target
            else baseline_release(cluster),
            tool=TOOLS[at.gitops],
            revocation=engine_of(at.release).revocation,
            engine=str(at.release),
            mode=target.mode if target else platform.mode,
            until=self._ends.get(key) if target else platform.until,
            environment=at.environment,
            delegated=frozenset((each.host, each.to) for each in lowered.delegated),
            approximated=frozenset(
                f"{each.written} is {each.done} to {', '.join(each.became)}; for example "
                f"{each.example} is {each.difference}"
                for each in lowered.approximated
            ),
        )

    @cached_property
    def _ends(self) -> Mapping[TargetKey, End | None]:
        """When the modes of targets end."""
        return {
            (each.namespace, each.cluster): each.until
            for team in self.organisation.teams
            for each in team.publications
        }

    def bases(self, key: TargetKey) -> Bases:
        """The rules of the values that hold in the namespace, those for everyone included."""
        namespace, name = key
        target, cluster = self.targets.get(key), self.clusters.get(name)
        if target is None and cluster is not None and namespace in self.organisation.platform.enrol:
            target = self._alone(namespace, cluster)
        return bases_of(target, self._lowered(target))

    def _alone(self, namespace: str, cluster: Cluster) -> Target:
        """An enrolled namespace as a target without rules of its own."""
        platform = self.organisation.platform
        return Target(
            team="",
            team_path=platform.path,
            namespace=namespace,
            cluster=cluster,
            mode=platform.mode,
            rules=(),
            everyone=baseline_of(self.organisation, cluster).everyone_in(namespace),
            platform=platform,
        )

    def _lowered(self, target: Target | None) -> Lowered:
        """The engine's findings about the target; nothing where this release would refuse it.

        A refusal is for `check` to report. Here it may be the base's, which another release made.
        """
        try:
            if target is not None:
                return ENGINES[target.cluster.release.engine].lower(target)
        except Rejected:
            pass
        return Lowered(values={})

    def own(self, key: TargetKey) -> tuple[Manifest, ...]:
        """What the team's chart renders for a target; nothing where there is none.

        Raises:
            HelmFailed: if Helm refuses.
        """
        target = self.targets.get(key)
        if target is None:
            return ()
        place = team_place(target.team)
        return tuple(read_yaml(self._text(place, target.name, key[0]), f"charts/{place}"))

    def shared(self, cluster: str) -> ClusterObjects:
        """What all namespaces of the cluster have in common.

        Raises:
            HelmFailed: if Helm refuses.
        """
        if cluster not in self._shared:
            described = self.clusters[cluster]
            in_tier = tiered(described.release)
            self._shared[cluster] = ClusterObjects(
                cluster=described,
                baseline=self._text(BASELINE, cluster, PLATFORM_NAMESPACE),
                tier=self._text(TIER, cluster, PLATFORM_NAMESPACE) if in_tier else "",
            )
        return self._shared[cluster]

    @cached_property
    def _shared(self) -> dict[str, ClusterObjects]:
        return {}

    def _text(self, place: str, name: str, namespace: str) -> str:
        """What Helm renders for a target; empty where there is no such chart or target."""
        return self.renderer.target(self._files(place), name, namespace)

    def _files(self, place: str) -> Mapping[str, bytes]:
        if place not in self._read:
            under = f"charts/{place}/"
            files = self.snapshot.read(f"{under}{path}" for path in self._charts.get(place, {}))
            self._read[place] = {path.removeprefix(under): each for path, each in files.items()}
        return self._read[place]

    @cached_property
    def _read(self) -> dict[str, Mapping[str, bytes]]:
        return {}

    @cached_property
    def _charts(self) -> Mapping[str, Mapping[str, str]]:
        """The ids of every chart's files, by place and path in the chart."""
        found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for path, content in self.snapshot.ids.items():
            match path.split("/", 3):
                case ["charts", "teams", team, rest]:
                    found[team_place(team)][rest] = content
                case ["charts", place, *rest] if place in {BASELINE, TIER}:
                    found[place]["/".join(rest)] = content
                case _:
                    continue
        return found

    def identity(self, key: TargetKey) -> frozenset[tuple[str, str]] | None:
        """What the team's objects for a target depend on, by content; None where there are none."""
        target = self.targets.get(key)
        if target is None:
            return None
        place = team_place(target.team)
        if f"{TARGETS}{target.name}.yaml" not in self._charts.get(place, {}):
            return None
        return self._rendered_from(place, target.name)

    def shared_identity(self, cluster: str) -> tuple[frozenset[tuple[str, str]], ...]:
        """What the objects that all namespaces of a cluster have in common depend on, likewise."""
        if cluster not in self._shared_identities:
            self._shared_identities[cluster] = tuple(
                self._rendered_from(place, cluster) for place in (BASELINE, TIER)
            )
        return self._shared_identities[cluster]

    @cached_property
    def _shared_identities(self) -> dict[str, tuple[frozenset[tuple[str, str]], ...]]:
        return {}

    def _rendered_from(self, place: str, name: str) -> frozenset[tuple[str, str]]:
        own = f"{TARGETS}{name}.yaml"
        return frozenset(
            (path, content)
            for path, content in self._charts.get(place, {}).items()
            if path == own or not (path in {NAME, README} or path.startswith(TARGETS))
        )
