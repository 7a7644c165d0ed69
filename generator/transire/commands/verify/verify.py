"""The same proof, on what runs: each namespace by its rendered and its live objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from transire.commands.arguments import StrPath, files_at, folder_at, revision_named
from transire.commands.diff.revision import TargetKey, ValuesSnapshot
from transire.commands.given_files import read_given
from transire.commands.helm_choice import helm_named
from transire.commands.named_targets import check_cluster
from transire.commands.verify.live_objects import (
    Key,
    Stranger,
    UnheldPod,
    Whose,
    as_rendered,
    is_ours,
    key_of,
    policies_of,
    strangers,
    unheld_pods,
    without_empties,
)
from transire.engines.registry import engine_of
from transire.flows.pod_set import PodSet
from transire.flows.port_set import PortSet
from transire.git.snapshots import snapshot_at
from transire.helm import HelmChoice
from transire.k8s.manifests import Manifest
from transire.meaning.meaning import api_server_ports
from transire.model.engine import Release, Version
from transire.model.intent import Cluster
from transire.model.problems import UsageError
from transire.pipeline.renderer import Renderer
from transire.review.diff.changes import Diff, TargetChange
from transire.review.diff.compare import Seen, compare
from transire.review.diff.observed import API_SERVER, see
from transire.review.diff.sort_order import biggest_first


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a cluster holds beside what it should.

    `diff` leads from the values to what runs, for every namespace that was looked at. `missing` and
    `changed` name rendered objects, `strangers` are those that the values do not have. With
    `upgrade`, `diff` leads from what runs on the engine's release to what the same objects come to
    on another.
    """

    cluster: str
    revision: str
    diff: Diff
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    strangers: tuple[Stranger, ...]
    unheld: tuple[UnheldPod, ...]
    ahead: bool
    upgrade: str = ""

    @property
    def is_true(self) -> bool:
        """Whether the cluster holds what the values have, and nothing beside it."""
        return not (self.missing or self.changed or self.strangers or self.diff.targets)

    @property
    def is_unknown(self) -> bool:
        """Whether a namespace could not be judged."""
        return any(each.unjudged for each in self.diff.targets)


def verify(
    root: StrPath,
    files: StrPath | Iterable[StrPath],
    *,
    target: str = "",
    cluster: str = "",
    at: StrPath | None = None,
    release: str = "",
    helm: HelmChoice | None = None,
) -> Verified:
    """Hold what a cluster has, from `kubectl get`, against the values of a revision.

    Args:
        root: the policy repository.
        files: what the cluster holds: files, folders, and `-` for standard input.
        target: the one namespace to look at, `NAMESPACE.CLUSTER`.
        cluster: the cluster, of which all namespaces are looked at.
        at: the revision whose values and charts count; without one, `HEAD`.
        release: a version of the cluster's engine; with one, what an upgrade changes for the live
            objects.
        helm: which Helm renders; without a choice, what is there.

    Raises:
        UsageError: if neither a target nor a cluster is named, or one does not exist.
        NotModelled: if the release is not modelled.
        Rejected: if the values are wrong, or a document is no object.
        HelmFailed: if Helm refuses a chart.
        GitFailed: if Git fails.
    """
    snapshot, ahead = snapshot_at(folder_at(root), revision_named(at))
    values = ValuesSnapshot.of(snapshot, None, Renderer.using(helm_named(helm)))
    name, namespaces = _named(values, target, cluster)
    given = read_given(files_at(files)).rendered()
    live = _without_built_in(policies_of(given), values, name)
    if not live:
        raise UsageError("there is no network policy in the input; is it what kubectl printed?")
    _must_be_single(live)
    side = _Cluster.of(values, name, live)
    keys = [(each, name) for each in sorted(namespaces)]
    if release:
        changes = [side.upgraded(key, _release(side.cluster, release)) for key in keys]
    else:
        changes = [side.change(key) for key in keys]
    whole = not target
    own = [each for each in side.rendered.values() if _is_of(each, namespaces, whole=whole)]
    alien = strangers(side.live, side.rendered)
    return Verified(
        cluster=name,
        revision=snapshot.name,
        diff=Diff(
            base="what runs" if release else f"the values of {snapshot.name}",
            head=f"the same on {release}" if release else f"what {name} holds",
            looked_at=len(keys),
            targets=biggest_first(each for each in changes if each is not None),
        ),
        missing=tuple(str(e.ref) for e in own if key_of(e) not in side.by_key),
        changed=tuple(str(each.ref) for each in own if side.is_changed(each)),
        strangers=tuple(
            each
            for each in alien
            if _is_of(each.manifest, namespaces, whole=whole)
            or (whole and each.whose is Whose.LEFTOVER)
        ),
        unheld=unheld_pods(given, frozenset(each for each, _ in side.keys)) if whole else (),
        ahead=ahead,
        upgrade=release,
    )


def _without_built_in(
    live: tuple[Manifest, ...], values: ValuesSnapshot, name: str
) -> tuple[Manifest, ...]:
    """The objects without the tiers that engines bring, which decide nothing by themselves."""
    release = values.clusters[name].release
    tier = engine_of(release).kinds(release).tier
    ours = values.organisation.platform.tier.name
    return tuple(
        each
        for each in live
        if tier is None or each.ref.kind != tier.kind or each.ref.name == ours or is_ours(each)
    )


def _must_be_single(live: Iterable[Manifest]) -> None:
    """Refuse input that has one object in two states.

    Raises:
        UsageError: if so.
    """
    for key, count in Counter(key_of(each) for each in live).items():
        if count > 1:
            where = "/".join(part for part in key[2:] if part)
            raise UsageError(f"{key[1]} {where} is in the input {count} times: give it once")


def _named(values: ValuesSnapshot, target: str, cluster: str) -> tuple[str, frozenset[str]]:
    """The cluster, and the namespaces on it that are looked at."""
    if bool(target) == bool(cluster):
        raise UsageError("name either --target NAMESPACE.CLUSTER or --cluster NAME")
    namespace, _, name = target.rpartition(".") if target else ("", "", cluster)
    check_cluster(name, values.clusters)
    keys = {*values.targets, *values.alone()}
    known_here = frozenset(each for each, on in keys if on == name)
    if not target:
        return name, known_here
    if namespace not in known_here:
        listed = ", ".join(sorted(known_here)) or "none"
        raise UsageError(f"{namespace!r} is not enrolled on {name!r}; there are {listed}")
    return name, frozenset({namespace})


def _is_of(manifest: Manifest, namespaces: frozenset[str], *, whole: bool) -> bool:
    """Whether an object concerns what is looked at: cluster-wide ones do where all is."""
    return manifest.ref.namespace in namespaces or (whole and not manifest.ref.namespace)


def _release(cluster: Cluster, written: str) -> Release:
    engine = engine_of(cluster.release)
    try:
        found = Release(engine=cluster.release.engine, version=Version.parse(written))
    except ValueError as error:
        raise UsageError(str(error)) from error
    engine.releases.check(found)
    return found


@dataclass(frozen=True, kw_only=True)
class _Cluster:
    """One cluster: what the values have for it, and what it holds."""

    values: ValuesSnapshot
    name: str
    cluster: Cluster
    live: tuple[Manifest, ...]
    by_key: dict[Key, Manifest]
    rendered: dict[Key, Manifest]
    keys: tuple[TargetKey, ...]

    @classmethod
    def of(cls, values: ValuesSnapshot, name: str, live: tuple[Manifest, ...]) -> _Cluster:
        keys = tuple(each for each in {*values.targets, *values.alone()} if each[1] == name)
        objects = [*values.shared(name).all, *(each for key in keys for each in values.own(key))]
        rendered = {key_of(each): without_empties(each) for each in policies_of(objects)}
        stored = [as_rendered(each, rendered.get(key_of(each))) for each in live]
        return cls(
            values=values,
            name=name,
            cluster=values.clusters[name],
            live=live,
            by_key={key_of(each): each for each in stored},
            rendered=rendered,
            keys=keys,
        )

    def is_changed(self, rendered: Manifest) -> bool:
        """Whether the cluster has an object otherwise than it is rendered."""
        live = self.by_key.get(key_of(rendered))
        return live is not None and live.body != rendered.body

    def change(self, key: TargetKey) -> TargetChange | None:
        """From what the values have for a namespace to what it holds."""
        before = self._seen(key, self._governing(key[0], self.rendered.values()), self.cluster)
        after = self._seen(key, self._governing(key[0], self.by_key.values()), self.cluster)
        return self._compared(key, before, after)

    def upgraded(self, key: TargetKey, release: Release) -> TargetChange | None:
        """From what the live objects come to on the cluster's release to another."""
        live = self._governing(key[0], self.by_key.values())
        before = self._seen(key, live, self.cluster)
        after = self._seen(key, live, replace(self.cluster, release=release))
        return self._compared(key, before, after)

    def _compared(self, key: TargetKey, before: Seen, after: Seen) -> TargetChange | None:
        world = self.values.shared(self.name).world.restrict(source=PodSet.in_namespace(key[0]))
        return compare(*key, before, after, world)

    def _governing(self, namespace: str, objects: Iterable[Manifest]) -> tuple[Manifest, ...]:
        """The objects that may concern the pods of a namespace, numbered as one input."""
        scope = engine_of(self.cluster.release).scope
        found = []
        for each in objects:
            names = scope.namespaces(each)
            if each.ref.namespace not in {"", namespace} or not (
                names is None or namespace in names
            ):
                continue
            found.append(each if names is None else scope.narrowed(each))
        return tuple(replace(each, index=index) for index, each in enumerate(found))

    def _seen(self, key: TargetKey, objects: Sequence[Manifest], cluster: Cluster) -> Seen:
        target = self.values.targets.get(key)
        ports = API_SERVER | (api_server_ports(target) if target else PortSet.nothing())
        flows = self.values.shared(self.name).world.restrict(source=PodSet.in_namespace(key[0]))
        seen = see(self.values.side(key), objects, cluster, flows, ports)
        return replace(seen, bases=self.values.bases(key))
