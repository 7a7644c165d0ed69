"""The pods whose flows are wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from transire.flows.pod_set import PodSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Some pods; those of one namespace are described without it in each of their flows.

    Targets differ in their namespace and share most of the rest, so sets that leave it out have
    the same parts for all of them.
    """

    pods: PodSet = field(default_factory=PodSet.everything)
    namespace: str | None = None
    """The one whose pods are meant, where the flows are not to name it."""

    @classmethod
    def of(cls, pods: PodSet | Self | None) -> Self:
        """The pods, by all that distinguishes them; None stands for every pod that could exist."""
        if isinstance(pods, PodSet):
            return cls(pods=pods)
        return pods or cls()

    def among(self, selected: PodSet) -> PodSet:
        """Those of the pods that a selector selects."""
        if self.namespace is None:
            return selected & self.pods
        return selected.within(self.namespace) & self.pods

    def any_in(self, namespace: str) -> bool:
        """Whether any of the pods is in the namespace; the empty one stands for all of them."""
        scope = PodSet.in_namespace(namespace) if namespace else PodSet.everything()
        return bool(self.among(scope))
