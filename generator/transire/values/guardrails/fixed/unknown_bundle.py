"""Refuse a bundle that nobody declared.

What it does: reports a rule that names a bundle without a file in `values/bundles`. The level
cannot be changed, and no exception can be granted.
Why is this bad? Nothing is known of its hosts: whoever reads the file believes in access that is
nowhere.
Bad:
    {name: source-control, reason: fetch build plugins, bundles: [git-hub]}
Good:
    {name: source-control, reason: fetch build plugins, bundles: [github]}
"""

from __future__ import annotations

from collections.abc import Iterable

from transire.model.problems import Level, Position
from transire.values.problem_collector import ProblemCollector
from transire.values.references import check_reference

ID = "unknown-bundle"
LEVEL = Level.ERROR


def check(
    called: str, names: Iterable[str] | None, at: Position, collector: ProblemCollector
) -> None:
    """Refuse a name that no bundle has; nothing where a broken file hides the bundles.

    Raises:
        Misfit: if none has.
    """
    otherwise = f"write values/bundles/{called}.yaml, or take it out here"
    check_reference("bundle", called, names, at, collector, otherwise=otherwise)
