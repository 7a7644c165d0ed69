"""A cluster that lives through every merge, written by one tool, and what was stored meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.e2e.argocd_sync import applications, sync
from support.e2e.client import Body, Client, Ref
from support.e2e.continuity import Judge
from support.e2e.control_plane import ControlPlane
from support.e2e.example import CLUSTERS, ExampleCluster, cluster_of
from support.e2e.helms import Helm, helm_of
from support.e2e.history import History, recorded
from support.e2e.setting import add_namespaces, may_write
from support.e2e.wait import until
from transire.meaning.target import Baseline, baseline_of
from transire.values.load import load

ARGOCD, ARGOCD_REVERSED, FLUX = "Argo CD", "Argo CD in reverse", "Flux"
HELM_4, HELM = "Helm 4 by hand", "Helm by hand"
BY_HAND = (HELM_4, HELM)
"""People with every right, whom an admission policy refuses all the same."""
HELMS = (FLUX, *BY_HAND)
"""Who keeps releases, and so can go back to one."""

ROLLED_BACK = "rolled back"

_OF_FLUX = ("prod-onprem", "prod-us")
WAYS = [
    (cluster, way)
    for cluster in CLUSTERS
    for way in ((FLUX, HELM) if cluster in _OF_FLUX else (ARGOCD, ARGOCD_REVERSED, *BY_HAND))
]
"""Each cluster with everybody who writes to it."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """One cluster as one merge leaves it in the repository."""

    cluster: ExampleCluster
    baseline: Baseline

    @classmethod
    def of(cls, folder: Path, name: str) -> Version:
        """The cluster of that name in a generated repository."""
        organisation = load(folder)
        baseline = baseline_of(organisation, organisation.platform.cluster(name))
        return cls(cluster=cluster_of(folder, name), baseline=baseline)

    @property
    def enrolled(self) -> frozenset[str]:
        """Namespaces that have policies of ours, in whatever mode."""
        return frozenset((*self.baseline.enforce, *self.baseline.audit))


@dataclass(frozen=True, kw_only=True)
class Merge:
    """One merge on one cluster: what it has before, if anything, and after, and what was stored."""

    name: str
    before: Version | None
    after: Version
    history: History

    @property
    def access(self) -> Sequence[Body]:
        """Objects of `access` that may be there: going back takes none of them away."""
        before = self.before.cluster.access if self.before else ()
        return (*before, *self.after.cluster.access)

    @property
    def still_enforced(self) -> frozenset[str]:
        """Namespaces that are enforced before and after."""
        before = self.before.baseline.enforce if self.before else ()
        return frozenset(before) & frozenset(self.after.baseline.enforce)

    @property
    def still_enrolled(self) -> frozenset[str]:
        """Namespaces that are enrolled before and after."""
        return self.after.enrolled & (self.before.enrolled if self.before else frozenset())


@dataclass(frozen=True, kw_only=True)
class Lived:
    """All merges of a cluster in their order, and its engine's reading."""

    way: str
    judge: Judge
    merges: tuple[Merge, ...]


def live(plane: ControlPlane, way: str, versions: Mapping[str, Version], folder: Path) -> Lived:
    """Write every version of one cluster, one after another, and record what is stored.

    Every version has the name of its merge.
    """
    admin, writer = plane.client, _Writer(plane=plane, way=way, folder=folder)
    chosen = {
        name: version
        for name, version in versions.items()
        if not (way in BY_HAND and version.cluster.guarded)
    }
    for version in chosen.values():
        add_namespaces(admin, sorted({*version.cluster.namespaces, *version.enrolled}))
    merges: list[tuple[str, Version | None, Version]] = []
    before: Version | None = None
    with recorded(admin, _collections(admin, chosen.values())) as recording:
        for name, version in chosen.items():
            writer.write(before.cluster if before else None, version.cluster)
            recording.mark(name)
            merges.append((name, before, version))
            before = version
        if before is not None and way in HELMS:
            first = next(iter(chosen.values()))
            writer.roll_back(before.cluster)
            recording.mark(ROLLED_BACK)
            merges.append((ROLLED_BACK, before, first))
    return Lived(
        way=way,
        judge=Judge(cluster=next(iter(chosen.values())).baseline.cluster),
        merges=tuple(
            Merge(name=name, before=was, after=now, history=recording.parts[name])
            for name, was, now in merges
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _Writer:
    """Whoever writes to the cluster."""

    plane: ControlPlane
    way: str
    folder: Path

    def write(self, before: ExampleCluster | None, now: ExampleCluster) -> None:
        """What a merge does: rights first, then the releases that changed."""
        self._grant(before, now)
        if self.way in {ARGOCD, ARGOCD_REVERSED}:
            self._sync(before, now)
        else:
            self._upgrade(before, now)

    def roll_back(self, now: ExampleCluster) -> None:
        """Every release back to its first revision."""
        helm = self._helm()
        for each in now.releases:
            if len(helm.history(each)) > 1:
                helm.rollback(each, 1)

    def _grant(self, before: ExampleCluster | None, now: ExampleCluster) -> None:
        """The folder `access`; Flux prunes what is not in it any more."""
        admin = self.plane.client
        kept = {admin.ref(each) for each in now.access}
        for body in now.access:
            admin.apply(body, manager="root").object()
        until(lambda: all(may_write(admin, now.releases)), "rights that were granted never act")
        for body in before.access if before and self.way == FLUX else ():
            if (ref := admin.ref(body)) not in kept:
                assert admin.delete(ref).ok

    def _sync(self, before: ExampleCluster | None, now: ExampleCluster) -> None:
        last = {each.name: each.release.objects for each in applications(before)} if before else {}
        found = applications(now)
        for each in reversed(found) if before and self.way == ARGOCD_REVERSED else found:
            if last.get(each.name) != each.release.objects:
                sync(
                    self.plane.client,
                    each,
                    last.get(each.name, ()),
                    last_first=self.way == ARGOCD_REVERSED,
                )

    def _upgrade(self, before: ExampleCluster | None, now: ExampleCluster) -> None:
        last = {each.name: each.objects for each in before.releases} if before else {}
        for each in now.releases:
            if each.name not in last:
                self._helm().install(each)
            elif last[each.name] != each.objects:
                self._helm().upgrade(each)

    def _helm(self) -> Helm:
        return helm_of(
            "executable" if self.way == HELM else "sdk",
            self.plane.kubeconfig,
            self.folder,
            in_their_names=self.way == FLUX,
        )


def _collections(admin: Client, versions: Iterable[Version]) -> set[str]:
    """Where objects of these versions are, in all namespaces."""
    bodies = [each for version in versions for each in version.cluster.rendered]
    return {
        Ref(version=ref.version, resource=ref.resource, namespace="", name="").collection
        for ref in {body["kind"]: admin.ref(body) for body in bodies}.values()
    }
