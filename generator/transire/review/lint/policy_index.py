"""Which policies may select the same pods, without comparing each with each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from transire.engines.api.policy_shape import MOST_PARTS, Policy
from transire.model.problems import Unjudgeable

MOST_PAIRS = 2_000_000
"""How many pairs of policies are compared."""

_UNPINNED = ("", "")
_Shelf = Mapping[tuple[str, str], tuple[Policy, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyIndex:
    """Policies by namespace, and there by one label that their pods must have.

    Two policies that require one label with different values have no pod in common. `by_manifest`
    holds them by the index of their object.
    """

    shelves: Mapping[str, _Shelf]
    by_manifest: Mapping[int, tuple[Policy, ...]]
    sizes: Mapping[str, int]

    @classmethod
    def of(cls, policies: Iterable[Policy]) -> PolicyIndex:
        """The index of some policies."""
        shelves: defaultdict[str, defaultdict[tuple[str, str], list[Policy]]]
        shelves = defaultdict(lambda: defaultdict(list))
        by_manifest: defaultdict[int, list[Policy]] = defaultdict(list)
        for policy in policies:
            by_manifest[policy.manifest.index].append(policy)
            pin = min(policy.pins.items(), default=_UNPINNED)
            shelves[policy.namespace][pin].append(policy)
        return cls(
            shelves={
                namespace: {pin: tuple(found) for pin, found in shelf.items()}
                for namespace, shelf in shelves.items()
            },
            by_manifest={index: tuple(found) for index, found in by_manifest.items()},
            sizes={
                namespace: sum(map(len, shelf.values())) for namespace, shelf in shelves.items()
            },
        )

    def around(self, policy: Policy) -> tuple[Policy, ...]:
        """The policies in force that may select the same pods, and itself, in their order.

        Raises:
            Unjudgeable: if there are too many to compare each with each, or their selectors are
                too intricate together.
        """
        near = [each for each in self._near(policy) if each.in_force or each is policy]
        if len(near) * self.sizes[policy.namespace] > MOST_PAIRS:
            why = f"{len(near)} policies may select the same pods, too many to compare"
            raise Unjudgeable(str(policy.ref), policy.subject_at, why)
        if sum(each.parts for each in near) > MOST_PARTS:
            why = f"policies for these pods look at parts of labels more than {MOST_PARTS} times"
            raise Unjudgeable(str(policy.ref), policy.subject_at, why)
        return tuple(sorted(near, key=lambda each: (each.manifest.index, each.at)))

    def _near(self, policy: Policy) -> Iterator[Policy]:
        scopes = {policy.namespace, ""} if policy.namespace else self.shelves.keys()
        for scope in scopes:
            for (key, value), found in self.shelves.get(scope, {}).items():
                if policy.pins.get(key, value) == value:
                    yield from found
