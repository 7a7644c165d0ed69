"""Verdicts for single flows: over our targets, or over any manifests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from transire.commands.arguments import StrPath, files_at, folder_at
from transire.commands.explain_cluster import cluster_file, cluster_name, cluster_of
from transire.commands.explain_queries import single_query
from transire.commands.explain_subject import (
    Subject,
    subject_of_cluster,
    subject_of_files,
    subject_of_target,
)
from transire.commands.explain_target import target_reading
from transire.commands.helm_choice import helm_named
from transire.commands.policy_root import find_root
from transire.engines.api.reading import Reading
from transire.engines.registry import engine_of
from transire.helm import HelmChoice
from transire.k8s.admission import Pruned, Refused
from transire.model.engine import Definitions
from transire.model.net import Network
from transire.model.problems import Unjudgeable, UsageError
from transire.queries.cluster_state import ClusterState
from transire.queries.entities import Entities
from transire.queries.query import Caveat, Decision, Query, Verdict


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
class About:
    """What verdicts are asked about: a target, files with an engine, or one of our clusters."""

    root: Path
    target: str | None = None
    files: tuple[Path, ...] = ()
    engine: str | None = None
    namespace: str = ""
    cluster: str | None = None
    """The name of one of our clusters."""

    def __post_init__(self) -> None:
        """Refuse what is about nothing, or about two things.

        Raises:
            UsageError: with what to give instead.
        """
        if self.target is not None and self.files:
            raise UsageError("name either a target or files, not both")
        if self.target is None and not self.files and self.cluster is None:
            raise UsageError(
                "name a target, a cluster of values/platform.yaml, or files with an engine"
            )
        if self.engine is not None and not self.files:
            raise UsageError("an engine is named for files; a target has that of its cluster")
        if self.files and self.engine is None and self.cluster is None:
            raise UsageError("name the engine that judges the files, or the cluster they are for")

    def subject(self, helm: HelmChoice | None = None) -> Subject:
        """The objects and who judges them.

        Raises:
            UsageError: if a target, a cluster, a file or the engine does not exist, or the cluster
                has another target or engine.
            Rejected: if the values or a document are wrong.
            NotModelled: if the engine's version is not modelled.
            HelmFailed: if Helm refuses.
        """
        if self.cluster is None:
            if self.target is None:
                return subject_of_files(self.files, self.engine or "", self.namespace)
            return subject_of_target(find_root(self.root), self.target, helm)
        if self.target is not None and self.target.rpartition(".")[2] != self.cluster:
            raise UsageError(f"the target {self.target} is not on cluster {self.cluster}")
        return subject_of_cluster(
            find_root(self.root),
            self.cluster,
            helm,
            files=self.files,
            namespace=self.namespace,
            engine=self.engine,
            target=self.target,
        )


def reading_of(subject: Subject, cluster: ClusterState) -> Reading:
    """The subject's objects as their engine reads them.

    Raises:
        NotModelled: if the engine's version is not modelled.
        Unjudgeable: if an agent flag is not modelled.
    """
    here = subject.namespaces
    if here is not None:
        return target_reading(subject.manifests, subject.release, subject.options, here, cluster)
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
    """A verdict for each query, in order, about a target or a cluster of ours, or any files.

    What cannot be judged is a verdict of its own, never a guess.

    Args:
        questions: pairs such as `("shop/app=web", "api.example.com:443")`, or queries.
        root: the policy repository of `target` and `cluster`, or a folder in it.
        target: one of its targets, `NAMESPACE.CLUSTER`.
        files: any manifests instead, or folders of them, which `engine` judges.
        engine: `NAME` or `NAME@VERSION`.
        namespace: where objects of the files go that name no namespace.
        cluster: one of the clusters of `values/platform.yaml`, all of whose releases are then
            read, with the objects of `files` besides; or, with a dot or a slash, a file with what
            the cluster holds, as JSON.
        definitions: how the engine's API is served, `native` or `api-server`.
        helm: which Helm renders the target; without a choice, what is there.

    Raises:
        UsageError: if nothing or two things are named to be judged, a query has no meaning,
            definitions contradict each other or the engine has none,
            or a target, a cluster, a file or the engine does not exist.
        Rejected: if the values, a document or the cluster file are wrong.
        NotModelled: if the engine's version is not modelled.
        Unjudgeable: if an agent flag is not modelled.
        HelmFailed: if Helm refuses.
    """
    about = About(
        root=folder_at(root),
        target=target,
        files=files_at(files),
        engine=engine,
        namespace=namespace,
        cluster=cluster_name(cluster),
    )
    queries = [_query(question, number) for number, question in enumerate(questions, 1)]
    subject = about.subject(helm_named(helm))
    served = definitions_named(definitions)
    state = cluster_of(cluster_file(cluster), subject, served)
    judge = Judge.of(subject, state)
    return tuple(_explained(subject, judge, query) for query in queries)


def definitions_named(written: str | None) -> Definitions | None:
    """How an engine's API is served, where that is given.

    Raises:
        UsageError: if there is no such way.
    """
    if written is None:
        return None
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


def _explained(about: Subject, judge: Judge, query: Query) -> Explained:
    decision, reading = judge.decide(query), judge.reading
    return Explained(
        query=query,
        decision=decision,
        caveats=(*decision.caveats, *about.caveats),
        refused=reading.refused,
        pruned=reading.pruned,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What decides queries: objects as their engine reads them, and the entities of the cluster."""

    reading: Reading
    entities: Entities

    @classmethod
    def of(cls, subject: Subject, state: ClusterState) -> Judge:
        """That of a subject in a cluster.

        Raises:
            NotModelled: if the engine's version is not modelled.
            Unjudgeable: if an agent flag is not modelled.
        """
        return cls(
            reading=reading_of(subject, state),
            entities=Entities(cluster=state, node_ranges=_node_ranges(subject)),
        )

    def decide(self, query: Query) -> Decision:
        """The verdict for one query; what cannot be judged is a verdict of its own."""
        try:
            return self.entities.decide(query, self.reading.decide)
        except Unjudgeable as unjudgeable:
            return Decision(verdict=Verdict.UNJUDGEABLE, reason=str(unjudgeable))


def _node_ranges(subject: Subject) -> tuple[Network, ...]:
    """The declared ranges of nodes, where the engine knows nodes by address."""
    cluster = subject.cluster
    if cluster is None or engine_of(subject.release).traits(cluster).by_identity:
        return ()
    return cluster.network.node_cidrs
