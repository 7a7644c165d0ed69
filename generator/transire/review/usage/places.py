"""The targets that flows of logs are of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from transire.meaning.target import Target
from transire.review.usage.sightings import Origin, Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Flows, each with the one target that it is of, and those that are of none or of several.

    `elsewhere` counts flows of namespaces that no target is for, and `unplaced` those that could be
    of several clusters, both by namespace; `foreign` those of other clusters, by which.
    """

    found: tuple[tuple[Target, Sighting], ...]
    elsewhere: Mapping[str, int]
    unplaced: Mapping[str, int]
    foreign: Mapping[str, int]


_UNNAMED = {"", "default"}
"""What an agent has as `cluster-name` that nobody gave one."""


class Places:
    """Finds the target of a flow: by its namespace and cluster, or by its namespace alone.

    A line has the name that its agent has as `cluster-name`, which may be that in a mesh.
    """

    def __init__(self, targets: Iterable[Target], cluster: str = "") -> None:
        known = list(targets)
        self._by_namespace: dict[str, list[Target]] = {}
        for each in known:
            if not cluster or each.cluster.name == cluster:
                self._by_namespace.setdefault(each.namespace, []).append(each)
        self._chosen = cluster
        self._names = {each.cluster.name: each.cluster.name for each in known}
        self._names |= {
            each.cluster.mesh.name: each.cluster.name for each in known if each.cluster.mesh
        }

    def foreign(self, origin: Origin) -> str:
        """Why the flow is of another cluster; empty where it need not be."""
        if origin.cluster in _UNNAMED - self._names.keys():
            return ""
        name = self._names.get(origin.cluster)
        if name is None:
            return f"of {origin.cluster}, which is no cluster of the values"
        return f"of {name}" if self._chosen not in {"", name} else ""

    def of(self, origin: Origin) -> list[Target]:
        """The targets that the flow may be of; none where it is of no target."""
        if self.foreign(origin):
            return []
        found = self._by_namespace.get(origin.namespace, [])
        name = self._names.get(origin.cluster)
        return [each for each in found if name in {None, each.cluster.name}]

    def placed(self, sightings: Iterable[Sighting]) -> Placed:
        """Every flow at its target."""
        sorting = Sorting(self)
        found = tuple(sorting.each(sightings))
        return sorting.placed(found)


class Sorting:
    """Flows one by one with their targets, for those who keep none; the others are counted."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._elsewhere: Counter[str] = Counter()
        self._unplaced: Counter[str] = Counter()
        self._foreign: Counter[str] = Counter()

    def each(self, sightings: Iterable[Sighting]) -> Iterator[tuple[Target, Sighting]]:
        """Those that are of one target."""
        for each in sightings:
            match self._places.of(each.origin):
                case [target]:
                    yield target, each
                case [] if why := self._places.foreign(each.origin):
                    self._foreign[why] += each.count
                case []:
                    self._elsewhere[each.origin.namespace] += each.count
                case _:
                    self._unplaced[each.origin.namespace] += each.count

    def placed(self, found: tuple[tuple[Target, Sighting], ...] = ()) -> Placed:
        """Those that somebody kept, and the counts of the others up to now."""
        return Placed(
            found=found,
            elsewhere=dict(sorted(self._elsewhere.items())),
            unplaced=dict(sorted(self._unplaced.items())),
            foreign=dict(sorted(self._foreign.items())),
        )
