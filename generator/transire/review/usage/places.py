"""The targets that flows of logs are of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from transire.meaning.target import Target
from transire.review.usage.sightings import Origin, Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Flows, each with the one target that it is of, and those that are of none or of several.

    `elsewhere` counts flows of namespaces that no target is for, and `unplaced` those that could be
    of several clusters, both by namespace.
    """

    found: tuple[tuple[Target, Sighting], ...]
    elsewhere: Mapping[str, int]
    unplaced: Mapping[str, int]


class Places:
    """Finds the target of a flow: by its namespace and cluster, or by its namespace alone."""

    def __init__(self, targets: Iterable[Target], cluster: str = "") -> None:
        known = list(targets)
        self._by_namespace: dict[str, list[Target]] = {}
        for each in known:
            if not cluster or each.cluster.name == cluster:
                self._by_namespace.setdefault(each.namespace, []).append(each)
        self._names = {each.cluster.name for each in known}

    def of(self, origin: Origin) -> list[Target]:
        """The targets that the flow may be of; none where it is of no target."""
        found = self._by_namespace.get(origin.namespace, [])
        if origin.cluster in self._names:
            return [each for each in found if each.cluster.name == origin.cluster]
        return found

    def placed(self, sightings: Iterable[Sighting]) -> Placed:
        """Every flow at its target."""
        found: list[tuple[Target, Sighting]] = []
        elsewhere: Counter[str] = Counter()
        unplaced: Counter[str] = Counter()
        for each in sightings:
            match self.of(each.origin):
                case [target]:
                    found.append((target, each))
                case []:
                    elsewhere[each.origin.namespace] += each.count
                case _:
                    unplaced[each.origin.namespace] += each.count
        return Placed(
            found=tuple(found),
            elsewhere=dict(sorted(elsewhere.items())),
            unplaced=dict(sorted(unplaced.items())),
        )
