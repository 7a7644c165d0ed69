"""Objects as one engine reads them."""

from __future__ import annotations

from typing import Protocol

from transire.k8s.admission import Pruned, Refused
from transire.queries.query import Decision, Query


class Reading(Protocol):
    """Objects as one engine reads them: what it refuses, what is pruned, and what it decides."""

    @property
    def refused(self) -> tuple[Refused, ...]:
        """Objects left out whole."""
        ...

    @property
    def pruned(self) -> tuple[Pruned, ...]:
        """Fields left out, the rest judged."""
        ...

    def decide(self, query: Query) -> Decision:
        """The verdict for one flow, never a guess: what is not modelled is unjudgeable."""
        ...
