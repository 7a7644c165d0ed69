"""What verdicts are about: objects, the engine that judges them, and what is known besides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from transire.charts.chart import TARGETS
from transire.charts.layout import BASELINE, TIER
from transire.commands.explain_target import NamespaceObjects, Namespaces, TargetFacts
from transire.commands.given_files import read_given
from transire.commands.named_targets import target_named, target_of
from transire.engines.registry import engine_named, engine_of, tiered
from transire.helm import HelmChoice, read_yaml
from transire.k8s.manifests import Manifest
from transire.meaning.target import Target, all_targets, targets_without_team
from transire.model.engine import Release, Version
from transire.model.intent import Cluster, Organisation
from transire.model.problems import UsageError
from transire.pipeline.render import render_written
from transire.queries.query import Caveat
from transire.values.load import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Objects, the engine that judges them, the flags of its agent, and what to know besides."""

    manifests: tuple[Manifest, ...]
    release: Release
    options: Mapping[str, str] = field(default_factory=dict)
    caveats: tuple[Caveat, ...] = ()
    namespaces: Namespaces | None = None
    """What is known besides, where objects are those of our own targets."""
    given: tuple[Manifest, ...] = ()
    """Those of `manifests` that come from files."""

    @property
    def cluster(self) -> Cluster | None:
        """The cluster of the platform's file that the subject is on, if it is one."""
        return None if self.namespaces is None else self.namespaces.cluster


def subject_of_files(paths: Sequence[Path], engine: str, namespace: str = "") -> Subject:
    """The objects of some files, judged by `NAME[@VERSION]`; without a version, the newest.

    Args:
        paths: files, folders, and `-` for standard input.
        engine: who judges.
        namespace: where namespaced objects go that name no namespace.

    Raises:
        UsageError: if a file cannot be read, or the namespace or the engine is none.
        Rejected: with every document that is no object, or is not rendered.
    """
    manifests = read_given(paths, namespace).rendered()
    release, caveats = release_of(engine)
    return Subject(manifests=manifests, release=release, caveats=caveats, given=manifests)


def release_of(engine: str) -> tuple[Release, tuple[Caveat, ...]]:
    """The release that `NAME[@VERSION]` names, with a caveat where no version is named.

    Raises:
        UsageError: if it names none.
        NotModelled: if the engine has such a release, and it is not modelled.
    """
    name, at, version = engine.partition("@")
    releases = engine_named(name).releases
    if at:
        try:
            release = Release(engine=name, version=Version.parse(version))
        except ValueError as error:
            raise UsageError(str(error)) from error
        releases.check(release)
        return release, ()
    release = releases.newest
    if release.version is None:
        return release, ()
    text = f"no version was named, so this is how {release} judges"
    return release, (Caveat(id="newest-version", text=text),)


def subject_of_target(root: Path, target: str, helm: HelmChoice | None = None) -> Subject:
    """What is rendered for one of our targets, with its cluster's baseline and tier.

    The objects of other namespaces are read when a pod of one of them is asked about.

    Raises:
        UsageError: if there is no such target, or its charts are not generated.
        Rejected: if the values are wrong.
        HelmFailed: if Helm refuses.
    """
    written = _written_for(root, target)
    found = target_of(load(root, written), target) if written else None
    if found is None:
        found = target_named(load(root), target)
    others = partial(_other_namespace, root, found.cluster.name, helm)
    return _subject(root, found.cluster, [found], helm, others=others)


def subject_of_cluster(
    root: Path,
    name: str,
    helm: HelmChoice | None = None,
    *,
    files: Sequence[Path] = (),
    namespace: str = "",
    engine: str | None = None,
    target: str | None = None,
) -> Subject:
    """Everything that is rendered for one of our clusters, and the objects of some files besides.

    Raises:
        UsageError: if there is no such cluster, it has another engine or has no such target, its
            charts are not generated, or a file cannot be read.
        Rejected: if the values are wrong, or a document of a file is.
        HelmFailed: if Helm refuses.
    """
    organisation = load(root)
    cluster = cluster_named(organisation, name)
    if engine is not None:
        same_engine(engine, cluster)
    targets = list(_targets_on(organisation, cluster))
    if target is not None and target not in (each.name for each in targets):
        known = ", ".join(each.name for each in targets)
        raise UsageError(f"there is no target {target!r}; the targets are {known}")
    if not (targets or files):
        raise UsageError(f"nothing is published to cluster {name}, so it has no release to judge")
    given = read_given(files, namespace).rendered() if files else ()
    return _subject(root, cluster, targets, helm, given=given)


def cluster_named(organisation: Organisation, name: str) -> Cluster:
    """The cluster of that name in the platform's file.

    Raises:
        UsageError: if there is none.
    """
    try:
        return organisation.platform.cluster(name)
    except KeyError:
        known = ", ".join(each.name for each in organisation.platform.clusters)
        raise UsageError(
            f"there is no cluster {name!r}; the clusters are {known}, and a cluster file is "
            f"written with a dot or a slash, such as ./{name}"
        ) from None


def same_engine(engine: str, cluster: Cluster) -> None:
    """Refuse an engine, `NAME[@VERSION]`, that is not the one of the cluster.

    Raises:
        UsageError: if it is another one, or none.
        NotModelled: if that release of it is not modelled.
    """
    named, own = release_of(engine)[0], cluster.release
    if named.engine != own.engine or ("@" in engine and named != own):
        raise UsageError(f"the engine is {engine}, and that of cluster {cluster.name} is {own}")


def _targets_on(organisation: Organisation, cluster: Cluster) -> Iterator[Target]:
    """Every enrolled namespace of the cluster, those of no team last."""
    yield from (each for each in all_targets(organisation) if each.cluster.name == cluster.name)
    yield from targets_without_team(organisation, cluster)


def _other_namespace(
    root: Path, cluster: str, helm: HelmChoice | None, namespace: str
) -> NamespaceObjects | None:
    """What governs another namespace of the cluster; None where it is not enrolled."""
    organisation = load(root)
    for each in _targets_on(organisation, organisation.platform.cluster(cluster)):
        if each.namespace == namespace:
            manifests = _rendered(root, each.cluster, [each], helm, start=0)
            return NamespaceObjects(manifests=tuple(manifests), facts=TargetFacts.of(each))
    return None


def _written_for(root: Path, target: str) -> list[str]:
    """The teams whose charts on the disk have the target, so that only their values are read."""
    path = f"{TARGETS}{target}.yaml"
    try:
        charts = [each for each in (root / "charts/teams").iterdir() if (each / path).is_file()]
    except OSError:  # nothing is written yet, or no file can have the name
        return []
    return [each.name for each in charts]


def _subject(
    root: Path,
    cluster: Cluster,
    targets: Sequence[Target],
    helm: HelmChoice | None,
    *,
    others: Callable[[str], NamespaceObjects | None] | None = None,
    given: Sequence[Manifest] = (),
) -> Subject:
    engine = engine_of(cluster.release)
    return Subject(
        manifests=(*given, *_rendered(root, cluster, targets, helm, start=len(given))),
        release=cluster.release,
        options=engine.options(cluster),
        namespaces=Namespaces(
            cluster=cluster,
            facts={each.namespace: TargetFacts.of(each) for each in targets},
            others=others,
            files=bool(given),
            families=engine.family_options(cluster),
        ),
        given=tuple(given),
    )


def _rendered(
    root: Path, cluster: Cluster, targets: Sequence[Target], helm: HelmChoice | None, start: int
) -> list[Manifest]:
    """The objects of these targets, and of the cluster's baseline and tier."""
    charts = [(each.team, each.name) for each in targets if each.team]
    if targets:
        charts.append((BASELINE, cluster.name))
        if tiered(cluster.release):
            charts.append((TIER, cluster.name))
    manifests: list[Manifest] = []
    for chart, name in charts:
        for _, text in render_written(root, chart, name, helm):
            manifests += read_yaml(text, chart, start=start + len(manifests))
    return manifests
