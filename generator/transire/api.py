"""One function per verb; the only room that knows every other.

What a verb needs is loaded when the verb is first used, because a command needs one of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transire.cache.store import Cache
    from transire.commands.add import Added, add
    from transire.commands.advise import advise
    from transire.commands.audit import audit, audit_exit_code
    from transire.commands.backtest import backtest, backtest_exit_code
    from transire.commands.bundle import MadeBundle, bundle
    from transire.commands.cache import OpenedCache, open_cache
    from transire.commands.changelogs import write_changelogs
    from transire.commands.check import check
    from transire.commands.check_shard import check_shard
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
    from transire.commands.handover import (
        handover,
        handover_mesh,
        mesh_differences,
        mesh_exit_code,
    )
    from transire.commands.importing.formats import IMPORT_FORMATS
    from transire.commands.importing.import_policies import import_policies
    from transire.commands.importing.results import ImportedPolicies, import_exit_code
    from transire.commands.init import Started, init
    from transire.commands.learn import LEARN_FORMATS, Lesson, learn, learn_exit_code
    from transire.commands.lint import LINT_FORMATS, lint, lint_exit_code
    from transire.commands.merge import MergedCheck, merge
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
        ProcessKilled,
        RegistryFailed,
        Rejected,
        ToolError,
        Unjudgeable,
        UsageError,
    )
    from transire.model.rule_page import RulePage
    from transire.pipeline.compile import compile_values
    from transire.pipeline.plan import Planned, plan_files
    from transire.pipeline.progress import Progress, Watch, followed
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
    from transire.review.findings.shard_report import shard_json
    from transire.review.handover.formats import HANDOVER_FORMATS
    from transire.review.handover.handover import HandedOver, Handover
    from transire.review.handover.mesh import MESHES, MeshFound, MeshObjects
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
    "HANDOVER_FORMATS",
    "IMPORT_FORMATS",
    "LEARN_FORMATS",
    "LINT_FORMATS",
    "MESHES",
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
    "Cache",
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
    "HandedOver",
    "Handover",
    "HelmChoice",
    "HelmFailed",
    "ImportedPolicies",
    "Lesson",
    "Level",
    "LintFinding",
    "MadeBundle",
    "MergedCheck",
    "MeshFound",
    "MeshObjects",
    "Needs",
    "NewExpectations",
    "NotModelled",
    "Observability",
    "OpenedCache",
    "OtherContent",
    "Page",
    "Planned",
    "ProbeFile",
    "Problem",
    "ProcessKilled",
    "Progress",
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
    "check_shard",
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
    "followed",
    "generate",
    "handover",
    "handover_mesh",
    "import_exit_code",
    "import_policies",
    "init",
    "learn",
    "learn_exit_code",
    "lint",
    "lint_exit_code",
    "made_apart",
    "many_queries",
    "merge",
    "mesh_differences",
    "mesh_exit_code",
    "needs",
    "new_expectations",
    "observe",
    "open_cache",
    "plan_files",
    "probe",
    "probe_exit_code",
    "probe_results",
    "publish",
    "redacted",
    "render",
    "report",
    "rules",
    "shard_json",
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
_MODULES = {
    "cache.store": "Cache",
    "commands.add": "Added add",
    "commands.advise": "advise",
    "commands.audit": "audit audit_exit_code",
    "commands.backtest": "backtest backtest_exit_code",
    "commands.bundle": "MadeBundle bundle",
    "commands.cache": "OpenedCache open_cache",
    "commands.changelogs": "write_changelogs",
    "commands.check": "check",
    "commands.check_shard": "check_shard",
    "commands.completions": "chart_names cluster_names target_names team_names",
    "commands.diff.diff": "diff",
    "commands.docs": "Page docs",
    "commands.doctor": "doctor doctor_exit_code",
    "commands.expiring": "expiring",
    "commands.explain": "About Explained definitions_named explain",
    "commands.explain_cluster": "cluster_file cluster_name cluster_of",
    "commands.explain_many": "Explainer made_apart sharing",
    "commands.explain_output": "VERDICT_FORMATS",
    "commands.explain_queries": "many_queries single_query",
    "commands.explain_subject": "Subject",
    "commands.findings_output": "REPORTERS findings_as",
    "commands.generate": "Generated TargetRow generate",
    "commands.handover": "handover handover_mesh mesh_differences mesh_exit_code",
    "commands.importing.formats": "IMPORT_FORMATS",
    "commands.importing.import_policies": "import_policies",
    "commands.importing.results": "ImportedPolicies import_exit_code",
    "commands.init": "Started init",
    "commands.learn": "LEARN_FORMATS Lesson learn learn_exit_code",
    "commands.lint": "LINT_FORMATS lint lint_exit_code",
    "commands.merge": "MergedCheck merge",
    "commands.needs": "needs",
    "commands.observe": "observe",
    "commands.policy_root": "find_root",
    "commands.probe": "ProbeFile probe probe_results",
    "commands.publish.publish": "RegistryOptions publish sign_command",
    "commands.redacted": "redacted",
    "commands.render": "render",
    "commands.report": "report",
    "commands.rules": "rules",
    "commands.test.new": "NewExpectations new_expectations",
    "commands.test.test": "test",
    "commands.verify.formats": "VERIFY_FORMATS verify_exit_code",
    "commands.verify.verify": "Verified verify verify_resources",
    "commands.who": "who",
    "delivery.monitoring.observe": "Observability",
    "delivery.monitoring.observe_formats": "OBSERVE_FORMATS",
    "delivery.registry.result": "OtherContent PUBLISHED_FORMATS Published Unfinished",
    "helm.request": "HelmChoice",
    "meaning.compiled": "Compiled CompiledTeam",
    "model.problems": (
        "DiskFailed GitFailed HelmFailed Level NotModelled Problem ProcessKilled "
        "RegistryFailed "
        "Rejected ToolError Unjudgeable UsageError"
    ),
    "model.rule_page": "RulePage",
    "pipeline.compile": "compile_values",
    "pipeline.plan": "Planned plan_files",
    "pipeline.progress": "Progress Watch followed",
    "pipeline.stamp": "Stamped stamp_charts",
    "queries.query": "Decision Query Verdict",
    "review.advice.advice": "ClusterAdvice",
    "review.advice.formats": "ADVICE_FORMATS",
    "review.diff.changes": "Diff TargetChange",
    "review.diff.formats": "DIFF_FORMATS",
    "review.doctor.findings": "Diagnosed",
    "review.doctor.formats": "DOCTOR_FORMATS",
    "review.expectations.formats": "TEST_FORMATS",
    "review.expectations.tested": "Tested test_exit_code",
    "review.expiring.expiring": "Expiring",
    "review.expiring.formats": "EXPIRING_FORMATS",
    "review.findings.rule_pages": "PAGE_FORMATS RULE_FORMATS",
    "review.findings.shard_report": "shard_json",
    "review.handover.formats": "HANDOVER_FORMATS",
    "review.handover.handover": "HandedOver Handover",
    "review.handover.mesh": "MESHES MeshFound MeshObjects",
    "review.lint.finding": "LintFinding",
    "review.probes.formats": "PROBE_FORMATS",
    "review.probes.output": "probe_exit_code",
    "review.report.facts": "Report TeamReport",
    "review.report.formats": "REPORT_FORMATS",
    "review.usage.audit": "Audit",
    "review.usage.audit_formats": "AUDIT_FORMATS",
    "review.usage.backtest": "Backtest",
    "review.usage.backtest_formats": "BACKTEST_FORMATS",
    "review.usage.needs": "Needs",
    "review.usage.needs_formats": "NEEDS_FORMATS",
    "review.who.formats": "WHO_FORMATS",
    "review.who.ways": "Way",
    "review.who.who": "Who",
    "values.vendors.registry": "VENDORS",
}
"""What each module gives, by its place in the program."""
_HOMES = {name: f"transire.{home}" for home, names in _MODULES.items() for name in names.split()}


def __dir__() -> list[str]:
    return sorted({*__all__, *(each for each in globals() if each[:2] == "__")})


if not TYPE_CHECKING:  # so that type checkers reject a name that is not there

    def __getattr__(name: str) -> object:
        if name in _HOMES:
            return getattr(import_module(_HOMES[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
