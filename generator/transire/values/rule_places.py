"""Where a rule holds: the keys that limit it, held against the places that there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transire.model.intent import Publication
from transire.model.scoped import Place, Scoped
from transire.values.guardrails.fixed import rule_without_target
from transire.values.known_clusters import known_cluster
from transire.values.mapping_reader import Fields, Make, each
from transire.values.problem_collector import ProblemCollector, shown
from transire.values.references import References, check_reference
from transire.values.scalars import name
from transire.yamlio import Node

_NO_ENVIRONMENT = (
    "remove the rule if it is for this one alone, since without environments it would hold in all"
)
_KEYS = ("environments", "clusters", "namespaces")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeReader:
    """Reads where rules of one file hold.

    `places` are the targets of the team, or the clusters for rules for everyone; None where a
    broken file hides them, and then it is not judged whether a rule holds anywhere.
    """

    references: References
    places: tuple[Place, ...] | None = None
    everyone: bool = False

    def scope(self, fields: Fields, collector: ProblemCollector) -> Scoped:
        """The limits of the rule.

        Raises:
            Misfit: if it holds in none of the places.
        """
        misfits = collector.misfits
        scope = Scoped(
            environments=_limit(fields, "environments", self._environment),
            clusters=_limit(fields, "clusters", known_cluster(self.references.clusters)),
            namespaces=_limit(fields, "namespaces", name if self.everyone else self._namespace),
        )
        if collector.misfits == misfits and self.held(scope) == ():
            first = next(entry for key, entry in fields.node.entries.items() if key in _KEYS)
            raise rule_without_target.refusal(
                fields, first.value.at, [each for each in _KEYS if fields.entry(each)], collector
            )
        return scope

    def held(self, scope: Scoped) -> tuple[Place, ...] | None:
        """Where something of that scope holds; None where the places are not known."""
        return None if self.places is None else tuple(filter(scope.holds_in, self.places))

    def _environment(self, node: Node, collector: ProblemCollector) -> str:
        called = name(node, collector)
        known = self.references.environments
        check_reference("environment", called, known, node.at, collector, otherwise=_NO_ENVIRONMENT)
        return called

    def _namespace(self, node: Node, collector: ProblemCollector) -> str:
        called = name(node, collector)
        if self.places is not None and called not in {each.namespace for each in self.places}:
            raise collector.refuse(
                node.at,
                "unknown-namespace",
                f"{shown(called)} is not a namespace of the team",
                "remove it, or declare it under namespaces with its clusters",
            )
        return called


def _limit(fields: Fields, key: str, make: Make[str]) -> frozenset[str] | None:
    found = fields.get(key, each(make), None)
    return None if found is None else frozenset(found)


def targets(
    publications: Iterable[Publication], references: References
) -> tuple[Place, ...] | None:
    """The places of those publications; None where there are none, or a file hides clusters."""
    if references.placed is None:
        return None
    found = tuple(
        Place(
            namespace=each.namespace,
            cluster=each.cluster,
            environment=references.placed[each.cluster],
        )
        for each in publications
    )
    return found or None


def clusters(references: References) -> tuple[Place, ...] | None:
    """Every cluster, for all namespaces that are enrolled there; None where none is known."""
    if not references.placed:
        return None
    return tuple(
        Place(namespace="", cluster=cluster, environment=environment)
        for cluster, environment in sorted(references.placed.items())
    )
