"""Caveats of a NetworkPolicy that some clients or API servers refuse."""

from __future__ import annotations

from collections.abc import Iterator

from transire.k8s.networkpolicy import NetworkPolicy
from transire.queries.query import Caveat
from transire.queries.ways import spelling_refused, twice_refused, unknown_refused


def networkpolicy_refused(policy: NetworkPolicy) -> Iterator[Caveat]:
    """What to know of a NetworkPolicy that some clients, or newer API servers, refuse."""
    yield from unknown_refused(policy.object, policy.pruned)
    yield from twice_refused(policy.object, policy.repeated)
    yield from spelling_refused(policy.object, policy.spellings)
