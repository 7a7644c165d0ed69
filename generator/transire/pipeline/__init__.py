"""One function per verb; the only room that knows every other."""

from transire.helm import HelmChoice
from transire.pipeline.compiling import Compiled, CompiledTeam, compile_values
from transire.pipeline.diffing import diff
from transire.pipeline.explaining import (
    Explained,
    Subject,
    cluster_of,
    explain,
    many_queries,
    single_query,
    subject_of_files,
    subject_of_target,
)
from transire.pipeline.linting import LINT_FORMATS, lint, lint_exit_code
from transire.pipeline.planning import Planned, plan_files
from transire.pipeline.publishing import RegistryOptions, publish, sign_command
from transire.pipeline.publishing_report import PUBLISHED_FORMATS
from transire.pipeline.verbs import (
    Added,
    Generated,
    Row,
    Started,
    add,
    check,
    find_root,
    generate,
    init,
    render,
)
from transire.review.diff.reporters import DIFF_FORMATS
from transire.review.explain import VERDICT_FORMATS
from transire.review.reporters.registry import REPORTERS

__all__ = [
    "DIFF_FORMATS",
    "LINT_FORMATS",
    "PUBLISHED_FORMATS",
    "REPORTERS",
    "VERDICT_FORMATS",
    "Added",
    "Compiled",
    "CompiledTeam",
    "Explained",
    "Generated",
    "HelmChoice",
    "Planned",
    "RegistryOptions",
    "Row",
    "Started",
    "Subject",
    "add",
    "check",
    "cluster_of",
    "compile_values",
    "diff",
    "explain",
    "find_root",
    "generate",
    "init",
    "lint",
    "lint_exit_code",
    "many_queries",
    "plan_files",
    "publish",
    "render",
    "sign_command",
    "single_query",
    "subject_of_files",
    "subject_of_target",
]
