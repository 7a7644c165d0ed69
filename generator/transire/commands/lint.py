"""Traps in policies that people wrote by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from textwrap import indent
from types import MappingProxyType

from transire.commands.arguments import StrPath, files_at
from transire.commands.explain import Subject, subject_of_files
from transire.commands.findings_output import LINT_REPORTERS
from transire.engines.registry import engine_of
from transire.model.problems import Level, Problem
from transire.queries.cluster_state import EMPTY, ClusterState
from transire.review.findings.text_format import summary
from transire.review.lint.finding import Facts, LintFinding
from transire.review.lint.formats import as_json, as_problems
from transire.review.lint.registry import NOT_JUDGED
from transire.review.lint.registry import lint as look


def _as_text(findings: Sequence[LintFinding]) -> str:
    """As findings of values read, with the whole corrected object where one is safe."""
    problems = as_problems(findings)
    shown = [
        f"{problem}\n  corrected:\n{indent(found.fix, '    ')}" if found.fix else f"{problem}\n"
        for problem, found in zip(problems, findings, strict=True)
    ]
    return "".join([*shown, summary(problems), "\n"])


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


def lint(files: StrPath | Iterable[StrPath], engine: str) -> tuple[LintFinding, ...]:
    """Every trap in the objects of some files, judged as `NAME[@VERSION]` would.

    Raises:
        UsageError: if a file cannot be read or the engine is unknown.
        Rejected: with every document that is no object.
        NotModelled: if the engine's version is not modelled.
    """
    return lint_subject(subject_of_files(files_at(files), engine))


def lint_subject(subject: Subject) -> tuple[LintFinding, ...]:
    """Every trap in objects that are applied together, in their order."""
    engine = engine_of(subject.release)
    reading = engine.reading(subject.manifests, subject.release, ClusterState(), EMPTY)
    facts = Facts(refused=reading.refused, pruned=reading.pruned, unmodelled=reading.unmodelled)
    return look(subject.manifests, subject.release, facts)


def lint_exit_code(findings: Sequence[LintFinding]) -> int:
    """3 where something could not be judged, else 1 with an error among the findings, else 0."""
    if any(each.rule == NOT_JUDGED for each in findings):
        return 3
    return int(any(each.level is Level.ERROR for each in findings))
