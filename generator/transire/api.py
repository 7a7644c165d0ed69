"""One function per verb; the only room that knows every other.

What a verb needs is loaded when the verb is first used, because a command needs one of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transire.commands.add import Added, add
    from transire.commands.advise import advise
    from transire.commands.audit import audit, audit_exit_code
    from transire.commands.backtest import backtest, backtest_exit_code
    from transire.commands.bundle import MadeBundle, bundle
    from transire.commands.changelogs import write_changelogs
    from transire.commands.check import check
    from transire.commands.completions import (
        chart_names,
        cluster_names,
        target_names,
        team_names,
    )
    from transire.commands.diff.diff import diff
    from transire.commands.docs import Page, docs
    from transire.commands.doctor import doctor, doctor_exit_code
    from transire.commands.expiring import expiring
    from transire.commands.explain import About, Explained, definitions_named, explain
    from transire.commands.explain_cluster import cluster_file, cluster_name, cluster_of
    from transire.commands.explain_many import Explainer, made_apart, sharing
    from transire.commands.explain_output import VERDICT_FORMATS
    from transire.commands.explain_queries import many_queries, single_query
    from transire.commands.explain_subject import Subject
    from transire.commands.findings_output import REPORTERS, findings_as
    from transire.commands.generate import Generated, TargetRow, generate
    from transire.commands.importing.formats import IMPORT_FORMATS
    from transire.commands.importing.import_policies import import_policies
    from transire.commands.importing.results import ImportedPolicies, import_exit_code
    from transire.commands.init import Started, init
    from transire.commands.learn import LEARN_FORMATS, Lesson, learn, learn_exit_code
    from transire.commands.lint import LINT_FORMATS, lint, lint_exit_code
    from transire.commands.needs import needs
    from transire.commands.observe import observe
    from transire.commands.policy_root import find_root
    from transire.commands.probe import ProbeFile, probe, probe_results
    from transire.commands.publish.publish import RegistryOptions, publish, sign_command
    from transire.commands.redacted import redacted
    from transire.commands.render import render
    from transire.commands.report import report
    from transire.commands.rules import rules
    from transire.commands.test.new import NewExpectations, new_expectations
    from transire.commands.test.test import test
    from transire.commands.verify.formats import VERIFY_FORMATS, verify_exit_code
    from transire.commands.verify.verify import Verified, verify, verify_resources
    from transire.commands.who import who
    from transire.delivery.monitoring.observe import Observability
    from transire.delivery.monitoring.observe_formats import OBSERVE_FORMATS
    from transire.delivery.registry.result import (
        PUBLISHED_FORMATS,
        OtherContent,
        Published,
        Unfinished,
    )
    from transire.helm.request import HelmChoice
    from transire.meaning.compiled import Compiled, CompiledTeam
    from transire.model.problems import (
        DiskFailed,
        GitFailed,
        HelmFailed,
        Level,
        NotModelled,
        Problem,
        RegistryFailed,
        Rejected,
        ToolError,
        Unjudgeable,
        UsageError,
    )
    from transire.model.rule_page import RulePage
    from transire.pipeline.compile import compile_values
    from transire.pipeline.plan import Planned, plan_files
    from transire.pipeline.progress import Watch
    from transire.pipeline.stamp import Stamped, stamp_charts
    from transire.queries.query import Decision, Query, Verdict
    from transire.review.advice.advice import ClusterAdvice
    from transire.review.advice.formats import ADVICE_FORMATS
    from transire.review.diff.changes import Diff, TargetChange
    from transire.review.diff.formats import DIFF_FORMATS
    from transire.review.doctor.findings import Diagnosed
    from transire.review.doctor.formats import DOCTOR_FORMATS
    from transire.review.expectations.formats import TEST_FORMATS
    from transire.review.expectations.tested import Tested, test_exit_code
    from transire.review.expiring.expiring import Expiring
    from transire.review.expiring.formats import EXPIRING_FORMATS
    from transire.review.findings.rule_pages import PAGE_FORMATS, RULE_FORMATS
    from transire.review.lint.finding import LintFinding
    from transire.review.probes.formats import PROBE_FORMATS
    from transire.review.probes.output import probe_exit_code
    from transire.review.report.facts import Report, TeamReport
    from transire.review.report.formats import REPORT_FORMATS
    from transire.review.usage.audit import Audit
    from transire.review.usage.audit_formats import AUDIT_FORMATS
    from transire.review.usage.backtest import Backtest
    from transire.review.usage.backtest_formats import BACKTEST_FORMATS
    from transire.review.usage.needs import Needs
    from transire.review.usage.needs_formats import NEEDS_FORMATS
    from transire.review.who.formats import WHO_FORMATS
    from transire.review.who.ways import Way
    from transire.review.who.who import Who
    from transire.values.vendors.registry import VENDORS

__all__ = [
    "ADVICE_FORMATS",
    "AUDIT_FORMATS",
    "BACKTEST_FORMATS",
    "DIFF_FORMATS",
    "DOCTOR_FORMATS",
    "EXPIRING_FORMATS",
    "IMPORT_FORMATS",
    "LEARN_FORMATS",
    "LINT_FORMATS",
    "NEEDS_FORMATS",
    "OBSERVE_FORMATS",
    "PAGE_FORMATS",
    "PROBE_FORMATS",
    "PUBLISHED_FORMATS",
    "REPORTERS",
    "REPORT_FORMATS",
    "RULE_FORMATS",
    "TEST_FORMATS",
    "VENDORS",
    "VERDICT_FORMATS",
    "VERIFY_FORMATS",
    "WHO_FORMATS",
    "About",
    "Added",
    "Audit",
    "Backtest",
    "ClusterAdvice",
    "Compiled",
    "CompiledTeam",
    "Decision",
    "Diagnosed",
    "Diff",
    "DiskFailed",
    "Expiring",
    "Explained",
    "Explainer",
    "Generated",
    "GitFailed",
    "HelmChoice",
    "HelmFailed",
    "ImportedPolicies",
    "Lesson",
    "Level",
    "LintFinding",
    "MadeBundle",
    "Needs",
    "NewExpectations",
    "NotModelled",
    "Observability",
    "OtherContent",
    "Page",
    "Planned",
    "ProbeFile",
    "Problem",
    "Published",
    "Query",
    "RegistryFailed",
    "RegistryOptions",
    "Rejected",
    "Report",
    "RulePage",
    "Stamped",
    "Started",
    "Subject",
    "TargetChange",
    "TargetRow",
    "TeamReport",
    "Tested",
    "ToolError",
    "Unfinished",
    "Unjudgeable",
    "UsageError",
    "Verdict",
    "Verified",
    "Watch",
    "Way",
    "Who",
    "add",
    "advise",
    "audit",
    "audit_exit_code",
    "backtest",
    "backtest_exit_code",
    "bundle",
    "chart_names",
    "check",
    "cluster_file",
    "cluster_name",
    "cluster_names",
    "cluster_of",
    "compile_values",
    "definitions_named",
    "diff",
    "docs",
    "doctor",
    "doctor_exit_code",
    "expiring",
    "explain",
    "find_root",
    "findings_as",
    "generate",
    "import_exit_code",
    "import_policies",
    "init",
    "learn",
    "learn_exit_code",
    "lint",
    "lint_exit_code",
    "made_apart",
    "many_queries",
    "needs",
    "new_expectations",
    "observe",
    "plan_files",
    "probe",
    "probe_exit_code",
    "probe_results",
    "publish",
    "redacted",
    "render",
    "report",
    "rules",
    "sharing",
    "sign_command",
    "single_query",
    "stamp_charts",
    "target_names",
    "team_names",
    "test",
    "test_exit_code",
    "verify",
    "verify_exit_code",
    "verify_resources",
    "who",
    "write_changelogs",
]
_HOMES = {
    "ADVICE_FORMATS": "transire.review.advice.formats",
    "ClusterAdvice": "transire.review.advice.advice",
    "advise": "transire.commands.advise",
    "NewExpectations": "transire.commands.test.new",
    "new_expectations": "transire.commands.test.new",
    "EXPIRING_FORMATS": "transire.review.expiring.formats",
    "Expiring": "transire.review.expiring.expiring",
    "expiring": "transire.commands.expiring",
    "TEST_FORMATS": "transire.review.expectations.formats",
    "Tested": "transire.review.expectations.tested",
    "test": "transire.commands.test.test",
    "test_exit_code": "transire.review.expectations.tested",
    "DOCTOR_FORMATS": "transire.review.doctor.formats",
    "Diagnosed": "transire.review.doctor.findings",
    "doctor": "transire.commands.doctor",
    "doctor_exit_code": "transire.commands.doctor",
    "PROBE_FORMATS": "transire.review.probes.formats",
    "ProbeFile": "transire.commands.probe",
    "probe": "transire.commands.probe",
    "probe_exit_code": "transire.review.probes.output",
    "probe_results": "transire.commands.probe",
    "IMPORT_FORMATS": "transire.commands.importing.formats",
    "ImportedPolicies": "transire.commands.importing.results",
    "import_exit_code": "transire.commands.importing.results",
    "import_policies": "transire.commands.importing.import_policies",
    "VERIFY_FORMATS": "transire.commands.verify.formats",
    "Verified": "transire.commands.verify.verify",
    "Watch": "transire.pipeline.progress",
    "verify": "transire.commands.verify.verify",
    "verify_exit_code": "transire.commands.verify.formats",
    "verify_resources": "transire.commands.verify.verify",
    "LEARN_FORMATS": "transire.commands.learn",
    "Lesson": "transire.commands.learn",
    "learn": "transire.commands.learn",
    "learn_exit_code": "transire.commands.learn",
    "BACKTEST_FORMATS": "transire.review.usage.backtest_formats",
    "Backtest": "transire.review.usage.backtest",
    "backtest": "transire.commands.backtest",
    "backtest_exit_code": "transire.commands.backtest",
    "NEEDS_FORMATS": "transire.review.usage.needs_formats",
    "Needs": "transire.review.usage.needs",
    "needs": "transire.commands.needs",
    "AUDIT_FORMATS": "transire.review.usage.audit_formats",
    "Audit": "transire.review.usage.audit",
    "audit": "transire.commands.audit",
    "audit_exit_code": "transire.commands.audit",
    "redacted": "transire.commands.redacted",
    "OBSERVE_FORMATS": "transire.delivery.monitoring.observe_formats",
    "Observability": "transire.delivery.monitoring.observe",
    "observe": "transire.commands.observe",
    "team_names": "transire.commands.completions",
    "target_names": "transire.commands.completions",
    "cluster_names": "transire.commands.completions",
    "chart_names": "transire.commands.completions",
    "Published": "transire.delivery.registry.result",
    "RulePage": "transire.model.rule_page",
    "Decision": "transire.queries.query",
    "Query": "transire.queries.query",
    "Diff": "transire.review.diff.changes",
    "TargetChange": "transire.review.diff.changes",
    "MadeBundle": "transire.commands.bundle",
    "LintFinding": "transire.review.lint.finding",
    "Report": "transire.review.report.facts",
    "TeamReport": "transire.review.report.facts",
    "DIFF_FORMATS": "transire.review.diff.formats",
    "LINT_FORMATS": "transire.commands.lint",
    "PAGE_FORMATS": "transire.review.findings.rule_pages",
    "Page": "transire.commands.docs",
    "PUBLISHED_FORMATS": "transire.delivery.registry.result",
    "REPORTERS": "transire.commands.findings_output",
    "REPORT_FORMATS": "transire.review.report.formats",
    "RULE_FORMATS": "transire.review.findings.rule_pages",
    "VENDORS": "transire.values.vendors.registry",
    "VERDICT_FORMATS": "transire.commands.explain_output",
    "WHO_FORMATS": "transire.review.who.formats",
    "Way": "transire.review.who.ways",
    "Who": "transire.review.who.who",
    "who": "transire.commands.who",
    "About": "transire.commands.explain",
    "Added": "transire.commands.add",
    "Explainer": "transire.commands.explain_many",
    "Compiled": "transire.meaning.compiled",
    "CompiledTeam": "transire.meaning.compiled",
    "DiskFailed": "transire.model.problems",
    "Explained": "transire.commands.explain",
    "definitions_named": "transire.commands.explain",
    "Generated": "transire.commands.generate",
    "GitFailed": "transire.model.problems",
    "HelmChoice": "transire.helm.request",
    "HelmFailed": "transire.model.problems",
    "Level": "transire.model.problems",
    "NotModelled": "transire.model.problems",
    "OtherContent": "transire.delivery.registry.result",
    "Planned": "transire.pipeline.plan",
    "Problem": "transire.model.problems",
    "RegistryFailed": "transire.model.problems",
    "RegistryOptions": "transire.commands.publish.publish",
    "Rejected": "transire.model.problems",
    "TargetRow": "transire.commands.generate",
    "Stamped": "transire.pipeline.stamp",
    "Started": "transire.commands.init",
    "Subject": "transire.commands.explain_subject",
    "ToolError": "transire.model.problems",
    "Unfinished": "transire.delivery.registry.result",
    "Unjudgeable": "transire.model.problems",
    "UsageError": "transire.model.problems",
    "Verdict": "transire.queries.query",
    "add": "transire.commands.add",
    "bundle": "transire.commands.bundle",
    "check": "transire.commands.check",
    "cluster_file": "transire.commands.explain_cluster",
    "cluster_name": "transire.commands.explain_cluster",
    "cluster_of": "transire.commands.explain_cluster",
    "compile_values": "transire.pipeline.compile",
    "diff": "transire.commands.diff.diff",
    "docs": "transire.commands.docs",
    "explain": "transire.commands.explain",
    "find_root": "transire.commands.policy_root",
    "findings_as": "transire.commands.findings_output",
    "generate": "transire.commands.generate",
    "init": "transire.commands.init",
    "lint": "transire.commands.lint",
    "lint_exit_code": "transire.commands.lint",
    "made_apart": "transire.commands.explain_many",
    "many_queries": "transire.commands.explain_queries",
    "plan_files": "transire.pipeline.plan",
    "publish": "transire.commands.publish.publish",
    "render": "transire.commands.render",
    "report": "transire.commands.report",
    "rules": "transire.commands.rules",
    "sharing": "transire.commands.explain_many",
    "sign_command": "transire.commands.publish.publish",
    "single_query": "transire.commands.explain_queries",
    "stamp_charts": "transire.pipeline.stamp",
    "write_changelogs": "transire.commands.changelogs",
}


def __dir__() -> list[str]:
    return sorted({*__all__, *(each for each in globals() if each[:2] == "__")})


if not TYPE_CHECKING:  # so that type checkers reject a name that is not there

    def __getattr__(name: str) -> object:
        if name in _HOMES:
            return getattr(import_module(_HOMES[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
