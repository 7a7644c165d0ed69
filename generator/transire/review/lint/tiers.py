"""Which of two policies has the last word, as far as tiers go."""

from __future__ import annotations

from math import inf

from transire.engines.api.policy_view import Policy
from transire.review.lint.context import CALICO, Review


def decides_no_later(review: Review, one: Policy, other: Policy) -> bool:
    """Whether what one policy allows counts whatever the other says.

    In Calico that is so in one tier or an earlier one; elsewhere policies always add up. A tier
    that is not given counts as later, so that nothing is claimed about it.
    """
    if review.release.engine not in CALICO or one.tier == other.tier:
        return True
    return review.tiers.get(one.tier, inf) < review.tiers.get(other.tier, inf)
