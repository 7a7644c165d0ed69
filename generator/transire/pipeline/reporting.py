"""How findings are shown, with the pages of their rules."""

from __future__ import annotations

from functools import partial

from transire.model.rule_page import RuleKind, RulePage
from transire.review.reporters.registry import reporters


def _page(rule: str, *, by_lint: bool) -> RulePage | None:
    """The page of the id where lint shows it, or where `check` does."""
    from transire.pipeline.rulebook import pages_of  # noqa: PLC0415 - loads every rule, for SARIF

    fitting = (each for each in pages_of().get(rule, ()) if (each.kind is RuleKind.LINT) is by_lint)
    return next(fitting, None)


REPORTERS = reporters(partial(_page, by_lint=False))
"""How findings of `check` are shown, by the name that `--format` takes."""

LINT_REPORTERS = reporters(partial(_page, by_lint=True))
"""How findings of `lint` are shown, where they are shown as findings of values are."""
