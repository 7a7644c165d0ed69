"""One function per verb; the only room that knows every other.

What a verb needs is loaded when the verb is first used, because a command needs one of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transire.helm.request import HelmChoice
    from transire.pipeline.answering import Answers, made_apart, sharing
    from transire.pipeline.changelogs import write_changelogs
    from transire.pipeline.compiling import Compiled, CompiledTeam, compile_values
    from transire.pipeline.diffing import diff
    from transire.pipeline.explaining import (
        Explained,
        Subject,
        cluster_of,
        explain,
        subject_of_files,
        subject_of_target,
    )
    from transire.pipeline.linting import LINT_FORMATS, lint, lint_exit_code
    from transire.pipeline.overview import report
    from transire.pipeline.planning import Planned, plan_files
    from transire.pipeline.publishing import RegistryOptions, publish, sign_command
    from transire.pipeline.publishing_report import PUBLISHED_FORMATS
    from transire.pipeline.questions import many_queries, single_query
    from transire.pipeline.reporting import REPORTERS, findings_as
    from transire.pipeline.root import find_root
    from transire.pipeline.rulebook import rules
    from transire.pipeline.stamping import Stamped, stamp_charts
    from transire.pipeline.verbs import (
        Added,
        Generated,
        Row,
        Started,
        add,
        check,
        generate,
        init,
        render,
    )
    from transire.review.diff.reporters import DIFF_FORMATS
    from transire.review.explain import VERDICT_FORMATS
    from transire.review.report.reporters import REPORT_FORMATS
    from transire.review.rule_pages import PAGE_FORMATS, RULE_FORMATS

__all__ = [
    "DIFF_FORMATS",
    "LINT_FORMATS",
    "PAGE_FORMATS",
    "PUBLISHED_FORMATS",
    "REPORTERS",
    "REPORT_FORMATS",
    "RULE_FORMATS",
    "VERDICT_FORMATS",
    "Added",
    "Answers",
    "Compiled",
    "CompiledTeam",
    "Explained",
    "Generated",
    "HelmChoice",
    "Planned",
    "RegistryOptions",
    "Row",
    "Stamped",
    "Started",
    "Subject",
    "add",
    "check",
    "cluster_of",
    "compile_values",
    "diff",
    "explain",
    "find_root",
    "findings_as",
    "generate",
    "init",
    "lint",
    "lint_exit_code",
    "made_apart",
    "many_queries",
    "plan_files",
    "publish",
    "render",
    "report",
    "rules",
    "sharing",
    "sign_command",
    "single_query",
    "stamp_charts",
    "subject_of_files",
    "subject_of_target",
    "write_changelogs",
]

_HOMES = {
    "DIFF_FORMATS": "transire.review.diff.reporters",
    "LINT_FORMATS": "transire.pipeline.linting",
    "PAGE_FORMATS": "transire.review.rule_pages",
    "PUBLISHED_FORMATS": "transire.pipeline.publishing_report",
    "REPORTERS": "transire.pipeline.reporting",
    "REPORT_FORMATS": "transire.review.report.reporters",
    "RULE_FORMATS": "transire.review.rule_pages",
    "VERDICT_FORMATS": "transire.review.explain",
    "Added": "transire.pipeline.verbs",
    "Answers": "transire.pipeline.answering",
    "Compiled": "transire.pipeline.compiling",
    "CompiledTeam": "transire.pipeline.compiling",
    "Explained": "transire.pipeline.explaining",
    "Generated": "transire.pipeline.verbs",
    "HelmChoice": "transire.helm.request",
    "Planned": "transire.pipeline.planning",
    "RegistryOptions": "transire.pipeline.publishing",
    "Row": "transire.pipeline.verbs",
    "Stamped": "transire.pipeline.stamping",
    "Started": "transire.pipeline.verbs",
    "Subject": "transire.pipeline.explaining",
    "add": "transire.pipeline.verbs",
    "check": "transire.pipeline.verbs",
    "cluster_of": "transire.pipeline.explaining",
    "compile_values": "transire.pipeline.compiling",
    "diff": "transire.pipeline.diffing",
    "explain": "transire.pipeline.explaining",
    "find_root": "transire.pipeline.root",
    "findings_as": "transire.pipeline.reporting",
    "generate": "transire.pipeline.verbs",
    "init": "transire.pipeline.verbs",
    "lint": "transire.pipeline.linting",
    "lint_exit_code": "transire.pipeline.linting",
    "made_apart": "transire.pipeline.answering",
    "many_queries": "transire.pipeline.questions",
    "plan_files": "transire.pipeline.planning",
    "publish": "transire.pipeline.publishing",
    "render": "transire.pipeline.verbs",
    "stamp_charts": "transire.pipeline.stamping",
    "report": "transire.pipeline.overview",
    "rules": "transire.pipeline.rulebook",
    "sharing": "transire.pipeline.answering",
    "sign_command": "transire.pipeline.publishing",
    "single_query": "transire.pipeline.questions",
    "subject_of_files": "transire.pipeline.explaining",
    "subject_of_target": "transire.pipeline.explaining",
    "write_changelogs": "transire.pipeline.changelogs",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
