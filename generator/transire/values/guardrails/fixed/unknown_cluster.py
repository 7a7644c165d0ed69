"""Refuse a cluster that nobody declared.

What it does: reports a namespace that is published to a cluster which `values/platform.yaml` does
not declare. The level cannot be changed, and no exception can be granted.
Why is this bad? No engine and no version are known for it, so nothing can be generated: whoever
reads the file believes in a policy that is nowhere.
Bad:
    # values/teams/books.yaml
    namespaces: {books: [eu-prod]}
Good:
    # values/teams/books.yaml
    namespaces: {books: [eu]}
"""

from __future__ import annotations

from collections.abc import Iterable

from transire.model.problems import Level, Position
from transire.values.problem_collector import ProblemCollector
from transire.values.references import check_reference

ID = "unknown-cluster"
LEVEL = Level.ERROR


def check(
    called: str, names: Iterable[str] | None, at: Position, collector: ProblemCollector
) -> None:
    """Refuse a name that no cluster has; nothing where a broken file hides the clusters.

    Raises:
        Misfit: if none has.
    """
    otherwise = "declare it in values/platform.yaml, or take it out here"
    check_reference("cluster", called, names, at, collector, otherwise=otherwise)
