"""Verdicts for single flows: over our targets, or over any manifests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from transire.charts.chart import TARGETS
from transire.charts.layout import BASELINE, TIER
from transire.commands.arguments import StrPath, file_at, files_at, folder_at
from transire.commands.explain_queries import single_query
from transire.commands.explain_target import TargetFacts, target_reading
from transire.commands.given_files import read_given
from transire.commands.helm_choice import helm_named
from transire.engines.api.capabilities import Never
from transire.engines.api.reading import Reading
from transire.engines.registry import engine_named, engine_of, tiered
from transire.helm import HelmChoice, read_yaml
from transire.k8s.admission import Pruned, Refused
from transire.k8s.manifests import Manifest
from transire.meaning.target import Target, all_targets
from transire.model.engine import Definitions, Release, Version
from transire.model.intent import Organisation
from transire.model.problems import Unjudgeable, UsageError
from transire.pipeline.render import render_written
from transire.queries.cluster_json import cluster_from_json
from transire.queries.cluster_state import ClusterState
from transire.queries.declared_cluster import declared_resolver
from transire.queries.given_objects import with_objects
from transire.queries.query import Caveat, Decision, Query, Verdict
from transire.values.load import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One query with its verdict.

    `caveats` are those of this verdict and of the whole run; `refused` and `pruned` are the objects
    and fields that are left out, the same for every query of a run.
    """

    query: Query
    decision: Decision
    caveats: tuple[Caveat, ...]
    refused: tuple[Refused, ...]
    pruned: tuple[Pruned, ...]

    @property
    def verdict(self) -> Verdict:
        """Allow, deny, or unjudgeable."""
        return self.decision.verdict

    def __repr__(self) -> str:
        return f"<Explained {self.query.id}: {self.verdict}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Objects, the engine that judges them, the flags of its agent, and what to know besides."""

    manifests: tuple[Manifest, ...]
    release: Release
    options: Mapping[str, str] = field(default_factory=dict)
    caveats: tuple[Caveat, ...] = ()
    target: TargetFacts | None = None
    """What is known besides, where the objects are those of one of our targets."""


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
    return Subject(manifests=manifests, release=release, caveats=caveats)


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
        options=engine_of(cluster.release).options(cluster),
        target=TargetFacts.of(target),
    )


def cluster_of(
    path: Path | None, subject: Subject | None = None, definitions: Definitions | None = None
) -> ClusterState:
    """What a file holds about a cluster; without one, what the platform declares of a target's.

    `definitions` are how the cluster serves its engine's API, where neither of the two has it.

    Raises:
        UsageError: if the file cannot be read, or two of these contradict each other.
        Rejected: with every mistake in the file.
    """
    about = None if subject is None else subject.target
    state = _cluster_file(path, about)
    known = [("--definitions is", definitions)]
    if path is not None:
        known.insert(0, (f"{path} has definitions", state.definitions))
    if about is not None:
        declared = f"the platform's file gives cluster {about.cluster.name} definitions"
        known.insert(0, (declared, about.cluster.definitions))
    given = () if subject is None or about is not None else subject.manifests
    return with_objects(replace(state, definitions=_agreed(known, subject)), given)


def _agreed(
    known: Sequence[tuple[str, Definitions | None]], subject: Subject | None
) -> Definitions | None:
    """The definitions that are given, if any are; `known` holds who gives them.

    Raises:
        UsageError: if not all are the same, or the engine has no such thing.
    """
    given = [(who, each) for who, each in known if each is not None]
    if not given:
        return None
    first, found = given[0]
    for who, other in given[1:]:
        if other is not found:
            raise UsageError(f"{first} {found}, and {who} {other}")
    engine = None if subject is None else engine_of(subject.release)
    if engine and isinstance(engine.capabilities.native_definitions, Never):
        raise UsageError(f"{first} {found}, and the API of {engine.name} is served in one way only")
    return found


def _cluster_file(path: Path | None, about: TargetFacts | None) -> ClusterState:
    if path is None:
        return ClusterState() if about is None else declared_resolver(about.cluster)[1]
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


Question = Query | tuple[str, str]
"""A query, or a source and a destination as `--from` and `--to` take them."""


def explain(
    questions: Iterable[Question],
    *,
    root: StrPath = ".",
    target: str | None = None,
    files: StrPath | Iterable[StrPath] = (),
    engine: str | None = None,
    namespace: str = "",
    cluster: StrPath | None = None,
    definitions: str | None = None,
    helm: HelmChoice | None = None,
) -> tuple[Explained, ...]:
    """A verdict for each query, in order, about one of our targets or about any files.

    What cannot be judged is a verdict of its own, never a guess.

    Args:
        questions: pairs such as `("shop/app=web", "api.example.com:443")`, or queries.
        root: the policy repository of `target`.
        target: one of its targets, `NAMESPACE.CLUSTER`.
        files: any manifests instead, or folders of them, which `engine` judges.
        engine: `NAME` or `NAME@VERSION`.
        namespace: where objects of the files go that name no namespace.
        cluster: a file with what the cluster holds, as JSON.
        definitions: how the engine's API is served, `native` or `api-server`.
        helm: which Helm renders the target; without a choice, what is there.

    Raises:
        UsageError: if neither or both of `target` and `files` are given, a query has no meaning,
            definitions contradict each other or the engine has none,
            or a target, a file or the engine does not exist.
        Rejected: if the values, a document or the cluster file are wrong.
        NotModelled: if the engine's version is not modelled.
        Unjudgeable: if an agent flag is not modelled.
        HelmFailed: if Helm refuses.
    """
    paths = files_at(files)
    if (target is None) == (not paths) or (engine is None) == bool(paths):
        raise UsageError("name either a target, or files with an engine")
    queries = [_query(question, number) for number, question in enumerate(questions, 1)]
    about = (
        subject_of_files(paths, engine or "", namespace)
        if target is None
        else subject_of_target(folder_at(root), target, helm_named(helm))
    )
    served = None if definitions is None else _definitions(definitions)
    reading = reading_of(about, cluster_of(file_at(cluster), about, served))
    return tuple(_explained(about, reading, query) for query in queries)


def _definitions(written: str) -> Definitions:
    if written not in set(Definitions):
        raise UsageError(f"definitions is {written!r}; write {' or '.join(Definitions)}")
    return Definitions(written)


def _query(question: Question, number: int) -> Query:
    if isinstance(question, Query):
        return question
    match question:
        case (str(source), str(destination)):
            return single_query(source, destination, name=str(number))
        case _:
            raise UsageError(
                "a question is a pair such as ('shop/app=web', 'api.example.com:443'), "
                f"not {question!r}"
            )


def _explained(about: Subject, reading: Reading, query: Query) -> Explained:
    decision = decided(reading, query)
    return Explained(
        query=query,
        decision=decision,
        caveats=(*decision.caveats, *about.caveats),
        refused=reading.refused,
        pruned=reading.pruned,
    )


def decided(reading: Reading, query: Query) -> Decision:
    """The verdict for one query; what cannot be judged is a verdict of its own."""
    try:
        return reading.decide(query)
    except Unjudgeable as unjudgeable:
        return Decision(verdict=Verdict.UNJUDGEABLE, reason=str(unjudgeable))
