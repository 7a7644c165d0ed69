"""Egress policies as code: values files in, proved and versioned Helm charts out.

The verbs of the command line are functions here, over frozen values. They are loaded when first
used, because most callers need one room only. `publish` is in `transire.api`, since the room
that it is made of has its name here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transire.api import (
        add,
        check,
        diff,
        explain,
        find_root,
        generate,
        init,
        lint,
        render,
        report,
        rules,
    )

__all__ = [
    "add",
    "check",
    "diff",
    "explain",
    "find_root",
    "generate",
    "init",
    "lint",
    "render",
    "report",
    "rules",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute
    if name in __all__:
        return getattr(import_module("transire.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
