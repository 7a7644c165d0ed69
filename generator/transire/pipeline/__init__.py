"""One function per verb; the only room that knows every other."""

from transire.helm import HelmChoice
from transire.pipeline.compiling import Compiled, CompiledTeam, compile_values
from transire.pipeline.planning import Planned, plan_files
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
from transire.review.reporters.registry import REPORTERS

__all__ = [
    "REPORTERS",
    "Added",
    "Compiled",
    "CompiledTeam",
    "Generated",
    "HelmChoice",
    "Planned",
    "Row",
    "Started",
    "add",
    "check",
    "compile_values",
    "find_root",
    "generate",
    "init",
    "plan_files",
    "render",
]
