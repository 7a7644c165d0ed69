"""Refuse a namespace that two teams publish to one cluster.

What it does: reports a namespace of a cluster that an earlier team's file has already. The level
cannot be changed, and no exception can be granted.
Why is this bad? Allows add up, so each team would widen what the other may reach; and two releases
would take turns on the same policies.
Bad:
    # values/teams/books.yaml, where values/teams/shop.yaml has shop: [eu]
    namespaces: {shop: [eu]}
Good:
    # values/teams/books.yaml
    namespaces: {books: [eu]}
"""

from __future__ import annotations

from dataclasses import dataclass, field

from transire.model.intent import Publication
from transire.model.problems import Level
from transire.values.problem_collector import ProblemCollector, shown

ID = "namespace-owned-twice"
LEVEL = Level.ERROR


@dataclass(slots=True, kw_only=True)
class Claims:
    """Which team published which namespace to which cluster first, over all files.

    `about` holds the namespaces that matter; None stands for all.
    """

    about: frozenset[str] | None = None
    first: dict[tuple[str, str], Publication] = field(default_factory=dict)

    def claim(self, made: Publication, collector: ProblemCollector) -> None:
        """Note the claim, or the earlier one as a problem; files are looked at in order."""
        if self.about is not None and made.namespace not in self.about:
            return
        before = self.first.setdefault((made.namespace, made.cluster), made)
        if before.at.path != made.at.path:
            collector.note(
                made.at,
                ID,
                f"namespace {shown(made.namespace)} on cluster {shown(made.cluster)} is already "
                f"published at {before.at}",
                "let one team own it, or publish from another namespace",
            )
