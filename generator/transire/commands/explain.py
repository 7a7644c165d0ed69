"""Verdicts for single flows: over our targets, or over any manifests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from transire.charts.chart import TARGETS
from transire.charts.layout import BASELINE, TIER
from transire.commands.explain_target import TargetFacts, target_reading
from transire.engines.api.reading import Reading
from transire.engines.registry import engine_named, engine_of, tiered
from transire.helm import HelmChoice, read_yaml
from transire.k8s.manifests import Manifest
from transire.meaning.target import Target, all_targets
from transire.model.engine import Release, Version
from transire.model.intent import Organisation
from transire.model.problems import Problem, Rejected, Unjudgeable, UsageError
from transire.pipeline.render import render_written
from transire.queries.cluster_json import cluster_from_json
from transire.queries.cluster_state import ClusterState
from transire.queries.query import Caveat, Decision, Query, Verdict
from transire.values.load import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One question with its answer, and what is true of the whole run."""

    query: Query
    decision: Decision
    reading: Reading
    caveats: tuple[Caveat, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Objects, the engine that judges them, the flags of its agent, and what to know besides."""

    manifests: tuple[Manifest, ...]
    release: Release
    options: Mapping[str, str] = field(default_factory=dict)
    caveats: tuple[Caveat, ...] = ()
    target: TargetFacts | None = None
    """What is known besides, where the objects are those of one of our targets."""


def subject_of_files(paths: Sequence[Path], engine: str) -> Subject:
    """The objects of some files, judged by `NAME[@VERSION]`; without a version, the newest.

    Raises:
        UsageError: if a file cannot be read or the engine is unknown.
        Rejected: with every document that is no object.
    """
    manifests: list[Manifest] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            text = path.read_bytes().decode("utf-8")
            manifests += read_yaml(text, str(path), start=len(manifests), given=True)
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error
        except Rejected as rejected:
            problems += rejected.problems
    if problems:
        raise Rejected(problems)
    release, caveats = release_of(engine)
    return Subject(manifests=tuple(manifests), release=release, caveats=caveats)


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

    Raises:
        UsageError: if there is no such target, or its charts are not generated.
        Rejected: if the values are wrong.
        HelmFailed: if Helm refuses.
    """
    written = _written_for(root, target)
    found = _target(load(root, written), target) if written else None
    if found is None:
        organisation = load(root)
        found = _target(organisation, target)
    if found is None:
        known = ", ".join(each.name for each in all_targets(organisation))
        raise UsageError(f"there is no target {target!r}; the targets are {known}")
    return _rendered(root, found, helm)


def _written_for(root: Path, target: str) -> list[str]:
    """The teams whose charts on the disk have the target, so that only their values are read."""
    path = f"{TARGETS}{target}.yaml"
    try:
        charts = [each for each in (root / "charts/teams").iterdir() if (each / path).is_file()]
    except OSError:  # nothing is written yet, or no file can have the name
        return []
    return [each.name for each in charts]


def _target(organisation: Organisation, name: str) -> Target | None:
    return next((each for each in all_targets(organisation) if each.name == name), None)


def _rendered(root: Path, target: Target, helm: HelmChoice | None) -> Subject:
    cluster = target.cluster
    charts = [(target.team, target.name), (BASELINE, cluster.name)]
    if tiered(cluster.release):
        charts.append((TIER, cluster.name))
    manifests: list[Manifest] = []
    for chart, name in charts:
        for _, text in render_written(root, chart, name, helm):
            manifests += read_yaml(text, chart, start=len(manifests))
    return Subject(
        manifests=tuple(manifests),
        release=cluster.release,
        options=dict(cluster.agent),
        target=TargetFacts.of(target),
    )


def cluster_of(path: Path | None, subject: Subject | None = None) -> ClusterState:
    """What a file tells of a cluster; without one, what the platform declares of a target's.

    Raises:
        UsageError: if the file cannot be read.
        Rejected: with every mistake in it.
    """
    if path is None:
        about = None if subject is None else subject.target
        return ClusterState() if about is None else about.state
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    return cluster_from_json(text, path=str(path))


def reading_of(subject: Subject, cluster: ClusterState) -> Reading:
    """The subject's objects as their engine reads them.

    Raises:
        NotModelled: if the engine's version is not modelled.
        Unjudgeable: if an agent flag is not modelled.
    """
    about = subject.target
    if about is not None:
        return target_reading(subject.manifests, subject.release, subject.options, about, cluster)
    engine = engine_of(subject.release)
    return engine.reading(subject.manifests, subject.release, cluster, subject.options)


def explain(
    subject: Subject, cluster: ClusterState, queries: Iterable[Query]
) -> Iterator[Explained]:
    """A verdict for each query; what cannot be judged is a verdict of its own, never a guess.

    Raises:
        NotModelled: if the engine's version is not modelled.
        Unjudgeable: if an agent flag is not modelled.
    """
    reading = reading_of(subject, cluster)
    for query in queries:
        yield Explained(
            query=query,
            decision=decided(reading, query),
            reading=reading,
            caveats=subject.caveats,
        )


def decided(reading: Reading, query: Query) -> Decision:
    """The verdict for one query; what cannot be judged is a verdict of its own."""
    try:
        return reading.decide(query)
    except Unjudgeable as unjudgeable:
        return Decision(verdict=Verdict.UNJUDGEABLE, reason=str(unjudgeable))
