"""The same proof, on what runs: each namespace by its rendered and its live objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transire.commands.arguments import StrPath, files_at, folder_at, revision_named
from transire.commands.diff.revision import ValuesSnapshot
from transire.commands.helm_choice import helm_named
from transire.commands.named_targets import check_cluster
from transire.commands.verify.cluster_side import ClusterSide
from transire.commands.verify.dump import coverage, must_be_single, read_dump, resources
from transire.commands.verify.live_objects import State, Stranger, Whose, going, policies_of
from transire.commands.verify.pins import Chosen, chosen_revision
from transire.commands.verify.unheld_pods import UnheldPod, pods_of, unheld_pods
from transire.commands.verify.upgrade import ReadOtherwise, read_otherwise, release_named
from transire.helm import HelmChoice
from transire.k8s.manifests import Manifest
from transire.model.problems import UsageError
from transire.pipeline.progress import Progress, Watch
from transire.pipeline.renderer import Renderer
from transire.review.diff.changes import Diff
from transire.review.diff.sort_order import biggest_first
from transire.values.load import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a cluster holds beside what it should.

    `diff` leads from the values to what runs, for every namespace that was looked at. `missing` and
    `changed` name rendered objects, the latter with pointers to what differs; `strangers` are those
    that the values do not have, `rejected` are not accepted by what enforces them and count as if
    they were not there, `going` are being deleted, `pinned_otherwise` are releases of another
    revision. `notes` say what the input cannot show. With `upgrade`, `diff` leads from what runs on
    the engine's release to what the same objects come to on another, and `read_otherwise` names
    the objects of which that leaves out something else.
    """

    cluster: str
    revision: str
    diff: Diff
    missing: tuple[str, ...]
    changed: tuple[State, ...]
    strangers: tuple[Stranger, ...]
    unheld: tuple[UnheldPod, ...]
    ahead: bool
    rejected: tuple[State, ...] = ()
    going: tuple[State, ...] = ()
    pinned_otherwise: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    upgrade: str = ""
    read_otherwise: tuple[ReadOtherwise, ...] = ()
    is_redacted: bool = False
    """Whether what is opened and closed is left out, but for its direction and risk."""

    @property
    def is_true(self) -> bool:
        """Whether the cluster holds what the values have, and nothing beside it."""
        differs = (self.missing, self.changed, self.strangers, self.rejected, self.going)
        return not any((*differs, self.pinned_otherwise, self.diff.targets, self.read_otherwise))

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
    watch: Watch | None = None,
) -> Verified:
    """Hold what a cluster has, from `kubectl get`, against the values of a revision.

    Args:
        root: the policy repository.
        files: what the cluster holds: files, folders, and `-` for standard input.
        target: the one namespace to look at, `NAMESPACE.CLUSTER`.
        cluster: the cluster, of which all namespaces are looked at.
        at: the revision whose values and charts count; without one, the one that releases among
            the objects pin, or `HEAD` where there are none.
        release: a version of the cluster's engine; with one, what an upgrade changes for the live
            objects.
        helm: which Helm renders; without a choice, what is there.
        watch: is called with the namespaces that are judged, and those that there are.

    Raises:
        UsageError: if neither a target nor a cluster is named, or one does not exist.
        NotModelled: if the release is not modelled.
        Rejected: if the values are wrong, or a document is no object of a cluster.
        HelmFailed: if Helm refuses a chart.
        GitFailed: if Git fails.
    """
    if bool(target) == bool(cluster):
        raise UsageError("name either --target NAMESPACE.CLUSTER or --cluster NAME")
    given = read_dump(files_at(files))
    namespace, _, name = target.rpartition(".") if target else ("", "", cluster)
    chosen = chosen_revision(folder_at(root), revision_named(at), name, given)
    values = ValuesSnapshot.of(chosen.snapshot, None, Renderer.using(helm_named(helm)))
    check_cluster(name, values.clusters)
    side = ClusterSide.of(values, name, given)
    namespaces = _namespaces(side, namespace)
    if not given:
        raise UsageError("there is no object in the input; is it what kubectl printed?")
    must_be_single(side.live, side.key)
    diff = _diff(side, chosen, namespaces, release, watch)
    looked = _Looked(given=given, chosen=chosen, namespaces=namespaces, whole=not target)
    return _verified(side, looked, diff, release)


def verify_resources(root: StrPath, cluster: str) -> tuple[str, ...]:
    """What `verify` needs of a cluster, one for `kubectl get` each; some the cluster may not serve.

    Raises:
        Rejected: if the values are wrong.
        UsageError: if there is no such cluster.
    """
    clusters = {each.name: each for each in load(folder_at(root), None).platform.clusters}
    check_cluster(cluster, clusters)
    return resources(clusters[cluster].release)


def _namespaces(side: ClusterSide, namespace: str) -> frozenset[str]:
    """The namespaces that are looked at: one, or all."""
    known = frozenset(each for each, _ in side.keys)
    if not namespace:
        return known
    if namespace not in known:
        listed = ", ".join(sorted(known)) or "none"
        raise UsageError(f"{namespace!r} is not enrolled on {side.name!r}; there are {listed}")
    return frozenset({namespace})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What is looked at: of which objects and revision, and in which namespaces."""

    given: tuple[Manifest, ...]
    chosen: Chosen
    namespaces: frozenset[str]
    whole: bool


def _verified(side: ClusterSide, looked: _Looked, diff: Diff, release: str) -> Verified:
    given, chosen, whole = looked.given, looked.chosen, looked.whole

    def mine(found: Manifest) -> bool:
        return side.concerns(found, looked.namespaces, whole=whole)

    own = [each for each in side.rendered.values() if mine(each)]
    changed = ((each, side.difference(each)) for each in own)
    seen = [each for each in side.live if mine(each)]
    rejected = (state for key, state in side.rejected.items() if mine(side.by_key[key]))
    pods = pods_of(given)
    return Verified(
        cluster=side.name,
        revision=chosen.snapshot.name,
        diff=diff,
        missing=tuple(str(each.ref) for each in own if side.key(each) not in side.by_key),
        changed=tuple(State(object=str(e.ref), why=", ".join(at)) for e, at in changed if at),
        strangers=tuple(
            each
            for each in side.strangers()
            if mine(each.manifest) or (whole and each.whose is Whose.LEFTOVER)
        ),
        unheld=unheld_pods(pods, *_enrolled_and_system(side)) if whole else (),
        ahead=chosen.ahead,
        rejected=tuple(rejected),
        going=tuple(going(seen)),
        pinned_otherwise=chosen.otherwise,
        notes=(*chosen.notes, *_notes(side, given, has_pods=bool(pods) or not whole)),
        upgrade=release,
        read_otherwise=_read_otherwise(side, seen, release),
    )


def _diff(
    side: ClusterSide,
    chosen: Chosen,
    namespaces: frozenset[str],
    release: str,
    watch: Watch | None,
) -> Diff:
    keys = [(each, side.name) for each in sorted(namespaces)]
    other = release_named(side.cluster, release) if release else None
    progress = Progress(1, len(keys), watch)
    changes = []
    for key in keys:
        changes.append(side.change(key) if other is None else side.upgraded(key, other))
        progress.add(0, 1)
    return Diff(
        base="what runs" if release else f"the values of {chosen.snapshot.name}",
        head=f"the same on {release}" if release else f"what {side.name} holds",
        looked_at=len(keys),
        targets=biggest_first(each for each in changes if each is not None),
    )


def _read_otherwise(
    side: ClusterSide, seen: Iterable[Manifest], release: str
) -> tuple[ReadOtherwise, ...]:
    if not release:
        return ()
    live = policies_of(seen)
    return read_otherwise(live, side.cluster, release_named(side.cluster, release))


def _enrolled_and_system(side: ClusterSide) -> tuple[frozenset[str], frozenset[str]]:
    system = side.values.organisation.platform.system
    return frozenset(each for each, _ in side.keys), frozenset(system)


def _notes(side: ClusterSide, given: tuple[Manifest, ...], *, has_pods: bool) -> Iterable[str]:
    yield from coverage(given, side.live, side.cluster.release)
    if not has_pods:
        yield "the input holds no Pod: which pods nothing holds was not looked at"
    if side.rendered and not side.rendered.keys() & side.by_key.keys():
        yield f"the input holds none of the objects that {side.name} is to have: is it of there?"
