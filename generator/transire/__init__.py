"""Egress policies as code: values files in, proved and versioned Helm charts out.

The verbs of the command line are functions here, over frozen values; `docs/api.md` shows each.
They are loaded when first used, because most callers need one room only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transire.api import (
        Added,
        Decision,
        Diff,
        DiskFailed,
        Explained,
        Generated,
        GitFailed,
        HelmFailed,
        Level,
        LintFinding,
        MadeBundle,
        NotModelled,
        OtherContent,
        Problem,
        Published,
        Query,
        RegistryFailed,
        RegistryOptions,
        Rejected,
        Report,
        RulePage,
        Started,
        TargetChange,
        TargetRow,
        TeamReport,
        ToolError,
        Unfinished,
        Unjudgeable,
        UsageError,
        Verdict,
        Way,
        Who,
        add,
        bundle,
        check,
        diff,
        explain,
        find_root,
        generate,
        init,
        lint,
        publish,
        render,
        report,
        rules,
        who,
    )

    __version__: str

__all__ = [
    "Added",
    "Decision",
    "Diff",
    "DiskFailed",
    "Explained",
    "Generated",
    "GitFailed",
    "HelmFailed",
    "Level",
    "LintFinding",
    "MadeBundle",
    "NotModelled",
    "OtherContent",
    "Problem",
    "Published",
    "Query",
    "RegistryFailed",
    "RegistryOptions",
    "Rejected",
    "Report",
    "RulePage",
    "Started",
    "TargetChange",
    "TargetRow",
    "TeamReport",
    "ToolError",
    "Unfinished",
    "Unjudgeable",
    "UsageError",
    "Verdict",
    "Way",
    "Who",
    "add",
    "bundle",
    "check",
    "diff",
    "explain",
    "find_root",
    "generate",
    "init",
    "lint",
    "publish",
    "render",
    "report",
    "rules",
    "who",
]


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__", *(each for each in globals() if each[:2] == "__")})


if not TYPE_CHECKING:  # so that type checkers reject a name that is not there

    def __getattr__(name: str) -> object:
        if name in __all__:
            return getattr(import_module("transire.api"), name)
        if name == "__version__":
            return import_module("importlib.metadata").version("transire")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
