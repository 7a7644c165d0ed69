"""Which of two policies has the last word, as far as tiers go."""

from __future__ import annotations

from math import inf

from transire.model.calico.dialect import DEFAULT
from transire.model.engine import EngineName
from transire.review.lint.read_calico import dialect_of
from transire.review.lint.review import Review
from transire.review.lint.trees import inner
from transire.review.lint.view import Family, Policy

_TIERED = frozenset({EngineName.CALICO, EngineName.CALICO_ENTERPRISE})


def decides_no_later(review: Review, one: Policy, other: Policy) -> bool:
    """Whether what one policy allows counts whatever the other says.

    In Calico that is so in one tier or an earlier one; elsewhere policies always add up. A tier
    that is not given counts as later, so that nothing is claimed about it.
    """
    if review.release.engine not in _TIERED or one.tier == other.tier:
        return True
    orders = _orders(review)
    return orders.get(one.tier, inf) < orders.get(other.tier, inf)


def _orders(review: Review) -> dict[str, float]:
    found = {each.name: each.order for each in dialect_of(review.release).tiers}
    for manifest, tree in review.of_family(Family.CALICO):
        if manifest.ref.kind == "Tier":
            order = inner(tree, "spec").get("order", DEFAULT.order)
            if isinstance(order, int | float):
                found[manifest.ref.name] = float(order)
    return found
