"""The labels by which a rule finds a workload: few, lasting, and no other workload's.

One label where that is enough, the team's own keys first; two where each of them is shared, as
`app.kubernetes.io/name` is by instances of one program. Of keys that always stand together the
better known one is taken. What changes with a release or a run is never used.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from transire.meaning.target import Target
from transire.review.usage.sightings import Origin

Labels = tuple[tuple[str, str], ...]
_KEYS = ("app.kubernetes.io/name", "app", "k8s-app", "app.kubernetes.io/component", "name")
"""Labels that say what a workload is, the best first."""
_PASSING = re.compile(
    r"(?i)(?:hash|uid|revision|version|generation|chart|pod-name|pod-index|job-name|completion-index"
    r"|run[-_]id|try[-_]number|timestamp)$"
)
"""Keys whose values are those of one release, one run or one pod."""


class WorkloadLabels:
    """Knows the workloads of each target; `of` chooses among the labels of one of them."""

    def __init__(self) -> None:
        self._known: dict[str, dict[Labels, set[str]]] = {}
        self._own: dict[str, tuple[str, ...]] = {}
        self._chosen: dict[tuple[str, Origin], Labels] = {}

    def know(self, target: Target, origin: Origin) -> None:
        """A workload of a target, before any is chosen for."""
        labels = _lasting(origin)
        self._known.setdefault(target.name, {}).setdefault(labels, set()).add(origin.workload)

    def of(self, target: Target, origin: Origin) -> Labels:
        """The labels for a rule; none where it has none that last."""
        key = target.name, origin
        if key not in self._chosen:
            self._chosen[key] = self._choice(target, origin)
        return self._chosen[key]

    def _choice(self, target: Target, origin: Origin) -> Labels:
        own = _lasting(origin)
        others = [
            set(labels)
            for labels, workloads in self._known.get(target.name, {}).items()
            if labels != own and workloads != {origin.workload}
        ]
        for chosen in _candidates(dict(own), (*self._own_keys(target), *_KEYS)):
            if not any(each.issuperset(chosen) for each in others):
                return tuple(sorted(chosen))
        return own

    def _own_keys(self, target: Target) -> tuple[str, ...]:
        if target.name not in self._own:
            used = Counter(
                key for rule in target.rules for pods in rule.sources for key, _ in pods.labels
            )
            self._own[target.name] = tuple(key for key, _ in used.most_common())
        return self._own[target.name]


def _lasting(origin: Origin) -> Labels:
    return tuple(each for each in origin.labels or () if not _PASSING.search(each[0]))


def _candidates(labels: dict[str, str], preferred: tuple[str, ...]) -> Iterator[Labels]:
    """One label that is known for it, then two of which one is, the best first."""
    known = [key for key in dict.fromkeys(preferred) if key in labels]
    keys = [*known, *(key for key in labels if key not in known)]
    yield from (((key, labels[key]),) for key in known)
    for one, other in combinations(keys, 2):
        if one in known:
            yield (one, labels[one]), (other, labels[other])
