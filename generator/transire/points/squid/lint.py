"""Traps in anybody's configuration of Squid."""

from __future__ import annotations

from collections.abc import Mapping

from transire.model.engine import Release
from transire.model.problems import Problem


def lint(files: Mapping[str, str], release: Release) -> tuple[Problem, ...]:
    """Findings."""
    del release, files
    return ()
