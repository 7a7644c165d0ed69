"""How findings are shown, with the pages of their rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from transire.git.repository import NoRepository, open_repository
from transire.model.problems import Problem
from transire.model.rule_page import RuleKind, RulePage
from transire.review.findings.formats import reporters


def _page(rule: str, *, by_lint: bool) -> RulePage | None:
    """The page of the id where lint shows it, or where `check` does."""
    from transire.commands.rules import pages_of  # noqa: PLC0415 - loads every rule, for SARIF

    fitting = (each for each in pages_of().get(rule, ()) if (each.kind is RuleKind.LINT) is by_lint)
    return next(fitting, None)


_ON_FORGES = frozenset({"github", "sarif"})
"""Formats whose readers name files from the top of the Git repository."""


REPORTERS = reporters(partial(_page, by_lint=False))
"""How findings of `check` are shown, by the name that `--format` takes."""

LINT_REPORTERS = reporters(partial(_page, by_lint=True))
"""How findings of `lint` are shown, where they are shown as findings of values are."""


def findings_as(form: str, problems: Sequence[Problem], root: Path) -> str:
    """Findings about the policy repository at `root` in one of the formats of `REPORTERS`.

    Raises:
        GitFailed: if Git does not want to open the repository around it.
    """
    if form in _ON_FORGES and problems:
        repository = open_repository(root)
        prefix = "" if isinstance(repository, NoRepository) else repository.prefix
        problems = [
            replace(each, at=replace(each.at, path=f"{prefix}{each.at.path}")) for each in problems
        ]
    return REPORTERS[form](problems)
