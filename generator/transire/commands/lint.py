"""Traps in policies that people wrote by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from textwrap import indent
from types import MappingProxyType

from transire.commands.arguments import StrPath, files_at, folder_at
from transire.commands.explain_cluster import cluster_file, cluster_name, cluster_of
from transire.commands.explain_subject import cluster_named, release_of, same_engine
from transire.commands.findings_output import LINT_REPORTERS
from transire.commands.given_files import Given, read_given
from transire.commands.policy_root import find_root
from transire.engines.api.reading import Reading
from transire.engines.registry import engine_of
from transire.k8s.admission import Refused
from transire.k8s.manifests import Manifest
from transire.model.engine import Definitions, Release
from transire.model.problems import Level, Problem, UsageError
from transire.queries.cluster_state import EMPTY, ClusterState
from transire.queries.declared_cluster import declared_resolver
from transire.review.findings.text_format import summary
from transire.review.lint.finding import Facts, LintFinding
from transire.review.lint.formats import as_json, as_problems
from transire.review.lint.refusals import Read, all_refusals
from transire.review.lint.registry import UNJUDGED
from transire.review.lint.registry import lint as look
from transire.values.load import load


def _as_text(findings: Sequence[LintFinding]) -> str:
    """As findings of values read, with what to change where that is safe."""
    problems = as_problems(findings)
    shown = map(_shown, problems, findings)
    return "".join([*shown, summary(problems), "\n"])


def _shown(problem: Problem, found: LintFinding) -> str:
    change = f"\n  corrected:\n{indent(found.fix.diff, '    ')}" if found.fix else ""
    return f"{problem}{change}\n"


def _through(report: Callable[[Sequence[Problem]], str]) -> Callable[[Sequence[LintFinding]], str]:
    return lambda findings: report(as_problems(findings))


LINT_FORMATS: Mapping[str, Callable[[Sequence[LintFinding]], str]] = MappingProxyType(
    {
        **{name: _through(report) for name, report in LINT_REPORTERS.items()},
        "text": _as_text,
        "json": as_json,
    }
)
"""How findings about manifests are shown, by the name that `--format` takes."""


def lint(
    files: StrPath | Iterable[StrPath],
    engine: str | None = None,
    *,
    namespace: str = "",
    cluster: StrPath | None = None,
    root: StrPath = ".",
) -> tuple[LintFinding, ...]:
    """Every trap in the objects of some files, judged as `NAME[@VERSION]` would.

    Args:
        files: manifests, folders of them, and `-` for standard input.
        engine: `NAME` or `NAME@VERSION`; without it, that of one of our clusters.
        namespace: where objects go that name no namespace.
        cluster: one of the clusters of `values/platform.yaml`, with all that is declared of it; or,
            with a dot or a slash, a file with what the cluster holds, as JSON.
        root: the policy repository of that cluster, or a folder in it.

    Raises:
        UsageError: if no file is named, one cannot be read, or the namespace or the engine is
            none.
        Rejected: with every document that is no object, and every mistake of the cluster file.
        NotModelled: if the engine's version is not modelled.
    """
    paths = files_at(files)
    if not paths:
        raise UsageError("no file is named; name at least one")
    given = read_given(paths, namespace)
    name = cluster_name(cluster)
    if name is None:
        if engine is None:
            raise UsageError("name the engine that enforces the files, or one of our clusters")
        release, _ = release_of(engine)
        state = None if cluster is None else cluster_of(cluster_file(cluster))
        return lint_given(given, release, state)
    declared = cluster_named(load(find_root(folder_at(root))), name)
    if engine is not None:
        same_engine(engine, declared)
    return lint_given(given, declared.release, declared_resolver(declared)[1])


def lint_given(
    given: Given, release: Release, cluster: ClusterState | None = None
) -> tuple[LintFinding, ...]:
    """Every trap in objects that are applied together, in their order.

    Raises:
        NotModelled: if the engine's version is not modelled.
    """
    return look(given.manifests, release, facts_of(given, release, cluster))


def facts_of(given: Given, release: Release, cluster: ClusterState | None = None) -> Facts:
    """What the engine's reading finds in the objects, and what is known of the cluster.

    Raises:
        NotModelled: if the engine's version is not modelled.
    """
    state = ClusterState() if cluster is None else cluster
    engine = engine_of(release)
    reading = engine.reading(given.manifests, release, state, EMPTY)
    return Facts(
        refused=all_refusals(given.manifests, reading.refused, _read_alone(release, state)),
        taken=_taken(given, release, state, reading),
        pruned=reading.pruned,
        unmodelled=reading.unmodelled,
        unrendered=given.unrendered,
        sources=given.sources,
        cluster=cluster,
    )


def _taken(
    given: Given, release: Release, state: ClusterState, reading: Reading
) -> tuple[Refused, ...]:
    """What definitions of the cluster take and an API server that checks more would refuse."""
    if state.definitions is not Definitions.NATIVE:
        return ()
    engine, checked = engine_of(release), replace(state, definitions=Definitions.API_SERVER)
    there = engine.reading(given.manifests, release, checked, EMPTY).refused
    here = {each.manifest for each in reading.refused}
    found = all_refusals(given.manifests, there, _read_alone(release, checked))
    return tuple(each for each in found if each.manifest not in here)


def _read_alone(release: Release, state: ClusterState) -> Read:
    """What is wrong with one object, but for what waits for others."""
    engine = engine_of(release)

    def refused(manifest: Manifest) -> tuple[Refused, ...]:
        found = engine.reading((manifest,), release, state, EMPTY).refused
        return tuple(each for each in found if not engine.view.waits(each))

    return refused


def lint_exit_code(findings: Sequence[LintFinding]) -> int:
    """3 where something could not be judged, else 1 with an error among the findings, else 0."""
    if any(each.rule in UNJUDGED for each in findings):
        return 3
    return int(any(each.level is Level.ERROR for each in findings))
