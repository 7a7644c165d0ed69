"""Where a rule holds: in some environments, on some clusters, in some namespaces, or everywhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A namespace on a cluster, with the cluster's environment.

    `namespace` is empty where it stands for every namespace that is enrolled there.
    """

    namespace: str
    cluster: str
    environment: str


@dataclass(frozen=True, kw_only=True)
class Scoped:
    """What holds only in certain places: all that are given must hold, and None is no limit."""

    environments: frozenset[str] | None = None
    clusters: frozenset[str] | None = None
    namespaces: frozenset[str] | None = None

    def holds_in(self, place: Place) -> bool:
        """Whether it holds in that place, or in some namespace where the place names none."""
        return (
            (self.environments is None or place.environment in self.environments)
            and (self.clusters is None or place.cluster in self.clusters)
            and (
                self.namespaces is None or not place.namespace or place.namespace in self.namespaces
            )
        )

    def meets(self, other: Scoped) -> bool:
        """Whether there can be a place in which both hold."""
        limits = (
            (self.environments, other.environments),
            (self.clusters, other.clusters),
            (self.namespaces, other.namespaces),
        )
        return all(mine is None or theirs is None or mine & theirs for mine, theirs in limits)
