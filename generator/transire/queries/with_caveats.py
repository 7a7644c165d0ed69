"""Decisions with further caveats, each made once.

Readings give one value for many queries, and what shows verdicts relies on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from transire.queries.query import Caveat, Decision

_MOST = 4096


@dataclass(slots=True, eq=False)
class WithCaveats:
    """Gives the same value for the same decision and caveats; what it keeps is bounded."""

    made: dict[tuple[object, ...], tuple[Decision, Decision]] = field(default_factory=dict)

    def of(self, decision: Decision, caveats: Sequence[Caveat]) -> Decision:
        """The decision with these caveats behind its own."""
        if not caveats:
            return decision
        key = id(decision), *caveats
        found = self.made.get(key)
        if found is None:
            if len(self.made) >= _MOST:
                self.made.clear()
            marked = replace(decision, caveats=(*decision.caveats, *caveats))
            found = self.made[key] = decision, marked
        return found[1]
